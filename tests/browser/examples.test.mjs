// The examples of packaging/ for nginx and Caddy, as they are but for names and ports, in front of the real server with a
// key: two clients talk through each, and count by their own address.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { binary, startKlatch } from './klatch_server.mjs';
import { accepts, freePort } from './nginx.mjs';

const host = 'chat.example.org';
const example = (name) => readFile(new URL(`../../packaging/${name}`, import.meta.url), 'utf8');

let folder;
let keys;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'klatch-examples-'));
  keys = join(folder, 'keys');
  execFileSync(binary, ['key', 'new', 'token', 'site', '--keys', keys, '--project', 'shop']);
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${host}`];
  execFileSync('openssl', [...request, '-addext', `subjectAltName=DNS:${host}`, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
});
after(() => rm(folder, { recursive: true }));

const tokenOf = (id, name) => execFileSync(binary, ['token', '--keys', keys, '--sub', id, '--name', name], { encoding: 'utf8' }).trim();

/** A text with each of `changes` made, all of which have to be possible. */
function changed(text, changes) {
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `the example has "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** A program that serves `url` until stop() is called. */
async function startProxy(program, args, url, env = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  const said = [];
  child.stderr.on('data', (data) => said.push(data));
  const ended = once(child, 'exit');
  await Promise.race([
    accepts(url),
    ended.then(([status]) => Promise.reject(new Error(`${program} ended with status ${status}: ${Buffer.concat(said)}`))),
  ]);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const proxies = {
  nginx: async ({ port, plainPort, klatchPort }) => {
    const text = changed(await example('nginx.conf'), [
      ['127.0.0.1:9001', `127.0.0.1:${klatchPort}`],
      ['listen 80;', `listen 127.0.0.1:${plainPort};`],
      ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
      ['    listen [::]:80;\n', ''],
      ['    listen [::]:443 ssl;\n', ''],
      [`/etc/letsencrypt/live/${host}/fullchain.pem`, join(folder, 'cert.pem')],
      [`/etc/letsencrypt/live/${host}/privkey.pem`, join(folder, 'key.pem')],
    ]);
    const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
    const whole = `daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}
      http { access_log off; ${own.join(' ')}\n${text} }`;
    await writeFile(join(folder, 'nginx.conf'), whole);
    const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
    return startProxy(process.env.NGINX ?? '/usr/sbin/nginx', args, `http://127.0.0.1:${plainPort}/`);
  },
  Caddy: async ({ port, plainPort, klatchPort }) => {
    const site = changed(await example('Caddyfile'), [
      ['127.0.0.1:9001', `127.0.0.1:${klatchPort}`],
      [`${host} {`, `${host} {\n\ttls ${folder}/cert.pem ${folder}/key.pem\n\tbind 127.0.0.1`],
    ]);
    await writeFile(join(folder, 'Caddyfile'), `{\n\tadmin off\n\thttp_port ${plainPort}\n\thttps_port ${port}\n}\n${site}`);
    const args = ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
    return startProxy('caddy', args, `http://127.0.0.1:${plainPort}/`, { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder });
  },
};

/** A client by wss that has signed in: { frames, next(type), say(frame), close() }. */
async function client(port, token, { from, headers } = {}) {
  const socket = new WebSocket(`wss://${host}:${port}/chat`, {
    ca: await readFile(join(folder, 'cert.pem')),
    lookup: (_, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)),
    localAddress: from,
    headers,
    origin: `https://${host}:${port}`,
  });
  const frames = [];
  const waiting = [];
  socket.on('message', (data) => {
    frames.push(JSON.parse(data));
    for (const look of waiting) look();
  });
  const next = (type) =>
    new Promise((resolve) => {
      const look = () => {
        const found = frames.findIndex((frame) => frame.type === type);
        if (found >= 0) resolve(frames.splice(found, 1)[0]);
      };
      waiting.push(look);
      look();
    });
  await once(socket, 'open');
  const say = (frame) => socket.send(JSON.stringify(frame));
  say({ type: 'system', v: 2, token });
  const welcome = await next('welcome');
  const close = async () => {
    socket.close();
    await once(socket, 'close');
  };
  return { welcome, next, say, close };
}

for (const [name, start] of Object.entries(proxies))
  test(`two clients talk by wss through ${name}, each under its own address`, { timeout: 30_000 }, async () => {
    const [port, plainPort] = [await freePort(), await freePort()];
    const origin = `https://${host}:${port}`;
    const server = await startKlatch({
      args: ['--keys', keys, '--trusted-proxy', '127.0.0.1', '--allow-origin', origin, '--announce', 'ip'],
    });
    const proxy = await start({ port, plainPort, klatchPort: server.port });
    try {
      const mia = await client(port, tokenOf('7', 'Mia'), { from: '127.0.0.2', headers: { 'X-Forwarded-For': '203.0.113.9' } });
      const ben = await client(port, tokenOf('5', 'Ben'), { from: '127.0.0.3' });
      assert.equal(mia.welcome.insecure, undefined);
      mia.say({ type: 'user', to_id: '5', message: 'are you there?', cid: 'c1' });
      assert.equal((await ben.next('usermsg')).message, 'are you there?');
      ben.say({ type: 'user', to_id: '7', message: 'yes', cid: 'c2' });
      assert.equal((await mia.next('usermsg')).message, 'yes');
      await mia.close();
      assert.match((await ben.next('system')).message, /^127\.0\.0\.2 /);
      await ben.close();
      const metrics = await fetch(`http://127.0.0.1:${plainPort}/metrics`, { redirect: 'manual', headers: { Host: host } });
      assert.notEqual(metrics.status, 200);
    } finally {
      await proxy.stop();
      await server.stop();
    }
  });
