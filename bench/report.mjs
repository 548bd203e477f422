// From figures to a page.
import { shown } from './figures.mjs';
import { servers } from './servers.mjs';

const caveats = [
  'The loads are synthetic: short texts of one size, on loopback, without compression and, but where it says so, without TLS, between clients that never think.',
  'The other servers keep nothing on disk, limit nothing and check less than Klatch does; nats-server does not even look into what it passes on.',

  'Server, load program and whatever else runs share the same cores: compare figures of one run, by their ratios, rather than figures of two machines.',
  'CPU is user and system time of all of the server\'s threads, as the kernel counts it. On loopback the sender\'s share also holds the work of the network stack.',
  'Resident memory leaves out what the kernel holds for sockets, which is the same for every server.',
  'A round\'s messages of one connection leave the load program in one write, and clients answer without thinking: the closed loop shows what a message costs, not what delay people see.',
  'The filled store is at rest when it is read: it writes nothing into its indexes meanwhile. Its files are read once before each measurement, so that the system has them in memory, or else it is made to forget them, as the titles say.',
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

/** The same, and how that compares with Klatch's, round by round: `, × 4.45`. */
function cell_beside(value, form) {
  return value.to_ours ? `${cell(value, form)}, × ${number(value.to_ours.median, 2)}` : cell(value, form);
}

/** `≤ 3 µs`, or `≤ 0.75 × uWebSockets.js`. */
function limit_of({ sign, limit, unit, of_server, of_case }) {
  const digits = Number.isInteger(limit) ? 0 : limit > 1 && Number.isInteger(limit * 10) ? 1 : 2;
  const value = `${sign} ${number(limit, digits)}`;
  if (of_server) return `${value} × ${servers[of_server].title}`;
  if (of_case) return `${value} × "${shown[of_case].title}"`;
  return `${value} ${unit}`.trim();
}

const judgements = new Map([[true, 'met'], [false, '**missed**'], [null, 'not measured']]);

/** A case's table: a line a figure, a column a server, and the goals. */
function table_of(name, { summary, goals }) {
  const { title, figures } = shown[name];
  const columns = Object.keys(Object.values(summary[name])[0]);
  const heads = [title, ...columns.map((server) => servers[server].title), 'goal'];
  const lines = [`| ${heads.join(' | ')} |`, `| --- |${' ---: |'.repeat(columns.length)} --- |`];
  for (const form of figures) {
    const cells = columns.map((server) => cell_beside(summary[name][form.key][server], form));
    const verdicts = goals.filter((goal) => goal.case === name && goal.key === form.key)
      .map((goal) => `${limit_of(goal)}: ${judgements.get(goal.met)}`);
    lines.push(`| ${[form.title, ...cells, verdicts.join('; ')].join(' | ')} |`);
  }
  return lines.join('\n');
}

function verdict_line(goal) {
  const { of, title, value, met } = goal;
  const word = { true: 'met', false: 'NOT MET', null: 'not measured' }[met];
  return `- ${word}: ${of}: ${title} ${limit_of(goal)}${value === null ? '' : `; it is ${with_unit(value, goal)}`}`;
}

const hop_titles = {
  hop_on_a_worker_ns: 'from an actor to one on the same worker and its handling',
  hop_across_workers_ns: 'to one on another worker, which has to wake up',
  hop_across_workers_64_under_way_ns: 'the same, with 64 messages under way',
  look_up_on_a_worker_ns: 'a look-up in the directory and its answer, on the same worker',
  look_up_across_workers_ns: 'the same across workers, one after the other',
  frame_ns: 'a frame of 200 bytes into a socket, with a send of its own',
  frame_in_a_send_of_8_ns: 'the same, 8 of them with one send',
};

function micro_lines({ micro }) {
  if (!micro) return [];
  const rows = Object.entries(micro.hops).map(([key, ns]) => `| ${hop_titles[key]} | ${number(ns, 0)} ns |`);
  return [
    ['## By themselves', 'CPU time of all threads, the best of several short runs.', '',
      '| what | an operation |', '| --- | ---: |', ...rows].join('\n'),
    ['```', ...micro.codec, '```'].join('\n'),
    ['```', ...micro.store, '```'].join('\n'),
  ];
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
  const verdicts = [false, null, true].flatMap((met) => result.goals.filter((goal) => goal.met === met));
  return [...parts, ...fill_lines(result), verdicts.map(verdict_line).join('\n'), ...bottleneck_notes(result), ...micro_lines(result)]
    .filter((part) => part !== '').join('\n\n');
}

function left_out_line({ left_out }) {
  return left_out.length ? `\nLeft out, since not installed: ${left_out.map((name) => servers[name].title).join(', ')}.` : '';
}

const picture = '\n![CPU a message, memory a connection and delays of all servers](chart.svg)\n';

/** `name`: of the page, or of the group that it is about. */
export function page(result, name) {
  const { machine, versions, commands, made, rounds, binary } = result;
  const { klatch, commit, compiler, node, ...others } = versions;
  const code = (lines) => ['```', ...lines, '```'].join('\n');
  const is_latest = name === 'latest';
  return `# Benchmark results${is_latest ? '' : `: ${name}`}

Made by \`script/bench${is_latest ? '' : ` --only ${name}`}\` on ${made.slice(0, 10)}; do not edit. How to read it: [../README.md](../README.md).
${rounds.length === 1 ? 'One round' : `Medians of ${rounds.length} alternated rounds (least–most)`}; × is the ratio to Klatch's figure, taken round by round.${left_out_line(result)}
${is_latest ? picture : ''}
${tables(result)}

## Where and with what
${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB; ${machine.system}, ${machine.kernel}.
${klatch} (commit ${commit}; ${compiler}), ${number(binary.mib, 2)} MiB, ${number(binary.stripped_mib, 2)} MiB stripped.
Node ${node}, ${Object.entries(others).map(([name, version]) => `${name} ${version}`).join(', ')}.

${code(Object.values(commands).flat())}

## Caveats
${caveats.map((text) => `* ${text}`).join('\n')}
`;
}
