import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KlatchClient } from '../../../web/sdk/client.js';
import { socket_url } from '../../../web/sdk/connection.js';
import { FakeBrowser } from './fakes.mjs';

for (const [page, socket] of [
  ['http://127.0.0.1:9001/', 'ws://127.0.0.1:9001/chat'],
  ['http://127.0.0.1:9001/index.html?project=1#5', 'ws://127.0.0.1:9001/chat'],
  ['https://chat.example/chat/', 'wss://chat.example/chat/chat'],
  ['https://chat.example/a/b/?to=x/y#/z', 'wss://chat.example/a/b/chat'],
  ['https://[::1]:8443/a%20b/index.html', 'wss://[::1]:8443/a%20b/chat'],
])
  test(`the socket of ${page} is beside it`, () => assert.equal(socket_url(page), socket));

test('what waits for one of two servers on a host is not sent to the other', () => {
  const owners = ['wss://chat.example/chat', 'wss://chat.example/a/chat', 'wss://chat.example/b/chat'].map((url) => {
    const browser = new FakeBrowser();
    let owner;
    const open_store = async (name) => ((owner = name), browser.store);
    const me = { id: '7', project: '2424', name: 'mks', color: '' };
    new KlatchClient({ url, me, environment: browser.window({ open_store }) }).close();
    return owner;
  });
  assert.deepEqual(owners, [
    '["chat.example","2424","7"]',
    '["chat.example/a","2424","7"]',
    '["chat.example/b","2424","7"]',
  ]);
});
