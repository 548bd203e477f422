// The page behind nginx, as README says to set it up: under two prefixes, on a host name of its own.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { launch_browser } from './browser.mjs';
import { start_klatch } from './klatch_server.mjs';
import { free_port, start_nginx } from './nginx.mjs';
import { mine, open_conversation, open_window, say, sign_in, texts, theirs } from './page_driver.mjs';

const prefixes = ['/chat/', '/help/desk/'];

let browser;
let server;
let nginx;
let site;
before(async () => {
  const port = await free_port();
  site = `http://chat.example:${port}`;
  browser = await launch_browser({ args: ['--host-resolver-rules=MAP chat.example 127.0.0.1'] });
  server = await start_klatch({ args: ['--allow-origin', site, '--max-per-address', '0'] });
  nginx = await start_nginx({ port, klatch_port: server.port, prefixes });
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
      const opened = await open_window(browser, url);
      windows.push(opened);
      await sign_in(opened.page, me);
      await open_conversation(opened.page, partner);
      return opened.page;
    };
    const page_of_ann = await open(site + prefix, ann, ben.id);
    const page_of_ben = await open(`${site}${prefix.slice(0, -1)}?to=7`, ben, ann.id);
    assert.equal(new URL(page_of_ben.url()).pathname, prefix);
    await say(page_of_ann, 'are you there?');
    assert.deepEqual((await texts(page_of_ben, 1, theirs)).at(-1), 'are you there?');
    await say(page_of_ben, 'yes');
    assert.deepEqual((await texts(page_of_ann, 1, theirs)).at(-1), 'yes');
    assert.deepEqual((await texts(page_of_ann, 1, mine)).at(-1), 'are you there?');
    for (const { problems, close } of windows) {
      assert.deepEqual(problems, [], 'nothing on the console');
      await close();
    }
  });

/** The status that an upgrade at `url` gets which claims to come from a page of `origin`. */
function status_for(url, origin) {
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
  assert.equal(await status_for(url, site), 101);
  for (const origin of ['null', 'http://localhost', 'http://127.0.0.1:8080', 'http://evil.example'])
    assert.equal(await status_for(url, origin), 403, origin);
});
