// The page behind nginx, as README says to set it up: under two prefixes, on a host name of its own.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { startKlatch } from './klatch_server.mjs';
import { freePort, startNginx } from './nginx.mjs';
import { mine, openConversation, openWindow, say, signIn, texts, theirs } from './page_driver.mjs';

const prefixes = ['/chat/', '/help/desk/'];

let browser;
let server;
let nginx;
let site;
before(async () => {
  const port = await freePort();
  site = `http://chat.example:${port}`;
  browser = await launchBrowser({ args: ['--host-resolver-rules=MAP chat.example 127.0.0.1'] });
  server = await startKlatch({ args: ['--insecure', '--allow-origin', site, '--trusted-proxy', '127.0.0.1'] });
  nginx = await startNginx({ port, klatchPort: server.port, prefixes });
});
after(async () => {
  await browser?.close();
  await nginx?.stop();
  await server?.stop();
});

for (const prefix of prefixes)
  test(`two people chat over nginx at ${prefix}, and a link without its last slash leads there`, async () => {
    const ann = { id: '7', project: prefix, name: 'Ann' };
    const ben = { id: '5', project: prefix, name: 'Ben' };
    const windows = [];
    const open = async (url, me, partner) => {
      const opened = await openWindow(browser, url);
      windows.push(opened);
      await signIn(opened.page, me);
      await openConversation(opened.page, partner);
      return opened.page;
    };
    const pageOfAnn = await open(site + prefix, ann, ben.id);
    const pageOfBen = await open(`${site}${prefix.slice(0, -1)}?to=7`, ben, ann.id);
    assert.equal(new URL(pageOfBen.url()).pathname, prefix);
    await say(pageOfAnn, 'are you there?');
    assert.deepEqual((await texts(pageOfBen, 1, theirs)).at(-1), 'are you there?');
    await say(pageOfBen, 'yes');
    assert.deepEqual((await texts(pageOfAnn, 1, theirs)).at(-1), 'yes');
    assert.deepEqual((await texts(pageOfAnn, 1, mine)).at(-1), 'are you there?');
    for (const { problems, close } of windows) {
      assert.deepEqual(problems, [], 'nothing on the console');
      await close();
    }
  });

/** The status that an upgrade at `url` gets which claims to come from a page of `origin`. */
function statusFor(url, origin) {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    Host: new URL(site).host,
    Origin: origin,
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers });
    asked.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode);
    });
    asked.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('behind nginx on the same machine nobody passes for a page of that machine', async () => {
  const url = new URL(`${prefixes[0]}chat`, site.replace('chat.example', '127.0.0.1'));
  assert.equal(await statusFor(url, site), 101);
  for (const origin of ['null', 'http://localhost', 'http://127.0.0.1:8080', 'http://evil.example'])
    assert.equal(await statusFor(url, origin), 403, origin);
});
