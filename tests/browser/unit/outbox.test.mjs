import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { mostWaiting, Outbox } from '../../../web/sdk/outbox.js';
import { failingStore, FakeBrowser, settle } from './fakes.mjs';

let browser;
beforeEach(() => {
  browser = new FakeBrowser();
});

/** An outbox as one window has it: what it transmits and tells is written down. */
function openWindow(changes) {
  const window_ = { transmitted: [], events: [], up: true };
  window_.outbox = new Outbox({
    owner: 'ann',
    environment: browser.window(changes),
    transmit: ({ text }) => window_.up && window_.transmitted.push(text) > 0,
    emit: (what, record, detail) =>
      window_.events.push([what, record?.text, detail?.mid ?? detail?.code].join(' ').trim()),
  });
  return window_;
}

const kept = async () => (await browser.store.all()).map(({ text }) => text);
const ack = ({ cid }, mid = '1') => ({ cid, mid, n: 1, seq: 1, sentAt: 1 });

test('a message is kept before it is sent, and goes when it is acknowledged', async () => {
  const { outbox, transmitted, events } = openWindow();
  const record = outbox.put('5', 'a');
  await settle();
  assert.deepEqual(await kept(), ['a']);
  assert.deepEqual(transmitted, []);
  outbox.online();
  await settle();
  assert.deepEqual(transmitted, ['a']);
  assert.deepEqual(await kept(), ['a']);
  outbox.acknowledged(ack(record));
  await settle();
  assert.deepEqual(await kept(), []);
  assert.deepEqual(events, ['queued a', 'sent a 1']);
});

test('in a conversation one is on its way at a time, conversations do not wait for each other', async () => {
  const { outbox, transmitted } = openWindow();
  const [first] = [
    ['5', 'a'],
    ['5', 'b'],
    ['6', 'c'],
    ['5', 'd'],
  ].map(([to, text]) => outbox.put(to, text));
  outbox.online();
  await settle();
  assert.deepEqual(transmitted, ['a', 'c']);
  outbox.acknowledged(ack(first));
  await settle();
  assert.deepEqual(transmitted, ['a', 'c', 'b']);
});

test('what was on its way when the connection broke is sent again, first and with the same cid', async () => {
  const cids = [];
  const outbox = new Outbox({
    owner: 'ann',
    environment: browser.window(),
    transmit: ({ cid }) => cids.push(cid) > 0,
    emit: () => {},
  });
  outbox.put('5', 'a');
  outbox.put('5', 'b');
  outbox.online();
  await settle();
  outbox.offline();
  outbox.online();
  await settle();
  assert.equal(cids.length, 2);
  assert.equal(cids[0], cids[1]);
});

test('a reload finds what waits in the outbox, in its order', async () => {
  const before = openWindow();
  for (const text of ['a', 'b', 'c']) before.outbox.put('5', text);
  await settle();
  before.outbox.close();
  const { outbox, events, transmitted } = openWindow();
  await settle();
  assert.deepEqual(events, ['queued a', 'queued b', 'queued c']);
  outbox.put('5', 'd');
  outbox.online();
  await settle();
  assert.deepEqual(transmitted, ['a']);
  assert.deepEqual(await kept(), ['a', 'b', 'c', 'd']);
});

test('what a window could not keep before it was left is found by the next, in its place', async () => {
  const slow = new Promise(() => {});
  const before = openWindow({ openStore: async () => ({ all: async () => [], add: () => slow }) });
  await settle();
  for (const text of ['a', 'b']) before.outbox.put('5', text);
  await settle();
  browser.leave();
  assert.deepEqual(browser.left, ['a', 'b']);
  const [{ outbox, events, transmitted }, other] = [openWindow(), openWindow()];
  await settle();
  assert.deepEqual(events, ['queued a', 'queued b']);
  assert.deepEqual(other.events, events);
  assert.deepEqual(browser.left, []);
  assert.deepEqual(await kept(), ['a', 'b']);
  outbox.online();
  await settle();
  assert.deepEqual(transmitted, ['a']);
});

test('what was found is left again if the next window goes before it has kept it', async () => {
  const never = { all: async () => [], add: () => new Promise(() => {}) };
  for (let reload = 0; reload < 3; ++reload) {
    const { outbox } = openWindow({ openStore: async () => never });
    if (reload === 0) outbox.put('5', 'a');
    await settle();
    browser.leave();
    assert.deepEqual(browser.left, ['a']);
    browser.forgetWindows();
  }
  const { events } = openWindow();
  await settle();
  assert.deepEqual(events, ['queued a']);
  assert.deepEqual(await kept(), ['a']);
});

test('what was kept after all, though its window was left, is there once', async () => {
  const before = openWindow();
  await settle();
  before.outbox.put('5', 'a');
  browser.leave();
  assert.deepEqual(browser.left, ['a']);
  // It comes back from the cache of pages.
  await settle();
  assert.deepEqual(browser.left, []);
  assert.deepEqual(await kept(), ['a']);
  before.outbox.put('5', 'b');
  browser.leave();
  await browser.store.add({ cid: 'kept', to: '5', text: 'kept', at: 1 });
  const { events } = openWindow();
  await settle();
  assert.deepEqual(events.sort(), ['queued a', 'queued b', 'queued kept']);
  assert.deepEqual((await kept()).sort(), ['a', 'b', 'kept']);
});

