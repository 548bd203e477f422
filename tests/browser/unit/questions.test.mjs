// What the client asks the server, and what becomes of the answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, client, connect, socket, usermsg } from './one_client.mjs';

test('questions are asked one after the other, and each has its own answer', async () => {
  await connect();
  const latest = client.history('5', { limit: 2 });
  const older = client.history('5', { before: 9, limit: 2 });
  assert.equal(socket().of('history').length, 1);
  socket().say({ type: 'history', with: '6', messages: [], more: false });
  socket().say({ type: 'history', with: '5', messages: [usermsg(9)], more: true });
  assert.deepEqual(
    (await latest).messages.map(({ n }) => n),
    [9],
  );
  assert.deepEqual(socket().of('history')[1], { type: 'history', with: '5', before: 9, limit: 2 });
  socket().say({ type: 'history', with: '5', before: 9, messages: [], more: false });
  assert.equal((await older).more, false);
});

test('a question fails with the server’s reason, for want of an answer, or with the connection', async () => {
  await assert.rejects(client.history('5'), { code: 'offline' });
  await connect();
  const refused = client.history('5');
  socket().say({ type: 'error', code: 'forbidden', message: 'no' });
  await assert.rejects(refused, { code: 'forbidden' });
  const later = client.history('5');
  socket().say({ type: 'error', code: 'rate_limited', message: 'no', retry_ms: 500, temporary: true });
  await browser.pass(500);
  assert.equal(socket().of('history').length, 3);
  socket().say({ type: 'history', with: '5', messages: [], more: false });
  await later;
  const unanswered = assert.rejects(client.history('5'), { code: 'timeout' });
  await browser.pass(15_000);
  await unanswered;
  const lost = [client.history('5'), client.conversations()].map((each) => assert.rejects(each, { code: 'offline' }));
  socket().end();
  await Promise.all(lost);
});
