// The results at a glance, as SVG.
import { cases } from './cases.mjs';
import { shown } from './figures.mjs';
import { servers } from './servers.mjs';

/** The panels: which figure of which case, and what it is called here. */
const panels = [
  { name: 'pairs', key: 'cpu_us_per_message', title: 'Server CPU a delivered message, 8 under way (µs)' },
  { name: 'pairs_one', key: 'cpu_us_per_message', title: 'Server CPU a delivered message, 1 under way (µs)' },
  { name: 'resident', key: 'rss_bytes_per_connection', title: 'Resident memory an idle connection (bytes)' },
  { name: 'rate', key: 'p99_ms', title: '99th percentile of the delay at 20,000 messages a second (ms)' },
];

const row_height = 22;
const bar_height = 14;
const names_width = 140;
const bars_width = 380;
const values_width = 70;
const title_height = 34;
const gap = 18;
const width = names_width + bars_width + values_width;

const style = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .name { text-anchor: end }
  .ours { fill: #0969da }
  .others { fill: #afb8c1 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .ours { fill: #58a6ff }
    .others { fill: #57606a }
  }`;

function printed(value, { key, name }) {
  const { digits } = shown[name].figures.find((figure) => figure.key === key);
  return value.toLocaleString('en-GB', { maximumFractionDigits: Math.min(digits, 2) });
}

function bar(panel, server, { median }, top, scale) {
  const length = Math.max(median * scale, 1).toFixed(1);
  const middle = top + bar_height - 3;
  return [
    `<text class="name" x="${names_width - 8}" y="${middle}">${servers[server].title}</text>`,
    `<rect class="${server === cases[panel.name].servers[0] ? 'ours' : 'others'}" x="${names_width}" y="${top}" width="${length}" height="${bar_height}" rx="2"/>`,
    `<text x="${(names_width + Number(length) + 6).toFixed(1)}" y="${middle}">${printed(median, panel)}</text>`,
  ];
}

/** A chart of the four figures that say most. `result` has their cases. */
export function chart({ summary }) {
  let top = 0;
  const lines = [];
  for (const panel of panels) {
    const by_server = Object.entries(summary[panel.name][panel.key]);
    const scale = bars_width / Math.max(...by_server.map(([, { median }]) => median));
    lines.push(`<text class="title" x="0" y="${top + 20}">${panel.title}</text>`);
    top += title_height;
    for (const [server, value] of by_server) {
      lines.push(...bar(panel, server, value, top, scale));
      top += row_height;
    }
    top += gap;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img">
<title>Klatch beside other servers; less is better</title>
<style>${style}
</style>
${lines.join('\n')}
</svg>
`;
}
