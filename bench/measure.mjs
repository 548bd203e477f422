// The measurements: what the load program is told, and the rounds.
import { spawn } from 'node:child_process';

import { servers, with_server } from './servers.mjs';

const load_program = 'build/bench/bench/bench_load';

/** The flags of each measurement of a full run. */
export const full = {
  idle: [['idle', '--connections', '10000', '--settle', '3', '--seconds', '26']],
  pairs: [['pairs', '--pairs', '100', '--window', '8', '--size', '120', '--warm-up', '2', '--seconds', '10']],
};

/** Everything once and shortly, with every form of length that a frame may have. */
export const quick = {
  idle: [['idle', '--connections', '500', '--settle', '0.1', '--seconds', '0.3']],
  pairs: [
    ['pairs', '--pairs', '50', '--window', '8', '--size', '120', '--warm-up', '0.1', '--seconds', '0.7'],
    ['pairs', '--pairs', '50', '--window', '1', '--size', '64', '--warm-up', '0.1', '--seconds', '0.3'],
    ['pairs', '--pairs', '2', '--window', '2', '--size', '65500', '--warm-up', '0.1', '--seconds', '0.3'],
  ],
};

export function load_command(flags) {
  return [load_program, ...flags, '--port', 'PORT', '--pid', 'PID'];
}

/** What the load program says. Throws when one of its checks failed. */
function run_load(flags, { pid, port }) {
  const [program, ...args] = load_command(flags).map((word) => ({ PORT: String(port), PID: String(pid) })[word] ?? word);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (data) => { printed += data; });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(JSON.parse(printed));
      else reject(new Error(`the load program found a fault (status ${status}): ${printed.trim()}`));
    });
  });
}

/**
 * One round: each measurement on each server, one server after the other, a fresh one each time.
 * Returns `{ idle: { klatch: {…}, ws: {…} }, pairs: {…} }`, with the last result of each measurement's flags.
 */
export async function run_round(plan, round) {
  const results = {};
  for (const [mode, variants] of Object.entries(plan)) {
    results[mode] = {};
    for (const name of Object.keys(servers)) {
      for (const flags of variants) {
        process.stderr.write(`round ${round}, ${servers[name].title}, `);
        results[mode][name] = await with_server(name, (server) => run_load(flags, server));
      }
    }
  }
  return results;
}
