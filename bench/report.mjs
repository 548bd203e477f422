// From figures to a page.
import { cases } from './cases.mjs';
import { shown } from './figures.mjs';
import { servers } from './servers.mjs';

const caveats = [
  'Server, load program and whatever else runs share the same cores: compare figures of one run, by their ratios, rather than figures of two machines.',
  'CPU is user and system time of all of the server\'s threads, as the kernel counts it. On loopback the sender\'s share also holds the work of the network stack.',
  'Resident memory leaves out what the kernel holds for sockets, which is the same for every server.',
  'A round\'s messages of one connection leave the load program in one write, and clients answer without thinking: the closed loop shows what a message costs, not what delay people see.',
  'Files of the filled store are in the operating system\'s cache, as far as it has memory for them, when pages and missed messages are read and when the server starts.',
];

function number(value, digits) {
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function with_unit(value, { unit, digits }) {
  return `${number(value, digits)} ${unit}`.trim();
}

/** `3.64 µs (3.51–3.90)` */
function cell({ median, min, max }, form) {
  return `${with_unit(median, form)} (${number(min, form.digits)}–${number(max, form.digits)})`;
}

function limit_of({ sign, limit, unit }) {
  return `${sign} ${number(limit, Number.isInteger(limit) ? 0 : 1)} ${unit}`.trim();
}

function goal_cell({ goal, unit }, verdict) {
  return goal ? `${limit_of({ ...goal, unit })}: ${verdict.met ? 'met' : '**missed**'}` : '';
}

/** A case's table: a line a figure, a column a server, the ratio of two, and the goal. */
function table_of(name, { summary, goals }) {
  const { title, figures } = shown[name];
  const columns = cases[name].servers;
  const is_compared = columns.length > 1;
  const heads = [title, ...columns.map((server) => servers[server].title), ...(is_compared ? ['ws : Klatch'] : []), 'goal'];
  const lines = [`| ${heads.join(' | ')} |`, `| --- |${' ---: |'.repeat(heads.length - 2)} --- |`];
  for (const form of figures) {
    const values = summary[name][form.key];
    const cells = columns.map((server) => cell(values[server], form));
    if (is_compared) cells.push(values.ratio ? cell(values.ratio, { unit: '', digits: 2 }) : '–');
    const verdict = goals.find((goal) => goal.case === name && goal.title === form.title);
    lines.push(`| ${[form.title, ...cells, goal_cell(form, verdict)].join(' | ')} |`);
  }
  return lines.join('\n');
}

function verdict_line(goal) {
  const { of, title, value, met } = goal;
  return `- ${met ? 'met' : 'NOT MET'}: ${of}: ${title} ${limit_of(goal)}; it is ${value === null ? 'unknown' : with_unit(value, goal)}`;
}

function fill_lines({ fill }) {
  if (!fill) return [];
  const { filled, start_after_kill: start } = fill;
  return [`Filling the store, once: ${number(filled.stored, 0)} messages to ${number(filled.conversations, 0)} conversations from ` +
    `${filled.connections} connections with ${filled.window} sends under way each, nobody there to receive them: ` +
    `${number(filled.stored_per_second, 0)}/s and ${number(filled.server_cpu_us_per_message, 2)} µs of server CPU each. ` +
    `Killed (SIGKILL) right after the last ack, it was ready again ${number(start.ready.p50_ms, 0)} ms after its exec.`];
}

function bottleneck_notes({ load_as_bottleneck, rounds, fill }) {
  const notes = load_as_bottleneck.map((each) => (
    `THE LOAD PROGRAM WAS THE BOTTLENECK in ${each.rounds} of ${rounds.length} rounds of ${servers[each.server].title}, ` +
    `"${shown[each.case].title}": it was busy all the time or late itself, and the server may be better than shown.`));
  if (fill?.filled.load_is_bottleneck) notes.push('While the store was filled, the load program was busy all the time.');
  return notes;
}

/** The tables alone, for a terminal. */
export function tables(result) {
  const parts = Object.keys(result.summary).map((name) => table_of(name, result));
  const missed = result.goals.filter(({ met }) => !met);
  const met = result.goals.filter((goal) => goal.met);
  return [...parts, ...fill_lines(result), [...missed, ...met].map(verdict_line).join('\n'), ...bottleneck_notes(result)]
    .filter((part) => part !== '').join('\n\n');
}

export function page(result) {
  const { machine, versions, commands, made, rounds } = result;
  const code = (lines) => ['```', ...lines, '```'].join('\n');
  return `# Benchmark results

Made by \`script/bench\` on ${made.slice(0, 10)}; do not edit. How to read it: [../README.md](../README.md).
${rounds.length === 1 ? 'One round' : `Medians of ${rounds.length} alternated rounds (least–most)`}; the ratios are taken round by round.

${tables(result)}

## Where and with what
${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB; ${machine.system}, ${machine.kernel}.
${versions.klatch} (commit ${versions.commit}; ${versions.compiler}); Node ${versions.node}, ws ${versions.ws}.

${code(Object.values(commands).flat())}

## Caveats
${caveats.map((text) => `* ${text}`).join('\n')}
`;
}
