// What the figures were taken on and with.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

import { postgres_version } from './cluster.mjs';

function first_line_of(program, ...args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0];
  } catch {
    return 'unknown';
  }
}

function operating_system() {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))[1];
  } catch {
    return 'unknown';
  }
}

function installed_version(folder, name) {
  try {
    return JSON.parse(readFileSync(`bench/peers/${folder}/node_modules/${name}/package.json`, 'utf8')).version;
  } catch {
    return 'unknown';
  }
}

function compiler() {
  const cache = readFileSync('build/release/CMakeCache.txt', 'utf8');
  return first_line_of(/^CMAKE_CXX_COMPILER:\w+=(.*)$/m.exec(cache)[1], '--version');
}

export function machine() {
  const cores = os.cpus();
  return {
    cpu: cores[0].model.trim(),
    cores: cores.length,
    memory_gib: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release().split('-')[0]}`,
    system: operating_system(),
  };
}

/** `OpenSSL 3.0.19 27 Jan 2026 …`: the system's, which Klatch and the load program use. */
export const openssl_version = () => first_line_of('openssl', 'version');

export function versions() {
  return {
    klatch: first_line_of('build/release/klatch', '--version'),
    commit: first_line_of('git', 'describe', '--always', '--dirty', '--abbrev=12'),
    compiler: compiler(),
    node: process.version,
    openssl: /[\d.]+/.exec(openssl_version())?.[0] ?? 'unknown',
    uwebsockets: installed_version('uwebsockets', 'uwebsockets'),
    ws: installed_version('ws', 'ws'),
    'socket.io': installed_version('socketio', 'socket.io'),
    postgresql: postgres_version(),
    'nats-server': first_line_of('nats-server', '--version').replace('nats-server: ', ''),
    php: /[\d.]+/.exec(first_line_of('php', '--version'))?.[0] ?? 'unknown',
  };
}
