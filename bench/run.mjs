// Measures all servers in alternating rounds: what script/bench runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { cases_of, fills, groups } from './cases.mjs';
import { machine, versions } from './machine.mjs';
import { fill, load_command, run_round } from './measure.mjs';
import { prepare } from './prepare.mjs';
import { page, tables } from './report.mjs';
import { servers } from './servers.mjs';
import { with_fresh_folder } from './stores.mjs';
import { summarise } from './summary.mjs';

const results = 'bench/results';
const usage = `script/bench [--quick] [--rounds N] [--only MODE]

  --rounds N    how often everything is measured (5)
  --only MODE   ${groups.join(', ')}; prints the tables and leaves bench/results/ alone
  --quick       one very short round, to see that all of it runs and that messages arrive once, whole and in order;
                says nothing about speed and leaves bench/results/ alone
`;

function bad_usage(message) {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(2);
}

function options() {
  const known = { quick: { type: 'boolean' }, rounds: { type: 'string' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } };
  let values;
  try {
    ({ values } = parseArgs({ options: known }));
  } catch (error) {
    bad_usage(error.message);
  }
  const { quick: is_quick = false, rounds = '5', only, help = false } = values;
  if (help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  if (!/^[1-9]\d{0,3}$/.test(rounds)) bad_usage(`--rounds: not a number from 1 to 9999: ${rounds}`);
  if (only !== undefined && !groups.includes(only)) bad_usage(`--only: none of ${groups.join(', ')}: ${only}`);
  return { is_quick, rounds: is_quick ? 1 : Number(rounds), only };
}

/** What was run, for the page. */
function commands_of(plan, is_filled) {
  const used = new Set(Object.values(plan).flatMap((each) => each.servers));
  return {
    servers: [...used].map((name) => servers[name].command.join(' ')),
    fill: is_filled ? [load_command({ servers: ['stored'] }, fills.full.flags).join(' ')] : [],
    load: Object.values(plan).flatMap((each) => each.full.map((flags) => load_command(each, flags).join(' '))),
  };
}

/** All rounds, and before them the store that some cases need: `{ fill, rounds }`. */
async function measure_all(plan, size, count) {
  const in_filled = async (folder) => {
    const filled = folder && await fill(fills[size].flags, folder);
    const rounds = [];
    for (let round = 1; round <= count; ++round) rounds.push(await run_round(plan, size, folder, round));
    return { fill: filled, rounds };
  };
  const is_filled = Object.values(plan).some(({ store }) => store === 'filled');
  return is_filled ? with_fresh_folder(in_filled) : in_filled(undefined);
}

function write(result, written) {
  mkdirSync(results, { recursive: true });
  writeFileSync(`${results}/latest.json`, `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(`${results}/latest.md`, written);
  console.log(`\nWritten to ${results}/latest.md and latest.json.`);
}

async function main() {
  const { is_quick, rounds: count, only } = options();
  const plan = cases_of(only);
  prepare();
  const measured = await measure_all(plan, is_quick ? 'quick' : 'full', count);
  const result = {
    made: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    commands: commands_of(plan, measured.fill !== undefined),
    ...summarise(measured.rounds),
    ...measured,
  };
  const written = page(result); // has to come about in a quick run too
  if (is_quick) return console.log('All messages arrived once, whole and in order.');
  console.log(tables(result));
  if (!only) write(result, written);
}

main().catch((error) => {
  console.error(`script/bench: ${error.message}`);
  process.exit(1);
});
