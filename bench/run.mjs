// Measures all servers in alternating rounds: what script/bench runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { machine, versions } from './machine.mjs';
import { full, load_command, quick, run_round } from './measure.mjs';
import { prepare } from './prepare.mjs';
import { page, summarise, tables } from './report.mjs';
import { servers } from './servers.mjs';

const results = 'bench/results';
const usage = `script/bench [--quick] [--rounds N] [--only idle|pairs]

  --rounds N    how often each server is measured (5)
  --only MODE   idle or pairs; prints the table and leaves bench/results/ alone
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
  if (only !== undefined && !Object.hasOwn(full, only)) bad_usage(`--only: neither idle nor pairs: ${only}`);
  return { is_quick, rounds: is_quick ? 1 : Number(rounds), only };
}

function commands_of(plan) {
  return {
    servers: Object.values(servers).map(({ command }) => command.join(' ')),
    load: Object.values(plan).flat().map((flags) => load_command(flags).join(' ')),
  };
}

async function main() {
  const { is_quick, rounds: count, only } = options();
  const everything = is_quick ? quick : full;
  const plan = only ? { [only]: everything[only] } : everything;
  prepare();
  const rounds = [];
  for (let round = 1; round <= count; ++round) rounds.push(await run_round(plan, round));
  if (is_quick) return console.log('All messages arrived once, whole and in order.');

  const result = { made: new Date().toISOString(), machine: machine(), versions: versions(), commands: commands_of(plan), ...summarise(rounds), rounds };
  console.log(tables(result));
  if (only) return;
  mkdirSync(results, { recursive: true });
  writeFileSync(`${results}/latest.json`, `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(`${results}/latest.md`, page(result));
  console.log(`\nWritten to ${results}/latest.md and latest.json.`);
}

main().catch((error) => {
  console.error(`script/bench: ${error.message}`);
  process.exit(1);
});
