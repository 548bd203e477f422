// A message that the server refuses without naming it fails alone, and delays others only a little.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Outbox } from '../../../web/sdk/outbox.js';
import { FakeBrowser, settle } from './fakes.mjs';

let browser;
let poison;
beforeEach(() => {
  browser = new FakeBrowser();
  poison = new Set();
});

const error = { code: 'bad_json', text: 'this is not valid JSON', cid: '' };

/**
 * A window whose server takes everything but what is in `poison`, which it refuses by `refuse(window)`: by an error
 * without a cid where nothing else is said. `mute`: it answers nothing.
 */
function openWindow({ refuse = ({ outbox }) => outbox.blamed(error) } = {}) {
  const window_ = { transmitted: [], events: [], mute: false };
  const answer = (record) => {
    if (window_.mute) return;
    if (poison.has(record.text)) refuse(window_);
    else window_.outbox.acknowledged({ cid: record.cid, mid: '1', n: 1, seq: 1, sentAt: 1 });
  };
  const transmit = (record) => {
    window_.transmitted.push(record.text);
    queueMicrotask(() => answer(record));
    return true;
  };
  const emit = (what, record, detail) => window_.events.push([what, record?.text, detail?.code].join(' ').trim());
  window_.outbox = new Outbox({ owner: 'ann', environment: browser.window(), transmit, emit });
  return window_;
}

const eventsOf = ({ events }, what) => events.filter((line) => line.startsWith(what));
const kept = async () => (await browser.store.all()).map(({ text }) => text);

test('a message alone on its way fails after three tries, with the server’s words, and others go on', async () => {
  poison.add('bad');
  const window_ = openWindow();
  window_.outbox.online();
  window_.outbox.put('5', 'bad');
  window_.outbox.put('5', 'next');
  await browser.pass(10_000);
  assert.deepEqual(window_.transmitted, ['bad', 'bad', 'bad', 'next']);
  assert.deepEqual(eventsOf(window_, 'failed'), ['failed bad bad_json']);
  assert.deepEqual(await kept(), []);
});

test('of several on their way each is sent alone, and only the one fails', async () => {
  poison.add('to 6');
  poison.add('to 9');
  const window_ = openWindow();
  const partners = ['5', '6', '7', '8', '9'];
  for (const to of partners) for (const text of [`to ${to}`, `more to ${to}`]) window_.outbox.put(to, text);
  window_.mute = true;
  window_.outbox.online();
  await settle();
  assert.equal(window_.transmitted.length, 5);
  window_.mute = false;
  window_.outbox.blamed(error);
  await browser.pass(20_000);
  assert.deepEqual(eventsOf(window_, 'failed'), ['failed to 6 bad_json', 'failed to 9 bad_json']);
  assert.equal(eventsOf(window_, 'sent').length, 8);
  assert.deepEqual(await kept(), []);
});

test('how often a message was in the way is known after a reload', async () => {
  poison.add('bad');
  const transmitted = [];
  const events = [];
  for (let reload = 0; reload < 4; ++reload) {
    const window_ = openWindow();
    if (reload === 0) for (const text of ['bad', 'next']) window_.outbox.put('5', text);
    window_.outbox.online();
    await settle();
    window_.outbox.close();
    await settle();
    transmitted.push(window_.transmitted);
    events.push(...eventsOf(window_, 'failed'));
  }
  assert.deepEqual(transmitted, [['bad'], ['bad'], ['bad', 'next'], []]);
  assert.deepEqual(events, ['failed bad bad_json']);
});

test('another window that takes over knows the suspect, too', async () => {
  poison.add('bad');
  const [first, second] = [openWindow(), openWindow()];
  await settle();
  first.outbox.put('5', 'bad');
  for (const { outbox } of [first, second]) {
    outbox.online();
    await settle();
  }
  first.outbox.offline();
  await browser.pass(10_000);
  assert.deepEqual([first.transmitted.length, second.transmitted.length], [1, 2]);
  assert.deepEqual(eventsOf(second, 'failed'), ['failed bad bad_json']);
  assert.deepEqual(eventsOf(first, 'failed'), ['failed bad bad_json']);
});

test('a connection that breaks without a word blames nothing', async () => {
  const window_ = openWindow();
  window_.mute = true;
  window_.outbox.put('5', 'innocent');
  for (let i = 0; i < 10; ++i) {
    window_.outbox.online();
    await settle();
    window_.outbox.offline();
  }
  assert.equal(window_.transmitted.length, 10);
  assert.deepEqual(eventsOf(window_, 'failed'), []);
  assert.equal(window_.outbox.blamed(error), false);
});
