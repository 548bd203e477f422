// From rounds to figures, and from figures to a page.
import { servers } from './servers.mjs';

/** What is shown of a measurement: its key, what it means, how one result gives it, how it is printed. */
const figures = {
  pairs: [
    { key: 'cpu_us_per_message', title: 'server CPU a delivered message', unit: 'µs', of: (r) => r.server_cpu_us_per_message, digits: 2 },
    { key: 'delivered_per_second', title: 'delivered messages', unit: '/s', of: (r) => r.delivered_per_second, digits: 0 },
    { key: 'server_cores', title: 'cores that the server used', unit: '', of: (r) => r.server_cores, digits: 2 },
  ],
  idle: [
    { key: 'rss_bytes_per_connection', title: 'resident memory a connection', unit: 'bytes', of: (r) => r.rested.rss_bytes_per_connection, digits: 0 },
    { key: 'pss_bytes_per_connection', title: 'the same, as Pss', unit: 'bytes', of: (r) => r.rested.pss_bytes_per_connection, digits: 0 },
    { key: 'cpu_percent_of_a_core', title: 'CPU while idle, pings included', unit: '% of a core', of: (r) => r.idle_cpu_percent_of_a_core, digits: 2 },
    { key: 'open_cpu_us_per_connection', title: 'CPU to accept and register one', unit: 'µs', of: (r) => r.open_cpu_us_per_connection, digits: 0 },
  ],
};

const titles = {
  pairs: '200 connections in pairs, 8 messages under way from each, 120 bytes of text',
  idle: '10,000 connections registered and idle',
};

const goals = {
  pairs: [{ text: 'CPU a delivered message at most that of Node ws divided by 2.5', met: (s) => s.cpu_us_per_message.ratio >= 2.5 }],
  idle: [
    { text: 'at most 8 KiB of resident memory a connection', met: (s) => s.rss_bytes_per_connection.klatch <= 8192 },
    { text: 'no CPU used: at most 1 % of a core, pings included', met: (s) => s.cpu_percent_of_a_core.klatch <= 1 },
  ],
};

const caveats = [
  'Server, load program and whatever else runs share the same cores: compare figures of one run, by their ratios, rather than figures of two machines.',
  'CPU is user and system time of all of the server\'s threads, as the kernel counts it. On loopback the sender\'s share also holds the work of the network stack.',
  'Resident memory leaves out what the kernel holds for sockets, which is the same for every server.',
  'A round\'s messages of one connection leave the load program in one write, and clients answer without thinking: the closed loop shows what a message costs, not what delay people see.',
];

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Medians by server, and the median of the ratios ws : klatch taken round by round (null where Klatch used nothing). */
function summary_of(mode, rounds) {
  const summary = {};
  for (const { key, of } of figures[mode]) {
    const by_server = (name) => rounds.map((round) => of(round[mode][name]));
    const [ours, theirs] = [by_server('klatch'), by_server('ws')];
    summary[key] = {
      klatch: median(ours),
      ws: median(theirs),
      ratio: ours.every((value) => value > 0) ? median(ours.map((value, i) => theirs[i] / value)) : null,
    };
  }
  return summary;
}

/** Rounds in which the load program may have been what held things up. */
function bottleneck_rounds(rounds) {
  const found = {};
  for (const name of Object.keys(servers))
    found[name] = rounds.filter((round) => round.pairs?.[name].load_is_bottleneck).length;
  return found;
}

export function summarise(rounds) {
  const modes = Object.keys(rounds[0]);
  const summary = Object.fromEntries(modes.map((mode) => [mode, summary_of(mode, rounds)]));
  return {
    summary,
    goals: modes.flatMap((mode) => goals[mode].map(({ text, met }) => ({ text, met: met(summary[mode]) }))),
    rounds_with_load_as_bottleneck: bottleneck_rounds(rounds),
    caveats,
  };
}

function number(value, digits) {
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function table_of(mode, summary) {
  const lines = [`| ${titles[mode]} | Klatch | Node ws | ws : Klatch |`, '| --- | ---: | ---: | ---: |'];
  for (const { key, title, unit, digits } of figures[mode]) {
    const { klatch, ws, ratio } = summary[key];
    const cell = (value) => `${number(value, digits)} ${unit}`.trim();
    lines.push(`| ${title} | ${cell(klatch)} | ${cell(ws)} | ${ratio === null ? '–' : number(ratio, 2)} |`);
  }
  return lines.join('\n');
}

function bottleneck_note({ rounds_with_load_as_bottleneck: found, rounds }) {
  const parts = Object.entries(found).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} of ${rounds.length} rounds of ${servers[name].title}`);
  return parts.length ? [`In ${parts.join(' and ')} the load program was busy all the time: those servers could deliver more messages a second.`] : [];
}

/** The tables alone, for a terminal. */
export function tables(result) {
  const parts = Object.entries(result.summary).map(([mode, summary]) => table_of(mode, summary));
  const verdicts = result.goals.map(({ text, met }) => `- ${met ? 'met' : 'NOT MET'}: ${text}`);
  return [...parts, verdicts.join('\n')].join('\n\n');
}

export function page(result) {
  const { machine, versions, commands, made, rounds } = result;
  const code = (lines) => ['```', ...lines, '```'].join('\n');
  return `# Benchmark results

Made by \`script/bench\` on ${made.slice(0, 10)}; do not edit. How to read it: [../README.md](../README.md).
${rounds.length === 1 ? 'One round' : `Medians of ${rounds.length} alternated rounds`}; the ratios are taken round by round.

${tables(result)}

## Where and with what
${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB; ${machine.system}, ${machine.kernel}.
${versions.klatch} (commit ${versions.commit}; ${versions.compiler}); Node ${versions.node}, ws ${versions.ws}.

${code(Object.values(commands).flat())}

## Caveats
${[...result.caveats, ...bottleneck_note(result)].map((text) => `* ${text}`).join('\n')}
`;
}
