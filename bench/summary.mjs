// From rounds to figures.
import { cases } from './cases.mjs';
import { binary_goal, shown } from './figures.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The ratios of two lists, round by round; null if there is none. */
function ratio_of(theirs, ours) {
  return theirs && ours?.every((value) => value > 0) ? spread(theirs.map((value, i) => value / ours[i])) : null;
}

/** `{ case: { figure: { server: [value of each round] } } }`. */
function values_of(rounds) {
  return Object.fromEntries(Object.entries(rounds[0]).map(([name, servers]) => [name, Object.fromEntries(
    shown[name].figures.map(({ key, of }) => [key, Object.fromEntries(
      Object.keys(servers).map((server) => [server, rounds.map((round) => of(round[name][server]))]))]))]));
}

/** The values of Klatch in a case, as it stands there first; undefined if it has not been measured. */
const ours_of = (name, by_server) => by_server?.[cases[name].servers[0]];

/** `{ server: { median, min, max, to_ours: {…} } }`: to_ours is the ratio to Klatch's. */
function summary_of(name, by_server) {
  const ours = ours_of(name, by_server);
  return Object.fromEntries(Object.entries(by_server).map(([server, list]) => (
    [server, { ...spread(list), ...(list !== ours && { to_ours: ratio_of(list, ours) }) }])));
}

/** What a goal judges: a median of Klatch's own, or of its ratios; null if that was not measured. */
function judged_value(goal, values, name, key) {
  const ours = ours_of(name, values[name][key]);
  if (goal.of_server) return ratio_of(ours, values[name][key][goal.of_server])?.median ?? null;
  if (goal.of_case) return ratio_of(ours, ours_of(goal.of_case, values[goal.of_case]?.[key]))?.median ?? null;
  return ours ? median(ours) : null;
}

const verdict = (goal, value) => ({ ...goal, value, met: value === null ? null : goal.met(value) });

function goals_of(name, values) {
  const { title: of, figures } = shown[name];
  return figures.flatMap(({ key, title, unit, digits, goals }) => goals.map((goal) => {
    const scale = goal.of_server || goal.of_case ? { unit: '', digits: 2 } : { unit, digits };
    return verdict({ case: name, of, key, title, ...scale, ...goal }, judged_value(goal, values, name, key));
  }));
}

/** In how many rounds the load program may have been what held things up, where in any. */
function bottlenecks(rounds) {
  return Object.entries(rounds[0]).flatMap(([name, servers]) => Object.keys(servers).map((server) => (
    { case: name, server, rounds: rounds.filter((round) => round[name][server].load_is_bottleneck).length }
  ))).filter((each) => each.rounds > 0);
}

export function summarise(rounds, binary) {
  const values = values_of(rounds);
  const names = Object.keys(values);
  return {
    summary: Object.fromEntries(names.map((name) => [name, Object.fromEntries(
      Object.entries(values[name]).map(([key, by_server]) => [key, summary_of(name, by_server)]))])),
    goals: [...names.flatMap((name) => goals_of(name, values)), verdict(binary_goal, binary.stripped_mib)],
    load_as_bottleneck: bottlenecks(rounds),
  };
}
