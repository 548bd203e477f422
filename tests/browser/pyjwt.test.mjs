// The service and PyJWT judge the same tokens, hundreds of them, made by either and by mutation. Where they differ is a
// list, which docs/tokens.md has too; everywhere else they agree.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, copyFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { binary, startKlatch } from './klatch_server.mjs';

// Debian's, whose modules are Debian's packages.
const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('./pyjwt.py', import.meta.url));
const audience = 'chat';
const issuer = 'https://idp.example';
const mutations = 400;
const at_once = 32;
const seed = Number(process.env.KLATCH_PYJWT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A part is spelled in the one way that unpadded base64url has. */
const is_base64url = (part) => Buffer.from(part, 'base64url').toString('base64url') === part;
const is_about = (...parts) => ({ label }) => parts.some((part) => label.includes(part));

/**
 * What only PyJWT accepts, in the words of docs/tokens.md, in the order in which they are tried.
 */
const stricter = [
  { text: 'padding or left-over bits in its base64url', is: ({ token }) => !token.split('.').every(is_base64url) },
  { text: 'a member twice in its header or its claims', is: is_about(' twice:') },
  // PyJWT does so too since CVE-2026-32597, which Debian 13 has mended.
  { text: '`crit` in its header', is: is_about('header: crit'), perhaps: true },
  { text: 'a `typ` other than `JWT` and `at+jwt`', is: is_about(' typ:') },
  { text: 'more than 4 KiB', is: ({ token }) => token.length > 4096 },
  { text: 'JSON that is none: `NaN`, half a surrogate, UTF-16', is: is_about('NaN inside', 'half a surrogate', 'UTF-16') },
  {
    text: 'a time in quotes, `true` as a time, or one beyond 2⁶³',
    is: ({ label }) => /claim: (exp|nbf|iat) is (true|a number in a text|2\*\*6[34])$/.test(label),
  },
  {
    text: 'an id, name, color, role or project that is none here',
    is: ({ label }) =>
      /claim: (sub|project|name|role|color) is (a|an|true|null|text)\b/.test(label) ||
      is_about('claim: no project', 'claim: user', 'claim: no user', 'claim: admin', 'claim: name', 'claim: color that')({ label }),
  },
];

/** What only Klatch accepts. */
const laxer = [
  { text: 'an `aud` that names the audience beside what is no string', is: is_about('audiences of other kinds') },
  // PyJWT since 2.10.
  { text: 'a `sub` that is an integer', is: is_about('good: user as a number', 'claim: sub is a number'), perhaps: true },
];

let folder;
let server;
let verdicts;
let version;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'klatch-pyjwt-'));
  const keys = join(folder, 'keys');
  await mkdir(keys);
  execFileSync(python, [script, 'keys', folder]);
  for (const name of ['rsa.pem', 'ec.pem']) await copyFile(join(folder, name), join(keys, name));
  execFileSync(binary, ['key', 'new', 'token', 'site', '--keys', keys]);
  const secret = (await readFile(join(keys, 'site.token'), 'utf8')).trim().split('\n').at(-1);
  const claims = ['--audience', audience, '--issuer', issuer];
  const token = (...more) =>
    execFileSync(binary, ['token', '--keys', keys, ...claims, '--project', 'shop', ...more], { encoding: 'utf8' }).trim();
  const tokens = {
    'of klatch': token('--sub', '7'),
    'of klatch with a name': token('--sub', 'mia', '--name', 'Zoë "Z" Þ \\ 🐟'),
    'of klatch with a role': token('--sub', '9', '--role', 'moderator', '--hours', '0.5'),
  };
  const asked = { secret, seed, audience, issuer, tokens, mutations };
  const answer = execFileSync(python, [script, 'judge', folder], { input: JSON.stringify(asked), maxBuffer: 2 ** 26 });
  ({ verdicts, version } = JSON.parse(answer));
  server = await startKlatch({
    args: ['--keys', keys, ...claims, '--store', 'none', '--max-per-address', '0', '--auth-failures', '0', '--log-level', 'off'],
  });
  const waiting = verdicts.entries();
  await Promise.all(
    Array.from({ length: at_once }, async () => {
      for (const [, entry] of waiting) entry.klatch = await klatchs_verdict(entry.token);
    }),
  );
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** What the service answers to a registration with `token`. */
async function klatchs_verdict(token) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}chat`);
  const frame = await new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(JSON.stringify({ type: 'system', v: 2, token })));
    socket.on('message', (data) => resolve(JSON.parse(data)));
    socket.on('error', reject);
  });
  socket.close();
  return frame.type === 'welcome' ? { accepted: true, ...frame } : { accepted: false, why: frame.code };
}

const shown = (entries) =>
  entries.map(({ label, token, why, klatch }) => `${label}: ${JSON.stringify(token)}\n  ${why} / ${klatch.why}`).join('\n');

test('what both make, both accept, and as the same', () => {
  const good = verdicts.filter(({ label }) => label.includes('good: ') || label.startsWith('of klatch'));
  assert.ok(good.length >= 3 * 16 + 3);
  const bad = good.filter((entry) => !entry.klatch.accepted || (!entry.accepted && !laxer.at(-1).is(entry)));
  assert.equal(bad.length, 0, shown(bad));
  for (const { accepted, sub, name, klatch } of good.filter((entry) => entry.accepted)) {
    assert.ok(accepted);
    assert.equal(klatch.id, sub);
    assert.equal(klatch.name, name ?? sub);
  }
});

test(`PyJWT accepts nothing else but what docs/tokens.md says (seed ${seed})`, async () => {
  const differing = verdicts.filter((entry) => entry.accepted && !entry.klatch.accepted);
  const unexplained = differing.filter((entry) => !stricter.some((row) => row.is(entry)));
  assert.equal(unexplained.length, 0, `PyJWT ${version} accepts\n${shown(unexplained)}`);
  const document = (await readFile(new URL('../../docs/tokens.md', import.meta.url), 'utf8')).replaceAll(/\s+/g, ' ');
  for (const { text, is, perhaps } of stricter) {
    assert.ok(perhaps || differing.some(is), `nothing has ${text}`);
    assert.ok(document.includes(text), `docs/tokens.md does not say: ${text}`);
  }
});

test(`Klatch accepts next to nothing that PyJWT refuses (seed ${seed})`, () => {
  const differing = verdicts.filter((entry) => !entry.accepted && entry.klatch.accepted);
  const unexplained = differing.filter((entry) => !laxer.some((row) => row.is(entry)));
  assert.equal(unexplained.length, 0, `PyJWT ${version} refuses\n${shown(unexplained)}`);
  for (const { text, is, perhaps } of laxer) assert.ok(perhaps || differing.some(is), `nothing has ${text}`);
});

test(`no mutation of a token is accepted (seed ${seed})`, () => {
  const changed = verdicts.filter(({ label }) => label.startsWith('mutated'));
  assert.equal(changed.length, mutations);
  const bad = changed.filter(({ klatch }) => klatch.accepted);
  assert.equal(bad.length, 0, shown(bad));
});
