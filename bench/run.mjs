// Measures all servers in alternating rounds: what script/bench runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { apart, cases_of, fills, groups } from './cases.mjs';
import { chart } from './chart.mjs';
import { end_postgres } from './cluster.mjs';
import { machine, versions } from './machine.mjs';
import { fill, load_command, run_round } from './measure.mjs';
import { run_micro } from './micro.mjs';
import { available, binary_sizes, prepare } from './prepare.mjs';
import { page, tables } from './report.mjs';
import { servers } from './servers.mjs';
import { with_fresh_folder } from './stores.mjs';
import { summarise } from './summary.mjs';

const results = 'bench/results';
const usage = `script/bench [--quick] [--rounds N] [--only GROUP] [--servers NAME,…]

  --rounds N      how often everything is measured (5)
  --only GROUP    ${groups.join(', ')}
  --servers …     of ${Object.keys(servers).join(', ')}
                  with either the tables are printed, and bench/results/ is left alone; but ${apart.join(', ')} is measured
                  by itself alone, and has a page of its own there
  --quick         one very short round, to see that all of it runs and that messages arrive once, whole and in order;
                  says nothing about speed and leaves bench/results/ alone
`;

/** The page of results that a group is on, or all are; undefined: none. */
const page_of = (group) => (group === undefined ? 'latest' : apart.find((each) => each === group));

function bad_usage(message) {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(2);
}

function parsed_arguments() {
  const text = { type: 'string' };
  const known = { quick: { type: 'boolean' }, rounds: text, only: text, servers: text, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ options: known }).values;
  } catch (error) {
    return bad_usage(error.message);
  }
}

function options() {
  const { quick: is_quick = false, rounds = '5', only, servers: names, help = false } = parsed_arguments();
  if (help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  if (!/^[1-9]\d{0,3}$/.test(rounds)) bad_usage(`--rounds: not a number from 1 to 9999: ${rounds}`);
  if (only !== undefined && !groups.includes(only)) bad_usage(`--only: none of ${groups.join(', ')}: ${only}`);
  const wanted = names?.split(',') ?? Object.keys(servers);
  const unknown = wanted.find((name) => !servers[name]);
  if (unknown !== undefined) bad_usage(`--servers: none of ${Object.keys(servers).join(', ')}: ${unknown}`);
  return { is_quick, rounds: is_quick ? 1 : Number(rounds), only, wanted, page_name: names === undefined ? page_of(only) : undefined };
}

/** What was run, for the page: each line once, with the flags that a server needs as the first one has them. */
function commands_of(plan, is_filled) {
  const used = new Set(Object.values(plan).flatMap((each) => each.servers));
  return {
    servers: [...used].map((name) => servers[name].command.join(' ')),
    fill: is_filled ? [load_command({}, 'stored', fills.full.flags).join(' ')] : [],
    load: Object.values(plan).flatMap((each) => each.full.map((flags) => load_command(each, each.servers[0], flags).join(' '))),
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

function write(result, written, name) {
  mkdirSync(results, { recursive: true });
  writeFileSync(`${results}/${name}.json`, `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(`${results}/${name}.md`, written);
  if (name === 'latest') writeFileSync(`${results}/chart.svg`, chart(result));
  console.log(`\nWritten to ${results}/${name}.md and what belongs to it.`);
}

async function main() {
  const { is_quick, rounds: count, only, wanted, page_name } = options();
  const size = is_quick ? 'quick' : 'full';
  prepare();
  const present = available(wanted);
  const plan = cases_of(only, (name) => present.includes(name));
  if (Object.keys(plan).length === 0) throw new Error('there is nothing to measure');
  const measured = await measure_all(plan, size, count).finally(end_postgres);
  const micro = page_name === 'latest' ? await run_micro(size) : undefined;
  const binary = binary_sizes();
  const result = {
    made: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    left_out: wanted.filter((name) => !present.includes(name)),
    commands: commands_of(plan, measured.fill !== undefined),
    ...summarise(measured.rounds, binary),
    binary,
    micro,
    ...measured,
  };
  const written = page(result, page_name ?? only); // has to come about in a quick run too, as has the chart
  if (is_quick && page_name === 'latest') chart(result);
  if (is_quick) return console.log('All messages arrived once, whole and in order.');
  console.log(tables(result));
  if (page_name) write(result, written, page_name);
}

main().catch((error) => {
  console.error(`script/bench: ${error.message}`);
  process.exit(1);
});
