// The real server, as a process of the test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary = process.env.KLATCH_BIN ?? fileURLToPath(new URL('../../build/release/klatch', import.meta.url));
const start_limit_ms = 20_000;

/**
 * Starts the server on `port` of the loopback; 0: any. Resolves, once it accepts connections, to { url, port, stop() };
 * `stop` sends SIGTERM and resolves to the exit status, or to the name of the signal that ended it; it fails where the
 * server had ended before. What the server logs goes to the test's standard error.
 */
export async function start_klatch({ port = 0, args = [] } = {}) {
  const child = spawn(binary, ['--listen', `127.0.0.1:${port}`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const url = await Promise.race([
    first_url(child.stdout),
    ended.then(([status]) => Promise.reject(new Error(`${binary} ended with status ${status} before it was ready`))),
    new Promise((_, reject) => setTimeout(reject, start_limit_ms, new Error(`${binary} told no address`)).unref()),
  ]);
  return {
    url,
    port: Number(new URL(url).port),
    async stop() {
      if (!child.kill('SIGTERM')) throw new Error('the server had ended before it was stopped');
      const [status, signal] = await ended;
      return status ?? signal;
    },
  };
}

async function first_url(stream) {
  for await (const line of createInterface({ input: stream })) {
    const url = line.match(/http:\/\/[^\s/]+\//)?.[0];
    if (url) {
      stream.resume();
      return url;
    }
  }
  throw new Error('the server ended its output without an address');
}
