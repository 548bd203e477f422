// Builds the service with the release preset, as script/server does, and the load program in a folder of its own, and
// installs the other servers.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', process.stderr, 'inherit'] });
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

function newer(file, than) {
  return existsSync(file) && statSync(file).mtimeMs > statSync(than).mtimeMs;
}

export function prepare() {
  if (!existsSync('build/bench/build.ninja')) run('cmake', '--preset', 'release', '-B', 'build/bench', '-DKLATCH_BENCH=ON');
  run('script/build', 'release', 'klatch');
  run('script/build', 'bench', 'bench_load', 'codec_bench');
  const peer = 'bench/peers/ws';
  if (!newer(`${peer}/node_modules/.package-lock.json`, `${peer}/package-lock.json`)) run('npm', 'ci', '--prefix', peer);
}
