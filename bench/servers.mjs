// The servers that are compared: how each is started and stopped.
import { spawn } from 'node:child_process';

import { module_path, program as centrifugo } from './centrifugo.mjs';
import { with_nats } from './cluster.mjs';
import { certificate, certificate_key, keys, token_key } from './secrets.mjs';

const without_listeners = ['build/release/klatch', '--send-rate', '0', '--byte-rate', '0', '--max-per-address', '0', '--log-level', 'warn'];
const klatch = [...without_listeners, '--listen', '127.0.0.1:0'];
const with_tls = [...klatch, '--listen-tls', '127.0.0.1:0', '--tls-cert', certificate, '--tls-key', certificate_key];
const http = /(?:http|ws):\/\/127\.0\.0\.1:(\d+)/;
const https = /https:\/\/127\.0\.0\.1:(\d+)/;
const node = [...klatch, '--store', 'URL'];
const node_tls = ['node', 'bench/peers/uwebsockets/server.js', '0', certificate, certificate_key];

/**
 * Started in the repository's root; each prints a line with its address once it accepts connections, on standard output
 * or where `says_on` names it. `DATA` in a command stands for the folder of its store. `stops_on`: the signal that ends
 * it, if it is not SIGTERM. `address`: which of those that it prints is connected to, if it is not that without TLS.
 * `load`: flags of the load program that this server needs. `package`: the folder of bench/peers whose npm packages it
 * takes; `program`: what else has to be installed; `module`: the Go module that it is built from. `nodes`: how many of
 * them share a database, whose URL stands for `URL`, and `bus`, `nats` or PostgreSQL itself.
 */
export const servers = {
  klatch: {
    title: 'Klatch',
    command: [...klatch, '--store', 'none'],
  },
  stored: {
    title: 'Klatch with its store',
    command: [...klatch, '--store', 'sqlite', '--sync', 'full', '--data', 'DATA'],
  },
  tokens: {
    title: 'Klatch with tokens',
    command: [...klatch, '--store', 'none', '--keys', keys],
    load: ['--token-key', token_key],
  },
  tls: {
    title: 'Klatch with TLS',
    command: [...with_tls, '--store', 'none'],
    load: ['--tls'],
    address: https,
  },
  tls_one: {
    title: 'Klatch with TLS on one worker',
    command: [...with_tls, '--store', 'none', '--threads', '1'],
    load: ['--tls'],
    address: https,
  },
  secured: {
    title: 'Klatch with tokens and TLS',
    command: [...with_tls, '--store', 'none', '--keys', keys],
    load: ['--token-key', token_key],
  },
  passed: {
    title: 'Klatch behind a passed socket',
    command: [...without_listeners, '--store', 'sqlite', '--sync', 'full', '--data', 'DATA'],
  },
  scraped: {
    title: 'Klatch whose metrics are read',
    command: [...klatch, '--store', 'none'],
  },
  beast: {
    title: 'Beast, no actors',
    command: ['build/release/bench/beast_peer'],
  },
  uwebsockets: {
    title: 'uWebSockets.js',
    command: ['node', 'bench/peers/uwebsockets/server.js'],
    package: 'uwebsockets',
  },
  uwebsockets_tls: {
    title: 'uWebSockets.js with TLS',
    command: node_tls,
    package: 'uwebsockets',
    load: ['--tls'],
    address: https,
  },
  uwebsockets_tls_low: {
    title: 'the same with ssl_prefer_low_memory_usage',
    command: [...node_tls, '--low-memory'],
    package: 'uwebsockets',
    load: ['--tls'],
    address: https,
  },
  ws: {
    title: 'Node ws',
    command: ['node', 'bench/peers/ws/server.js'],
    package: 'ws',
  },
  socketio: {
    title: 'socket.io',
    command: ['node', 'bench/peers/socketio/server.js'],
    package: 'socketio',
    load: ['--carrier', 'socketio', '--path', '/socket.io/?EIO=4&transport=websocket'],
  },
  nats: {
    title: 'nats-server',
    command: ['nats-server', '-c', 'bench/peers/nats/nats.conf'],
    program: 'nats-server',
    says_on: 'stderr',
    stops_on: 'SIGINT', // it takes SIGTERM for a failure
    load: ['--carrier', 'nats', '--path', '/'],
  },
  cluster_store: {
    title: 'PostgreSQL',
    needs_postgres: true,
    command: [],
  },
  sqlite_store: {
    title: 'SQLite',
    command: [],
  },
  node_one: {
    title: 'Klatch, 1 node',
    needs_postgres: true,
    command: node,
    nodes: 1,
  },
  node_two: {
    title: '2 nodes, bus PostgreSQL',
    needs_postgres: true,
    command: node,
    nodes: 2,
  },
  node_two_nats: {
    title: '2 nodes, bus NATS',
    needs_postgres: true,
    program: 'nats-server',
    command: node,
    nodes: 2,
    bus: 'nats',
  },
  node_three: {
    title: '3 nodes, bus PostgreSQL',
    needs_postgres: true,
    command: node,
    nodes: 3,
  },
  node_three_nats: {
    title: '3 nodes, bus NATS',
    needs_postgres: true,
    program: 'nats-server',
    command: node,
    nodes: 3,
    bus: 'nats',
  },
  centrifugo: {
    title: 'Centrifugo with its PostgreSQL broker',
    needs_postgres: true,
    module: module_path,
    command: [centrifugo],
  },
  php: {
    title: 'PHP socket_select',
    command: ['php', 'bench/peers/php/server.php'],
    program: 'php',
  },
};

