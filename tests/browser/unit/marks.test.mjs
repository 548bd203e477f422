// What the client tells of arrivals and of reading.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, client, connect, noConversations, socket, usermsg, welcomed } from './one_client.mjs';

test('what has arrived is reported a few times a second, cumulatively, once the conversations are here', async () => {
  await connect({ head: 5 });
  socket().say(usermsg(6));
  await browser.pass(1_000);
  assert.deepEqual(socket().of('recv'), []);
  const asked = client.conversations();
  socket().say(noConversations);
  await asked;
  await browser.pass(200);
  assert.deepEqual(socket().of('recv'), [{ type: 'recv', seq: 6 }]);
  for (let seq = 7; seq < 50; ++seq) socket().say(usermsg(seq));
  await browser.pass(200);
  assert.deepEqual(socket().of('recv').at(-1), { type: 'recv', seq: 49 });
  assert.equal(socket().of('recv').length, 2);
});

test('read marks rise, and those of a connection that broke are sent again', async () => {
  await connect();
  client.markRead('5', 3);
  client.markRead('5', 2);
  await browser.pass(200);
  client.markRead('5', 3);
  await browser.pass(200);
  assert.deepEqual(socket().of('read'), [{ type: 'read', with: '5', n: 3 }]);
  socket().end();
  client.markRead('5', 4);
  client.markRead('6', 1);
  await browser.pass(30_000);
  await welcomed({ recovered: true });
  await browser.pass(200);
  assert.deepEqual(socket().of('read'), [
    { type: 'read', with: '5', n: 4 },
    { type: 'read', with: '6', n: 1 },
  ]);
});
