// What docs/tokens.md tells a site to write, in each language, against the real server; and the page of 2015 with a cookie.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { binary, startKlatch } from './klatch_server.mjs';

const origin = 'https://shop.example';

let folder;
let secret;
let server;
let blocks;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'klatch-tokens-'));
  const keys = join(folder, 'keys');
  execFileSync(binary, ['key', 'new', 'token', 'site', '--keys', keys, '--project', 'shop']);
  secret = (await readFile(join(keys, 'site.token'), 'utf8')).trim().split('\n').at(-1);
  server = await startKlatch({ args: ['--keys', keys, '--allow-origin', origin] });
  const text = await readFile(new URL('../../docs/tokens.md', import.meta.url), 'utf8');
  blocks = Object.fromEntries([...text.matchAll(/^```(php|python|js)\n(.*?)^```$/gms)].map(([, language, code]) => [language, code]));
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** What a program prints that is `code` and then `call`. */
async function printed(program, name, code) {
  const file = join(folder, name);
  await writeFile(file, code);
  return execFileSync(program, [file], { env: { ...process.env, SECRET: secret }, encoding: 'utf8' }).trim();
}

const made_in = {
  php: (code) => printed('php', 'token.php', `<?php\n${code}\necho klatch_token(getenv('SECRET'), 'shop', '7', 'Mia "M" Ü');`),
  python: (code) =>
    printed('python3', 'token.py', `${code}\nimport os\nprint(klatch_token(os.environ["SECRET"], "shop", 7, 'Mia "M" Ü'))`),
  js: (code) =>
    printed(process.execPath, 'token.mjs', `${code}\nconsole.log(klatchToken(process.env.SECRET, 'shop', 7, 'Mia "M" Ü'));`),
};

/** The first frame that is answered to `frame`, on a connection with `headers`. */
async function answer_to(frame, headers = {}) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}chat`, { headers });
  const answer = new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(JSON.stringify(frame)));
    socket.on('message', (data) => resolve(JSON.parse(data)));
    socket.on('error', reject);
  });
  const found = await answer;
  socket.close();
  return found;
}

for (const language of Object.keys(made_in))
  test(`a token as docs/tokens.md makes it in ${language} is accepted`, async () => {
    const token = await made_in[language](blocks[language]);
    const welcome = await answer_to({ type: 'system', v: 2, token });
    assert.deepEqual(
      { type: welcome.type, id: welcome.id, project: welcome.project, name: welcome.name, role: welcome.role },
      { type: 'welcome', id: '7', project: 'shop', name: 'Mia "M" Ü', role: 'user' },
    );
  });

test('the page of 2015 comes in with a cookie of its site, and with no other', async () => {
  const token = await made_in.js(blocks.js);
  const frame = { type: 'system', id: 7, projectId: 'shop', name: 'mks' };
  const Cookie = `theme=dark; klatch_token=${token}`;
  assert.deepEqual(await answer_to(frame, { Cookie, Origin: origin }), { type: 'system', message: 'Initial message received' });
  assert.equal((await answer_to(frame, { Cookie })).error, 'unauthorized');
});

test('check-token says why a token is refused', async () => {
  const token = await made_in.js(blocks.js);
  const says = (text) => {
    try {
      return execFileSync(binary, ['check-token', '--keys', join(folder, 'keys')], { input: text, encoding: 'utf8' });
    } catch (error) {
      return error.stdout;
    }
  };
  assert.match(says(`${token}\n`), /accepted: user 7, project shop/);
  assert.match(says(token.slice(0, -4)), /not accepted: its signature/);
});
