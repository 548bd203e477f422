// nginx before the real server, with the very block that README gives.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const nginx = process.env.NGINX ?? '/usr/sbin/nginx';
const readme = new URL('../../README.md', import.meta.url);
const prefixInReadme = '/chat/';
const addressInReadme = '127.0.0.1:9001';
const startLimitMs = 10_000;

/** README's block, for a server on `klatchPort`, at `prefix`. */
async function blockOfReadme(klatchPort, prefix) {
  const [, block] = (await readFile(readme, 'utf8')).match(/^```nginx\n(.*?)^```$/ms);
  const place = `location ${prefixInReadme} {`;
  if (!block.startsWith(place) || !block.includes(addressInReadme)) throw new Error("README's block is another one");
  return block.replace(place, `location ${prefix} {`).replaceAll(addressInReadme, `127.0.0.1:${klatchPort}`);
}

/** A port of the loopback that nobody listens on for now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/**
 * Starts nginx on `port` of the loopback, with the server on `klatchPort` at each of `prefixes`. Resolves, once it
 * accepts connections, to { stop() }. What it logs goes to the test's standard error.
 */
export async function startNginx({ port, klatchPort, prefixes }) {
  const folder = await mkdtemp(join(tmpdir(), 'klatch-nginx-'));
  const blocks = await Promise.all(prefixes.map((prefix) => blockOfReadme(klatchPort, prefix)));
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const own = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}
     http { access_log off; ${own.join(' ')} server { listen 127.0.0.1:${port}; ${blocks.join('\n')} } }`,
  );
  const child = spawn(nginx, ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([
    accepts(`http://127.0.0.1:${port}${prefixes[0]}`),
    ended.then(([status]) => Promise.reject(new Error(`${nginx} ended with status ${status}`))),
  ]);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** Resolves once something answers at `url`. */
export async function accepts(url) {
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    try {
      return await fetch(url, { redirect: 'manual' });
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
