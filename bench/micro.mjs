// Runs the micro benchmarks, once each.
import { execFileSync } from 'node:child_process';

import { with_fresh_folder } from './stores.mjs';

const folder = 'build/release/bench';

/** How long a run of each is in milliseconds, and with how many messages the store is measured. */
const sizes = {
  full: { run_ms: 50, messages: 250_000 },
  quick: { run_ms: 1, messages: 5_000 },
};

const output_of = (program, ...args) => execFileSync(`${folder}/${program}`, args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** `{ hops: { NAME_ns: … }, codec: [line], store: [line] }`. */
export async function run_micro(size) {
  process.stderr.write('micro benchmarks\n');
  const { run_ms, messages } = sizes[size];
  const lines = (text) => text.trimEnd().split('\n');
  return {
    hops: JSON.parse(output_of('hop_bench', run_ms)),
    codec: lines(output_of('codec_bench', run_ms)),
    store: await with_fresh_folder((store) => lines(output_of('store_bench', store, messages))),
  };
}
