// From rounds to figures.
import { cases } from './cases.mjs';
import { shown } from './figures.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The ratios ws : klatch, taken round by round; null where Klatch used nothing. */
function ratio_of(ours, theirs) {
  return ours.every((value) => value > 0) ? spread(ours.map((value, i) => theirs[i] / value)) : null;
}

/** `{ figure: { server: { median, min, max }, …, ratio } }`. */
function summary_of(name, rounds) {
  const summary = {};
  for (const { key, of } of shown[name].figures) {
    const values = Object.fromEntries(cases[name].servers.map((server) => [server, rounds.map((round) => of(round[name][server]))]));
    summary[key] = Object.fromEntries(Object.entries(values).map(([server, list]) => [server, spread(list)]));
    if (values.ws) summary[key].ratio = ratio_of(values.klatch, values.ws);
  }
  return summary;
}

/** Each goal, judged by the median. Of several servers it is the first one's. */
function goals_of(name, summary) {
  const { title: of, figures, ratio_goal } = shown[name];
  const goals = figures.filter(({ goal }) => goal).map(({ key, title, unit, digits, goal }) => (
    { case: name, of, title, unit, digits, sign: goal.sign, limit: goal.limit, value: summary[key][cases[name].servers[0]].median, met: goal.met }));
  if (ratio_goal) goals.push({ ...ratio_goal, case: name, of, unit: '', digits: 2, value: summary[ratio_goal.key].ratio?.median ?? null });
  return goals.map(({ met, ...goal }) => ({ ...goal, met: goal.value !== null && met(goal.value) }));
}

/** In how many rounds the load program may have been what held things up, where in any. */
function bottlenecks(rounds) {
  return Object.keys(rounds[0]).flatMap((name) => cases[name].servers.map((server) => (
    { case: name, server, rounds: rounds.filter((round) => round[name][server].load_is_bottleneck).length }
  ))).filter((each) => each.rounds > 0);
}

export function summarise(rounds) {
  const names = Object.keys(rounds[0]);
  const summary = Object.fromEntries(names.map((name) => [name, summary_of(name, rounds)]));
  return {
    summary,
    goals: names.flatMap((name) => goals_of(name, summary[name])),
    load_as_bottleneck: bottlenecks(rounds),
  };
}
