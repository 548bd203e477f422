import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KlatchClient } from '../../../web/sdk/client.js';
import { socketUrl } from '../../../web/sdk/connection.js';
import { FakeBrowser, settle } from './fakes.mjs';

for (const [page, socket] of [
  ['http://127.0.0.1:9001/', 'ws://127.0.0.1:9001/chat'],
  ['http://127.0.0.1:9001/index.html?project=1#5', 'ws://127.0.0.1:9001/chat'],
  ['https://chat.example/chat/', 'wss://chat.example/chat/chat'],
  ['https://chat.example/a/b/?to=x/y#/z', 'wss://chat.example/a/b/chat'],
  ['https://[::1]:8443/a%20b/index.html', 'wss://[::1]:8443/a%20b/chat'],
])
  test(`the socket of ${page} is beside it`, () => assert.equal(socketUrl(page), socket));

for (const [url, owner] of [
  ['wss://chat.example/chat', '["chat.example","2424","7"]'],
  ['wss://chat.example/a/chat', '["chat.example/a","2424","7"]'],
  ['wss://chat.example/b/chat', '["chat.example/b","2424","7"]'],
])
  test(`what waits for ${url} is kept apart from what waits for others on its host`, async () => {
    const browser = new FakeBrowser();
    const owners = [];
    const openStore = async (name) => (owners.push(name), browser.store);
    const me = { id: '7', project: '2424', name: 'mks', color: '' };
    const client = new KlatchClient({ url, me, environment: browser.window({ openStore }) });
    client.send('5', 'hi');
    await settle();
    client.close();
    assert.deepEqual(owners, [owner]);
  });
