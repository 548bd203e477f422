// The life of the client’s connection: silence, clocks, losses and refusals.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './fakes.mjs';
import {
  browser,
  client,
  connect,
  environment,
  nextWindow,
  socket,
  usermsg,
  welcome,
  welcomed,
} from './one_client.mjs';

test('a silent server is asked whether it is there, and given up where it does not answer', async () => {
  await connect();
  await browser.pass(25_000);
  assert.equal(socket().of('ping').length, 1);
  socket().say({ type: 'pong' });
  await browser.pass(34_999);
  assert.equal(client.status.state, 'online');
  await browser.pass(1);
  assert.equal(client.status.state, 'offline');
});

for (const jump of [-30 * 86_400_000, -3_600_000, 3_600_000, 30 * 86_400_000])
  test(`silence, back-off, answers and marks take their time, though clocks are set by ${jump} ms`, async () => {
    await connect();
    const asked = assert.rejects(client.history('5'), { code: 'timeout' });
    client.markRead('5', 1);
    client.send('5', 'hi');
    await settle();
    browser.setClock(jump);
    await browser.pass(200);
    assert.equal(socket().of('read').length, 1);
    await browser.pass(14_800);
    await asked;
    await browser.pass(15_000);
    assert.equal(socket().of('ping').length, 1);
    assert.equal(socket().of('user').length, 2);
    browser.setClock(jump);
    await browser.pass(5_000);
    assert.equal(client.status.state, 'offline');
    assert.equal(client.status.retryAt, browser.now + 750);
    browser.setClock(jump);
    await browser.pass(749);
    assert.equal(environment.sockets.length, 1);
    await browser.pass(1);
    assert.equal(environment.sockets.length, 2);
  });

test('a server that asks for a month is not believed: an hour, and a minute for a question', async () => {
  const month = 30 * 86_400_000;
  await connect({ ping_s: month / 1_000 });
  const asked = client.history('5');
  socket().say({ type: 'error', code: 'rate_limited', message: 'no', retry_ms: month, temporary: true });
  await browser.pass(60_000);
  assert.equal(socket().of('history').length, 2);
  socket().say({ type: 'history', with: '5', messages: [], more: false });
  await asked;
  socket().say({ type: 'reconnect', after_ms: month });
  socket().end(1012);
  await browser.pass(3_600_000);
  assert.equal(environment.sockets.length, 2);
});

test('a server that goes away says when to come back', async () => {
  await connect();
  socket().say({ type: 'reconnect', after_ms: 5_000 });
  socket().end(1012);
  await browser.pass(4_999);
  assert.equal(environment.sockets.length, 1);
  await browser.pass(1);
  assert.equal(environment.sockets.length, 2);
});

test('a client adds nothing to what a server that goes away says', async () => {
  await connect();
  socket().say({ type: 'reconnect', after_ms: 510 });
  socket().end(1012);
  await browser.pass(509);
  assert.equal(environment.sockets.length, 1);
  await browser.pass(1);
  assert.equal(environment.sockets.length, 2);
});

test('a refused registration is not repeated, a temporary refusal is', async () => {
  client.connect();
  socket().onopen();
  socket().say({ type: 'system', message: 'a bad id', error: 'bad_frame' });
  assert.match(client.status.why, /a bad id/);
  await browser.pass(120_000);
  assert.equal(environment.sockets.length, 1);
  client.connect();
  socket().onopen();
  socket().say({ type: 'system', message: 'the disk is full', error: 'unavailable' });
  assert.equal(client.status.state, 'offline');
});

/** Connects; what the server says and how it closes is the test's. The state and the sockets that were opened. */
async function closedWith({ frames = [], code }) {
  client.connect();
  socket().onopen();
  for (const frame of frames) socket().say(frame);
  socket().end(code);
  const { state } = client.status;
  await browser.pass(60_000);
  return [state, environment.sockets.length > 1];
}

test('a device that sleeps between opening and registering comes back: it was late, not refused', async () => {
  const late = { type: 'system', message: 'no registration came within the time allowed', error: 'not_registered' };
  assert.deepEqual(await closedWith({ frames: [late], code: 4401 }), ['offline', true]);
});

for (const code of [1000, 1002, 1003, 1005, 1007, 1008, 1009, 3000, 4000, 4401, 4403, 4450])
  test(`a close with ${code} before the server has said anything is a loss`, async () => {
    assert.deepEqual(await closedWith({ code }), ['offline', true]);
  });

for (const code of [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1011, 3000, 4000])
  test(`a close with ${code} while online is a loss`, async () => {
    assert.deepEqual(await closedWith({ frames: [welcome()], code }), ['offline', true]);
  });

for (const code of [4401, 4403, 4450])
  test(`a close with ${code} after the server’s own answer is a refusal`, async () => {
    assert.deepEqual(await closedWith({ frames: [welcome()], code }), ['closed', false]);
  });

test('after a close with 1002 a client waits longer than after a loss', async () => {
  const waits = [];
  for (const code of [1006, 1002]) {
    nextWindow();
    await connect();
    await browser.pass(10_000);
    socket().end(code);
    waits.push(client.status.retryAt - browser.now);
  }
  assert.deepEqual(waits, [750, 6_000]);
});

/** A window whose sockets never open, while `healthz` says what `answer` holds; how often it was asked, and why. */
function refusedWindow(answer) {
  const asked = [];
  const askHealth = async (url) => (asked.push(url), answer);
  nextWindow({ askHealth });
  const why = async () => {
    socket().end(1006);
    await settle();
    return client.status.why;
  };
  client.connect();
  return { asked, why };
}

test('after two sockets that did not open the server is asked, and its answer is announced at once', async () => {
  const { asked, why } = refusedWindow({ status: 200, text: 'ok' });
  assert.match(await why(), /could not be made/);
  assert.deepEqual(asked, []);
  await browser.pass(1_000);
  assert.match(await why(), /does not let a WebSocket through/);
  assert.deepEqual(asked, ['ws://chat.example/chat']);
  const { retryAt } = client.status;
  assert.ok(retryAt > browser.now);
  await browser.pass(2_000);
  assert.equal(environment.sockets.length, 3);
});

test('what was in the way of a connection is forgotten once the server has answered', async () => {
  const { why } = refusedWindow({ status: 429, text: '' });
  await why();
  await browser.pass(1_000);
  assert.match(await why(), /too many connections/);
  await browser.pass(2_000);
  await welcomed();
  assert.equal(client.status.why, '');
  assert.match(await why(), /connection was lost/);
  await browser.pass(3_000);
  assert.match(await why(), /could not be made/);
});

test('an answer of the server’s health that comes too late changes nothing', async () => {
  let answer;
  const askHealth = () => new Promise((resolve) => (answer = resolve));
  nextWindow({ askHealth });
  client.connect();
  for (const wait of [1_000, 2_000]) {
    socket().end(1006);
    await browser.pass(wait);
  }
  await welcomed();
  answer({ status: 0, text: '' });
  await settle();
  assert.deepEqual([client.status.state, client.status.why], ['online', '']);
});

test('a server of the plain dialect is recognized', () => {
  client.connect();
  socket().onopen();
  socket().say({ type: 'system', message: 'Initial message received' });
  assert.equal(client.status.state, 'closed');
  assert.match(client.status.why, /older dialect/);
});

test('a closed client leaves no timer', async () => {
  await connect();
  client.send('5', 'x');
  socket().say(usermsg(1));
  client.markRead('5', 1);
  await settle();
  client.close();
  await settle();
  assert.equal(socket().closed, true);
  assert.equal(browser.timers, 0);
});
