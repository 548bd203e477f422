// Builds the service with the release preset, as script/server does, and the programs of the benchmark beside it, and
// installs the other servers.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

import { has_postgres } from './cluster.mjs';
import { make_secrets } from './secrets.mjs';
import { servers } from './servers.mjs';

const programs = ['bench_load', 'beast_peer', 'cluster_bench', 'codec_bench', 'hop_bench', 'store_bench', 'token_bench'];

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', process.stderr, 'inherit'] });
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

function newer(file, than) {
  return existsSync(file) && statSync(file).mtimeMs > statSync(than).mtimeMs;
}

export function prepare() {
  const cache = 'build/release/CMakeCache.txt';
  const is_configured = existsSync(cache) && /^KLATCH_BENCH:BOOL=ON$/m.test(readFileSync(cache, 'utf8'));
  if (!is_configured) run('flock', 'build/release.lock', 'cmake', '--preset', 'release', '-DKLATCH_BENCH=ON');
  run('script/build', 'release', 'klatch', ...programs);
  make_secrets();
}

const is_on_path = (program) => process.env.PATH.split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));

/** Builds a Go module's program, unless it is there. Returns why it cannot be had. */
function build_module(module, program) {
  if (existsSync(program)) return undefined;
  if (!is_on_path('go')) return 'go is not installed';
  const env = { ...process.env, GOBIN: path.resolve(path.dirname(program)) };
  const { status } = spawnSync('go', ['install', module], { stdio: ['ignore', process.stderr, 'inherit'], env });
  return status === 0 ? undefined : `go install ${module} failed`;
}

/** Why a server cannot be measured here; undefined if it can. */
function obstacle({ package: folder, program, module, command, needs_postgres: needs }) {
  if (program && !is_on_path(program)) return `${program} is not installed (script/dependencies bench)`;
  if (needs && !has_postgres()) return 'PostgreSQL is not installed (script/dependencies bench)';
  if (module) return build_module(module, command[0]);
  if (!folder) return undefined;
  const peer = `bench/peers/${folder}`;
  if (newer(`${peer}/node_modules/.package-lock.json`, `${peer}/package-lock.json`)) return undefined;
  try {
    run('npm', 'ci', '--prefix', peer, '--ignore-scripts');
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Those of `names` that can be measured here. Says of each other one why not. */
export function available(names) {
  return names.filter((name) => {
    const reason = obstacle(servers[name]);
    if (reason) process.stderr.write(`left out: ${servers[name].title}: ${reason}\n`);
    return !reason;
  });
}

/** Sizes of the release binary. */
export function binary_sizes() {
  const folder = mkdtempSync('build/stripped-');
  try {
    run('strip', '-o', `${folder}/klatch`, 'build/release/klatch');
    const mib = (file) => statSync(file).size / 2 ** 20;
    return { mib: mib('build/release/klatch'), stripped_mib: mib(`${folder}/klatch`) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
