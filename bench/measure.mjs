// Runs the load program: once to fill a store, then in rounds.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { measure_centrifugo } from './centrifugo.mjs';
import { with_database } from './cluster.mjs';
import { command_of, environment, servers, with_nodes, with_server } from './servers.mjs';
import { forget_in_memory, read_into_memory, with_fresh_folder } from './stores.mjs';

const load_program = 'build/release/bench/bench_load';

/** What is run for some flags on a server; PORT, PID, DATA, URL and so on stand for what is not known before. */
export function load_command({ program, starts, more }, server, flags) {
  if (program) return [`build/release/bench/${program}`, ...flags, ...(more?.[server] ?? [])];
  if (starts) return [load_program, ...flags, '--', ...servers[server].command];
  return [load_program, ...flags, ...(more?.[server] ?? []), ...(servers[server].load ?? []), '--port', 'PORT', '--pid', 'PID'];
}

/** The result that a program has printed, on the last line: what a library logs stands before it. */
const result_in = (printed) => JSON.parse(printed.trimEnd().split('\n').at(-1));

/** What the load program says. Throws when one of its checks failed. */
function run_load([program, ...args]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: environment() });
  let printed = '';
  child.stdout.on('data', (data) => { printed += data; });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(printed);
      else reject(new Error(`the load program found a fault (status ${status}): ${printed.trim()}`));
    });
  }).then(result_in);
}

const value_of = (name, flags) => Number(flags[flags.indexOf(name) + 1]);

/** Runs the load program on nodes that share a database, or what else is to be measured with a database. */
function measure_with_database(each, server, flags) {
  const words = (values) => load_command(each, server, flags).map((word) => values[word] ?? word);
  return with_database(async (database) => {
    const shared = { URL: database.url, POSTGRES: String(database.pid), DATA: database.folder };
    if (server === 'centrifugo') return measure_centrifugo(database, { warm_up: value_of('--warm-up', flags), seconds: value_of('--seconds', flags) });
    if (!servers[server].nodes) return run_load(words(shared));
    return with_nodes(server, database, async ({ first, others, beside, bus }) => {
      if (each.program) return run_load(words({ ...shared, BUS: bus }));
      const result = await run_load([
        ...words({ ...shared, PORT: String(first.port), PID: String(first.pid) }),
        ...others.flatMap(({ port }) => ['--other-port', String(port)]),
        ...beside.flatMap(([name, pid]) => ['--beside', `${name}=${pid}`]),
      ]);
      const [messages, batches] = database.sql('SELECT (SELECT count(*) FROM message), last_value FROM blocks').split('|').map(Number);
      return { ...result, messages_a_batch: messages / batches };
    });
  });
}

/** Runs the load program on `server` with its store in `folder`. */
function measure(each, server, flags, folder, how) {
  const words = (values) => load_command(each, server, flags).map((word) => values[word] ?? word);
  if (each.store === 'database' && servers[server].needs_postgres) return measure_with_database(each, server, flags);
  if (each.starts || each.program) return run_load(words({ DATA: folder }));
  return with_server(server, folder, ({ pid, port }) => run_load(words({ PID: String(pid), PORT: String(port), DATA: folder })), how);
}

/** User and system time of all threads of a process, in ticks of the system. */
function cpu_ticks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Has a server put into its indexes whatever it has put off. */
function settle(folder) {
  return with_server('stored', folder, async ({ pid }) => {
    for (let before = -1, now = cpu_ticks(pid); now !== before; now = cpu_ticks(pid)) {
      before = now;
      await sleep(500);
    }
  });
}

/** Measures on the store that has been filled. */
async function measure_filled(each, server, flags, folder) {
  if (each.files === 'on disk') forget_in_memory(folder);
  else await read_into_memory(folder);
  return measure(each, server, flags, folder);
}

/** Fills the store in `folder`, kills the server, and starts it again: how fast was the one, how long took the other? */
export async function fill(flags, folder) {
  process.stderr.write('once, ');
  const filled = await measure({}, 'stored', flags, folder, { kill: true });
  process.stderr.write('after a kill, ');
  const start = await run_load([load_program, 'start', '--repeat', '1', '--', ...command_of('stored', folder)]);
  await settle(folder);
  return { filled, start_after_kill: start };
}

/**
 * One round: each case on each of its servers, one after the other, a fresh one each time. Returns
 * `{ pairs: { klatch: {…}, ws: {…} }, stored_pairs: { stored: {…} }, … }`, with the last result of each case's variants.
 */
export async function run_round(cases, size, filled_folder, round) {
  const results = {};
  for (const [name, each] of Object.entries(cases)) {
    results[name] = {};
    for (const server of each.servers) {
      for (const flags of each[size]) {
        process.stderr.write(`round ${round}, ${servers[server].title}, `);
        results[name][server] = each.store === 'filled'
          ? await measure_filled(each, server, flags, filled_folder)
          : await with_fresh_folder((folder) => measure(each, server, flags, folder));
      }
    }
  }
  return results;
}
