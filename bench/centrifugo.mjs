// Centrifugo with its PostgreSQL broker: what is published through its HTTP API, and what it and PostgreSQL take for it.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { cpu_us_of, free_port } from './cluster.mjs';

export const version = 'v6.9.1';
export const module_path = `github.com/centrifugal/centrifugo/v6@${version}`;
/** Built by prepare.mjs. */
export const program = `build/bench/centrifugo-${version}/centrifugo`;

// As many as its pool has connections are under way in PostgreSQL; more wait in Centrifugo.
const calls_at_once = 4;
const messages_a_call = 100;
const channels = 2_000;

/** History is what makes its broker keep a message; the rest is as it comes. */
const config = (port, url) => ({
  http_server: { address: '127.0.0.1', port: String(port) },
  http_api: { insecure: true },
  log: { level: 'error' },
  channel: { without_namespace: { history_size: 1_000_000, history_ttl: '24h', force_recovery: true } },
  broker: { enabled: true, type: 'postgres', postgres: { dsn: `${url}?sslmode=disable` } },
});

/** Posts `body` and returns the answer, parsed. */
function post(agent, port, body) {
  return new Promise((resolve, reject) => {
    const call = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/api/batch', headers: { 'content-length': Buffer.byteLength(body) } }, (answer) => {
      let text = '';
      answer.on('data', (data) => { text += data; });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    call.once('error', reject);
    call.end(body);
  });
}

let last_key = 0;

/** Texts of 120 bytes, each with a key by which Centrifugo stores it once, to channels that are drawn by chance. */
function publications() {
  const publish = () => ({
    channel: `channel${Math.floor(Math.random() * channels)}`,
    data: { text: 'x'.repeat(120) },
    idempotency_key: `${process.pid}-${++last_key}`,
  });
  return JSON.stringify({ commands: Array.from({ length: messages_a_call }, () => ({ publish: publish() })), parallel: true });
}

async function publish_until(end, port, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: calls_at_once });
  const one = async () => {
    while (performance.now() < end) {
      const { replies } = await post(agent, port, publications());
      if (!replies.every(({ publish: { offset } = {} }) => offset > 0)) throw new Error(`Centrifugo refused: ${JSON.stringify(replies[0])}`);
      count(replies.length);
    }
  };
  await Promise.all(Array.from({ length: calls_at_once }, one));
  agent.destroy();
}

async function wait_until_ready(port, agent) {
  for (let tries = 0; ; ++tries) {
    try {
      return await post(agent, port, publications());
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
}

/** Publishes for `warm_up` and then for `seconds`, of which it returns the figures. */
async function publish(server, database, port, { warm_up, seconds }) {
  await wait_until_ready(port, new Agent());
  await publish_until(performance.now() + warm_up * 1000, port, () => {});
  const used = () => [cpu_us_of(server.pid), cpu_us_of(database.pid)];
  const [before, begin] = [used(), performance.now()];
  let done = 0;
  await publish_until(begin + seconds * 1000, port, (count) => { done += count; });
  const taken = (performance.now() - begin) / 1000;
  const [of_server, of_postgres] = used().map((now, i) => now - before[i]);
  return {
    delivered_per_second: done / taken,
    server_cpu_us_per_message: of_server / done,
    server_cores: of_server / taken / 1e6,
    postgres_cpu_us_per_message: of_postgres / done,
    postgres_cores: of_postgres / taken / 1e6,
  };
}

export async function measure_centrifugo(database, times) {
  const port = await free_port();
  const file = `${database.folder}/centrifugo.json`;
  writeFileSync(file, JSON.stringify(config(port, database.url)));
  const server = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => { server.once('exit', resolve); });
  try {
    return await publish(server, database, port, times);
  } finally {
    server.kill('SIGKILL');
    await ended;
  }
}
