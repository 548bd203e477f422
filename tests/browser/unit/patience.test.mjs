// A window that has the turn to send and does not: the others do so after a while, and never while it works.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Outbox } from '../../../web/sdk/outbox.js';
import { FakeBrowser, settle } from './fakes.mjs';

let browser;
let server;
beforeEach(() => {
  browser = new FakeBrowser();
  server = [];
});

/** A window online; while it is asleep it sends nothing, hears nothing and is answered nothing. */
async function openWindow() {
  const window_ = { asleep: false, transmitted: [] };
  const environment = browser.window();
  const { openChannel, setTimer } = environment;
  environment.setTimer = (action, ms) => setTimer(() => window_.asleep || action(), ms);
  environment.openChannel = (name) => {
    const channel = openChannel(name);
    return new Proxy(channel, {
      get: (_, key) => channel[key],
      set: (_, key, hear) => (channel[key] = (event) => window_.asleep || hear(event)) && true,
    });
  };
  const transmit = (record) => {
    if (window_.asleep) return true;
    window_.transmitted.push(record.text);
    if (!server.includes(record.cid)) server.push(record.cid);
    const ack = { cid: record.cid, mid: '1', n: 1, seq: 1, ts: 1 };
    queueMicrotask(() => window_.answer(record, ack));
    return true;
  };
  window_.answer = (_, ack) => window_.outbox.acknowledged(ack);
  window_.outbox = new Outbox({ owner: 'ann', environment, transmit, emit: () => {} });
  await settle();
  window_.outbox.online();
  await settle();
  return window_;
}

const kept = async () => (await browser.store.all()).map(({ text }) => text);

test('if the leading window is asleep another sends after 5 to 8 s, in order, and then at once', async () => {
  const [first, second] = [await openWindow(), await openWindow()];
  first.asleep = true;
  for (const text of ['a', 'b', 'c']) second.outbox.put('5', text);
  await browser.pass(4_900);
  assert.deepEqual(second.transmitted, []);
  await browser.pass(3_100);
  assert.deepEqual(second.transmitted, ['a', 'b', 'c']);
  assert.deepEqual(await kept(), []);
  second.outbox.put('5', 'd');
  await settle();
  assert.equal(second.transmitted.at(-1), 'd');
});

test('what the sleeping window had queued is sent, too', async () => {
  const first = await openWindow();
  first.asleep = true;
  first.outbox.put('5', 'a');
  await settle();
  const second = await openWindow();
  await browser.pass(8_000);
  assert.deepEqual(second.transmitted, ['a']);
});

test('once it is awake the others leave the sending to it, and nothing was taken twice', async () => {
  const [first, second] = [await openWindow(), await openWindow()];
  first.asleep = true;
  second.outbox.put('5', 'a');
  await browser.pass(8_000);
  first.asleep = false;
  first.outbox.put('5', 'b');
  await settle();
  const { length } = second.transmitted;
  for (const text of ['c', 'd', 'e']) {
    second.outbox.put('5', text);
    await browser.pass(20_000);
  }
  assert.equal(second.transmitted.length, length);
  assert.deepEqual(first.transmitted.slice(-3), ['c', 'd', 'e']);
  assert.equal(server.length, 5);
  assert.deepEqual(await kept(), []);
});

test('while the window with the turn works, or rests because the server said so, no other sends', async () => {
  const [first, second] = [await openWindow(), await openWindow()];
  let refusals = 3;
  first.answer = (record, ack) => {
    if (refusals-- <= 0) return first.outbox.acknowledged(ack);
    first.outbox.refused({ cid: record.cid, code: 'rate_limited', temporary: true, retryMs: 30_000 });
  };
  second.outbox.put('5', 'a');
  for (let i = 0; i < 40; ++i) {
    await browser.pass(3_000);
    second.outbox.put('5', `m${i}`);
  }
  await browser.pass(10_000);
  assert.deepEqual(second.transmitted, []);
  assert.equal(server.length, 41);
});

test('a window that is offline or closed sends nothing, and leaves no timer', async () => {
  const [first, second] = [await openWindow(), await openWindow()];
  first.asleep = true;
  second.outbox.put('5', 'a');
  await settle();
  second.outbox.offline();
  await browser.pass(20_000);
  assert.deepEqual(second.transmitted, []);
  second.outbox.online();
  await settle();
  second.outbox.close();
  first.outbox.close();
  await settle();
  assert.equal(browser.timers, 0);
});
