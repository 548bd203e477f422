// The servers that are compared: how each is started and stopped.
import { spawn } from 'node:child_process';

const klatch = ['build/release/klatch', '--listen', '127.0.0.1:0', '--send-rate', '0', '--max-per-address', '0', '--log-level', 'warn'];

/**
 * Started in the repository's root; each prints a line with its address once it accepts connections. `DATA` in a
 * command stands for the folder of its store.
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
  ws: {
    title: 'Node ws',
    command: ['node', 'bench/peers/ws/server.js'],
  },
};

const start_ms = 20_000;
const stop_ms = 20_000;
const address = /https?:\/\/127\.0\.0\.1:(\d+)/;

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

/**
 * Runs `use({ pid, port })` with a fresh server, whose store is in `folder` where it has one. It has to end with status 0
 * when told to, unless it is to be killed.
 */
export async function with_server(name, folder, use, { kill = false } = {}) {
  const [program, ...args] = command_of(name, folder);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: environment() });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (status, signal) => resolve(signal ?? status));
  });
  try {
    const port = await within(start_ms, `${name} did not start`, Promise.race([
      listening_port(child),
      ended.then((how) => { throw new Error(`${name} ended at its start: ${how}`); }),
    ]));
    const result = await use({ pid: child.pid, port });
    child.kill(kill ? 'SIGKILL' : 'SIGTERM');
    const how = await within(stop_ms, `${name} did not stop`, ended);
    if (how !== (kill ? 'SIGKILL' : 0)) throw new Error(`${name} ended with: ${how}`);
    return result;
  } finally {
    child.kill('SIGKILL');
  }
}

/** What is printed later is read and dropped, so that the pipe never fills up. */
function listening_port(child) {
  return new Promise((resolve) => {
    let printed = '';
    child.stdout.on('data', (data) => {
      if (printed === undefined) return;
      printed += data;
      const found = address.exec(printed.slice(0, printed.lastIndexOf('\n') + 1));
      if (!found) return;
      printed = undefined;
      resolve(Number(found[1]));
    });
  });
}
