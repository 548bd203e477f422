// The real server, as a process of the test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const binary = process.env.KLATCH_BIN ?? fileURLToPath(new URL('../../build/release/klatch', import.meta.url));
const startLimitMs = 20_000;

/**
 * Starts the server on `port` of the loopback (0: any) with the store in `data`, or in a folder that goes with it.
 * Resolves, once it accepts connections, to { url, secureUrl, port, stop(), kill() }: `secureUrl` is there if it
 * listens with TLS; `stop` sends SIGTERM, `kill` SIGKILL. Both resolve to the exit status, or to the name of the signal
 * that ended it, and fail where the server had ended before. What the server logs goes to the test's standard error.
 */
export async function startKlatch({ port = 0, data, args = [] } = {}) {
  const folder = data ?? (await dataFolder());
  const settings = ['--listen', `127.0.0.1:${port}`, '--data', folder.path, ...args];
  const child = spawn(binary, settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const { url, secureUrl } = await Promise.race([
    firstUrls(child.stdout),
    ended.then(([status]) => Promise.reject(new Error(`${binary} ended with status ${status} before it was ready`))),
    new Promise((_, reject) => setTimeout(reject, startLimitMs, new Error(`${binary} told no address`)).unref()),
  ]);
  const end = async (wanted) => {
    if (!child.kill(wanted)) throw new Error('the server had ended before it was stopped');
    const [status, signal] = await ended;
    if (!data) await folder.remove();
    return status ?? signal;
  };
  return { url, secureUrl, port: Number(new URL(url).port), stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** A folder for a store that several servers use one after the other: { path, remove() }. */
export async function dataFolder() {
  const path = await mkdtemp(join(tmpdir(), 'klatch-browser-'));
  return { path, remove: () => rm(path, { recursive: true }) };
}

async function firstUrls(stream) {
  for await (const line of createInterface({ input: stream })) {
    const url = line.match(/http:\/\/[^\s/]+\//)?.[0];
    if (url) {
      stream.resume();
      return { url, secureUrl: line.match(/https:\/\/[^\s/]+\//)?.[0] };
    }
  }
  throw new Error('the server ended its output without an address');
}
