// What the client asks the server, and what becomes of the answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, client, connect, reconnect, socket, eventsOf, usermsg } from './one_client.mjs';

/** Connects to a server that returns the `ref` of what it answers. */
const connectToNewer = () => connect({ ref: 'r0' });
const history = (ref, more = {}) =>
  socket().say({ type: 'history', with: '5', messages: [], more: false, ref, ...more });
const numbers = ({ messages }) => messages.map(({ n }) => n);

test('an older server is asked one thing after the other, and each request has its own answer', async () => {
  await connect();
  const latest = client.history('5', { limit: 2 });
  const older = client.history('5', { before: 9, limit: 2 });
  assert.equal(socket().of('history').length, 1);
  socket().say({ type: 'history', with: '6', messages: [], more: false });
  socket().say({ type: 'history', with: '5', messages: [usermsg(9)], more: true });
  assert.deepEqual(numbers(await latest), [9]);
  const [first, second] = socket().of('history');
  assert.notEqual(first.ref, second.ref);
  assert.deepEqual(second, { type: 'history', with: '5', before: 9, limit: 2, ref: second.ref });
  socket().say({ type: 'history', with: '5', before: 9, messages: [], more: false });
  assert.equal((await older).more, false);
});

test('a server that returns refs is asked eight things at a time, and may answer in any order', async () => {
  await connectToNewer();
  const asked = Array.from({ length: 10 }, () => client.history('5'));
  const refs = () => socket().of('history').map(({ ref }) => ref);
  assert.equal(new Set(refs()).size, 8);
  history(refs()[7], { messages: [usermsg(7)] });
  assert.deepEqual(numbers(await asked[7]), [7]);
  assert.equal(refs().length, 9);
  for (const ref of refs()) history(ref);
  history(refs()[9]);
  for (const each of await Promise.all(asked)) assert.equal(each.kind, 'history');
});

test('an error is about the request that its ref names, and about none if it names no request', async () => {
  await connectToNewer();
  const [first, second] = [client.history('5'), client.history('5')];
  const refused = assert.rejects(second, { code: 'forbidden' });
  socket().say({ type: 'error', code: 'forbidden', message: 'no', ref: socket().of('history')[1].ref });
  await refused;
  socket().say({ type: 'error', code: 'forbidden', message: 'no' });
  socket().say({ type: 'error', code: 'forbidden', message: 'no', ref: 'of nothing' });
  history(undefined);
  assert.equal(eventsOf('error').length, 2);
  history(socket().of('history')[0].ref);
  assert.equal((await first).kind, 'history');
});

test('a request that is to be made again later is, while others go on', async () => {
  await connectToNewer();
  const [first, second] = [client.history('5'), client.history('6')];
  const [{ ref }, other] = socket().of('history');
  socket().say({ type: 'error', code: 'unavailable', message: 'no', retry_ms: 500, temporary: true, ref });
  history(other.ref, { with: '6' });
  assert.equal((await second).conversation, '6');
  await browser.pass(500);
  assert.deepEqual(socket().of('history').map((each) => each.ref), [ref, other.ref, ref]);
  history(ref);
  await first;
});

test('a request waits for an answer of its own connection only', async () => {
  await connectToNewer();
  const lost = assert.rejects(client.history('5'), { code: 'offline' });
  const [{ ref }] = socket().of('history');
  await reconnect();
  await lost;
  const [first, second] = [client.history('5'), client.history('5')];
  assert.equal(socket().of('history').length, 1, 'this server returns no refs');
  history(ref);
  socket().say({ type: 'history', with: '5', messages: [usermsg(1)], more: false });
  assert.deepEqual(numbers(await first), [1]);
  socket().say({ type: 'history', with: '5', messages: [usermsg(2)], more: false });
  assert.deepEqual(numbers(await second), [2]);
});

test('a request fails with the server’s reason, for want of an answer, or with the connection', async () => {
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