const start_ms = 20_000;
const stop_ms = 20_000;

/** Settings of whoever runs this must not become the server's. */
export function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KLATCH_')));
}

/** Waits for `promise`, or fails with `reason` after `ms`. */
async function within(ms, reason, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(reason)), ms); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The words of a server's command, with its store in `folder`. */
export function command_of(name, folder) {
  return servers[name].command.map((word) => (word === 'DATA' ? folder : word));
}

/** Runs `use(flags, { url, pid })` with the bus that the nodes of `name` have; the latter is empty if it is not NATS. */
function with_bus(name, use) {
  if (servers[name].bus !== 'nats') return use([], {});
  return with_nats((nats) => use(['--bus', nats.url], nats));
}

/**
 * Runs `use({ first, others, beside, bus })` with the nodes of `name`, which share `database`: `first` and `others` have
 * `pid` and `port` each; `beside`: `[name, pid]` of all processes but the first node that a message makes work for.
 */
export function with_nodes(name, database, use) {
  const { nodes: count } = servers[name];
  return with_bus(name, (flags, nats) => {
    const start = (nodes) => {
      if (nodes.length < count) {
        const command = [...servers[name].command.map((word) => (word === 'URL' ? database.url : word)), ...flags, '--node', `node${nodes.length + 1}`];
        return with_process(name, command, (next) => start([...nodes, next]));
      }
      const [first, ...others] = nodes;
      const beside = [...others.map(({ pid }) => ['other_nodes', pid]), ['postgres', database.pid], ...(nats.pid ? [['nats', nats.pid]] : [])];
      return use({ first, others, beside, bus: nats.url });
    };
    return start([]);
  });
}

/**
 * Runs `use({ pid, port })` with a fresh server, whose store is in `folder` if it has one. It has to end with status 0
 * when told to, unless it is to be killed.
 */
export function with_server(name, folder, use, how) {
  return with_process(name, command_of(name, folder), use, how);
}

async function with_process(name, [program, ...args], use, { kill = false } = {}) {
  const says_on = servers[name].says_on ?? 'stdout';
  const stdio = says_on === 'stdout' ? ['ignore', 'pipe', 'inherit'] : ['ignore', 'ignore', 'pipe'];
  const child = spawn(program, args, { stdio, env: environment() });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (status, signal) => resolve(signal ?? status));
  });
  try {
    const port = await within(start_ms, `${name} did not start`, Promise.race([
      listening_port(child[says_on], servers[name].address ?? http),
      ended.then((how) => { throw new Error(`${name} ended at its start: ${how}`); }),
    ]));
    const result = await use({ pid: child.pid, port });
    child.kill(kill ? 'SIGKILL' : servers[name].stops_on ?? 'SIGTERM');
    const how = await within(stop_ms, `${name} did not stop`, ended);
    if (how !== (kill ? 'SIGKILL' : 0)) throw new Error(`${name} ended with: ${how}`);
    return result;
  } finally {
    child.kill('SIGKILL');
  }
}

/** What is printed later is read and dropped, so that the pipe never fills up. */
function listening_port(stream, address) {
  return new Promise((resolve) => {
    let printed = '';
    stream.on('data', (data) => {
      if (printed === undefined) return;
      printed += data;
      const found = address.exec(printed.slice(0, printed.lastIndexOf('\n') + 1));
      if (!found) return;
      printed = undefined;
      resolve(Number(found[1]));
    });
  });
}
