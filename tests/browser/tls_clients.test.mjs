// TLS of the real server as the clients that there are speak it: whichever of them this machine has.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { launchBrowser } from './browser.mjs';
import { startKlatch } from './klatch_server.mjs';
import { openConversation, openWindow, say, signIn, texts } from './page_driver.mjs';

const run = promisify(execFile);
const me = { id: '7', project: '2424', name: 'Ann' };

let folder;
let chain;
let server;
let port;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'klatch-tls-'));
  chain = join(folder, 'chain.pem');
  const key = join(folder, 'key.pem');
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', chain], { stdio: 'pipe' });
  server = await startKlatch({ args: ['--listen-tls', '127.0.0.1:0', '--tls-cert', chain, '--tls-key', key] });
  port = new URL(server.secureUrl).port;
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

const has = (program) => {
  try {
    execFileSync('which', [program], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
};
const unless = (program) => ({ skip: has(program) ? false : `there is no ${program}` });

for (const [version, options] of [
  ['1.2', ['--tls-max', '1.2']],
  ['1.3', ['--tlsv1.3']],
])
  test(`curl, TLS ${version}`, unless('curl'), async () => {
    const more = ['--http1.1', ...options, '--cacert', chain];
    const { stdout } = await run('curl', ['-sS', ...more, `https://localhost:${port}/healthz`]);
    assert.equal(stdout, 'ok\n');
  });

test('curl refuses a certificate of nobody it knows', unless('curl'), async () => {
  await assert.rejects(run('curl', ['-sS', `https://localhost:${port}/healthz`]), /certificate/);
});

test('wget', unless('wget'), async () => {
  const { stdout } = await run('wget', ['-qO-', '--ca-certificate', chain, `https://localhost:${port}/healthz`]);
  assert.equal(stdout, 'ok\n');
});

/** What `openssl s_client` prints to `lines`, each written once what was asked before is answered. */
async function sClient(options, lines) {
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-CAfile', chain, ...options];
  const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = once(child, 'exit').then(() => assert.fail(`it has ended: ${output}`));
  ended.catch(() => {});
  for (const { write, until } of lines) {
    const from = output.length;
    if (write) child.stdin.write(write);
    while (!output.slice(write ? from : 0).includes(until))
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
  }
  child.stdin.end();
  await once(child, 'close');
  clearTimeout(limit);
  return output;
}

const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const verified = 'Verify return code: 0 (ok)';
const whole = [{ until: verified }, { write: request, until: 'ok\n' }];
for (const version of ['1_2', '1_3'])
  test(`openssl s_client -tls${version}`, unless('openssl'), async () => {
    const output = await sClient([`-tls${version}`, '-ign_eof', '-verify_return_error'], whole);
    const name = `TLSv${version.replace('_', '.')}`;
    assert.match(output, new RegExp(`Protocol *: ${name}|New, ${name}`));
    assert.match(output, /HTTP\/1\.1 200 OK/);
  });

for (const [letter, what] of [
  ['K', 'changes its keys and asks for the same'],
  ['k', 'changes its keys'],
])
  test(`openssl s_client -tls1_3 that ${what} goes on (${letter})`, unless('openssl'), async () => {
    const output = await sClient(
      ['-tls1_3', '-crlf'],
      [
        { until: verified },
        { write: `${letter}\n`, until: 'KEYUPDATE' },
        { write: 'GET /healthz HTTP/1.1\nHost: localhost\n\n', until: 'ok\n' },
        { write: 'Q\n', until: 'DONE' },
      ],
    );
    assert.match(output, /HTTP\/1\.1 200 OK/);
  });

test('openssl s_client resumes its session', unless('openssl'), async () => {
  const file = join(folder, 'session.pem');
  await sClient(['-tls1_2', '-ign_eof', '-sess_out', file], whole);
  assert.match(await sClient(['-tls1_2', '-ign_eof', '-sess_in', file], whole), /Reused, TLSv1\.2/);
});

for (const version of ['TLSv1_2', 'TLSv1_3'])
  test(`Python's ssl, ${version}`, unless('python3'), async () => {
    const code = `
import socket, ssl
context = ssl.create_default_context(cafile=${JSON.stringify(chain)})
context.minimum_version = context.maximum_version = ssl.TLSVersion.${version}
with context.wrap_socket(socket.create_connection(("127.0.0.1", ${port})), server_hostname="localhost") as to:
    to.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
    got = b""
    while piece := to.recv(1000):
        got += piece
    print(to.version(), got.decode())
`;
    const { stdout } = await run('python3', ['-c', code]);
    assert.ok(stdout.startsWith(version.replace('_', '.')), stdout);
    assert.ok(stdout.endsWith('ok\n\n'), stdout);
  });

test('Node asks, and its WebSocket chats', async () => {
  const ca = execFileSync('cat', [chain]);
  const [response] = await once(https.get(`https://localhost:${port}/healthz`, { ca }), 'response');
  response.resume();
  assert.equal(response.statusCode, 200);
  const socket = new WebSocket(`wss://localhost:${port}/chat`, { ca });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'system', v: 2, id: me.id, projectId: me.project, name: me.name }));
  const [welcome] = await once(socket, 'message');
  assert.equal(JSON.parse(welcome).type, 'welcome');
  socket.close();
  await once(socket, 'close');
});

test('a client of TLS 1.1 is refused', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
  const socket = connect({ port, ...old, rejectUnauthorized: false });
  const [error] = await once(socket, 'error');
  assert.match(String(error), /protocol|alert|version/i);
});

test('Chromium has the page by https, and people chat', async () => {
  const browser = await launchBrowser({ args: ['--ignore-certificate-errors'] });
  try {
    const window = await openWindow(browser, server.secureUrl, { ignoreHTTPSErrors: true });
    await signIn(window.page, me);
    await openConversation(window.page, me.id);
    await say(window.page, 'by TLS');
    assert.deepEqual(await texts(window.page, 1), ['by TLS']);
    assert.equal(await window.page.evaluate(() => isSecureContext && location.protocol), 'https:');
    assert.deepEqual(window.problems, []);
    await window.close();
  } finally {
    await browser.close();
  }
});