test('of several windows one sends for all, all show it, and the next takes over', async () => {
  const [first, second] = [openWindow(), openWindow()];
  await settle();
  first.outbox.online();
  second.outbox.online();
  await settle();
  const a = second.outbox.put('5', 'a');
  second.outbox.put('5', 'b');
  await settle();
  assert.deepEqual([first.transmitted, second.transmitted], [['a'], []]);
  assert.deepEqual(first.events, ['queued a', 'queued b']);
  first.outbox.acknowledged(ack(a, '9'));
  await settle();
  assert.deepEqual(second.events, ['queued a', 'queued b', 'sent a 9']);
  assert.deepEqual(first.transmitted, ['a', 'b']);
  first.outbox.offline();
  await settle();
  assert.deepEqual(second.transmitted, ['b']);
  assert.deepEqual(await kept(), ['b']);
});

test('a permanent error takes a message out of the outbox, with the reason, in every window', async () => {
  const [first, second] = [openWindow(), openWindow()];
  await settle();
  first.outbox.online();
  const record = first.outbox.put('5', 'a');
  first.outbox.put('5', 'b');
  await settle();
  assert.equal(first.outbox.refused({ cid: record.cid, code: 'too_large', temporary: false }), true);
  await settle();
  assert.deepEqual(first.events.at(-1), 'failed a too_large');
  assert.deepEqual(second.events.at(-1), 'failed a too_large');
  assert.deepEqual(await kept(), ['b']);
  assert.deepEqual(first.transmitted, ['a', 'b']);
  assert.equal(first.outbox.refused({ cid: 'unknown', code: 'forbidden' }), false);
});

test('the outbox waits after rate_limited as long as it is told, after unavailable longer each time', async () => {
  const { outbox, transmitted } = openWindow();
  const record = outbox.put('5', 'a');
  outbox.online();
  await settle();
  const refuse = (error) => outbox.refused({ cid: record.cid, temporary: true, ...error });
  refuse({ code: 'rate_limited', retryMs: 4_200 });
  await browser.pass(4_199);
  assert.equal(transmitted.length, 1);
  await browser.pass(1);
  assert.equal(transmitted.length, 2);
  for (const [at, wait] of [750, 1_500, 3_000].entries()) {
    refuse({ code: 'unavailable' });
    await browser.pass(wait - 1);
    assert.equal(transmitted.length, 2 + at);
    await browser.pass(1);
    assert.equal(transmitted.length, 3 + at);
  }
});

test('if the server finds the outbox too much, one message at a time is on its way until all are sent', async () => {
  const { outbox, transmitted } = openWindow();
  const records = ['5', '6', '7', '8'].map((to) => outbox.put(to, `to ${to}`));
  outbox.online();
  await settle();
  assert.equal(transmitted.length, 4);
  for (const { cid } of records) outbox.refused({ cid, code: 'rate_limited', temporary: true, retryMs: 50 });
  for (const [at, record] of records.entries()) {
    await browser.pass(50);
    assert.equal(transmitted.length, 5 + at);
    outbox.acknowledged(ack(record));
  }
  for (const to of ['5', '6']) outbox.put(to, 'more');
  await settle();
  assert.equal(transmitted.length, 10);
});

test('a message without an answer is sent again', async () => {
  const { outbox, transmitted } = openWindow();
  outbox.put('5', 'a');
  outbox.online();
  await browser.pass(29_999);
  assert.equal(transmitted.length, 1);
  await browser.pass(1);
  assert.equal(transmitted.length, 2);
  outbox.close();
  await settle();
  assert.equal(browser.timers, 0);
});

for (const n of [0, 1, 2, 3])
  test(`a store that fails from operation ${n} on is announced once, and everything goes on in memory`, async () => {
    const { outbox, events, transmitted } = openWindow({ openStore: async () => failingStore(n) });
    const records = ['a', 'b'].map((text) => outbox.put('5', text));
    outbox.online();
    await settle();
    for (const record of records) {
      outbox.acknowledged(ack(record));
      await settle();
    }
    assert.deepEqual(
      transmitted.filter((text, at) => transmitted.indexOf(text) === at),
      ['a', 'b'],
    );
    assert.equal(events.filter((line) => line.startsWith('unkept')).length, 1);
    assert.deepEqual(
      events.filter((line) => line.startsWith('sent')),
      ['sent a 1', 'sent b 1'],
    );
  });

test('an outbox without any storage works in memory', async () => {
  const missing = () => Promise.reject(new Error('no IndexedDB'));
  const { outbox, events, transmitted } = openWindow({ openStore: missing });
  outbox.put('5', 'a');
  outbox.online();
  await settle();
  assert.deepEqual(transmitted, ['a']);
  assert.deepEqual(events, ['queued a', 'unkept']);
});

test('the outbox is bounded: one message too many is not taken', async () => {
  const { outbox } = openWindow();
  for (let i = 0; i < mostWaiting; ++i) assert.ok(outbox.put('5', `m${i}`));
  assert.equal(outbox.put('5', 'x'), undefined);
});

test('an ack that comes a second time, or to another window first, changes nothing', async () => {
  const { outbox, events } = openWindow();
  const record = outbox.put('5', 'a');
  outbox.online();
  await settle();
  for (let i = 0; i < 2; ++i) outbox.acknowledged(ack(record));
  await settle();
  assert.deepEqual(events, ['queued a', 'sent a 1']);
});
