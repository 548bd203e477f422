// README's page of "Put it into your page", as it stands there, on a site that serves the SDK and gives out tokens.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stepsOf } from '../deploy/steps.mjs';
import { launchBrowser } from './browser.mjs';
import { binary, startKlatch } from './klatch_server.mjs';

const address = 'wss://chat.example.org/chat';

let folder;
let browser;
let server;
let site;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'klatch-readme-page-'));
  const keys = join(folder, 'keys');
  execFileSync(binary, ['key', 'new', 'token', 'site', '--keys', keys, '--project', 'shop']);
  server = await startKlatch({ args: ['--keys', keys] });
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const { html } = stepsOf(readme).find(({ blocks }) => blocks.html).blocks;
  assert.ok(html.includes(address));
  const page = html.replace(address, `${server.url.replace('http', 'ws')}chat`);
  site = createServer(async (request, answer) => {
    const { pathname } = new URL(request.url, 'http://site');
    const [, file] = pathname.match(/^\/klatch\/([\w/]+\.js)$/) ?? [];
    if (file) {
      answer.setHeader('Content-Type', 'text/javascript');
      answer.end(await readFile(new URL(`../../web/sdk/${file}`, import.meta.url)));
    } else if (pathname === '/chat-token') {
      // Whose page it is: a site knows by its session.
      const id = new URL(request.headers.referer).searchParams.get('id');
      answer.end(execFileSync(binary, ['token', '--keys', keys, '--sub', id], { encoding: 'utf8' }).trim());
    } else {
      answer.setHeader('Content-Type', 'text/html');
      answer.end(`<!doctype html><title>Shop</title>${page}`);
    }
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

test('two people chat on the page that README shows', { timeout: 60_000 }, async () => {
  const open = async (id, to) => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${site.address().port}/?id=${id}&to=${to}`);
    return page;
  };
  const write = async (page, text) => {
    await page.fill('#text', text);
    await page.click('text=Send');
  };
  const [mia, ben] = [await open(7, 5), await open(5, 7)];
  await write(mia, 'are you there?');
  await ben.getByText('7: are you there?').waitFor();
  await write(ben, 'yes');
  await mia.getByText('5: yes').waitFor();
});
