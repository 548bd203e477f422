// What becomes of a message that the client sends: taken, refused, sent again, or not sendable at all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KlatchClient } from '../../../web/sdk/client.js';
import { settle } from './fakes.mjs';
import {
  browser,
  client,
  connect,
  environment,
  me,
  nextWindow,
  reconnect,
  socket,
  eventsOf,
  welcome,
  welcomed,
} from './one_client.mjs';

test('a message that had no answer before the loss is sent again with its cid, and announced once', async () => {
  await connect();
  const cid = client.send('5', 'hi');
  await settle();
  await reconnect({ recovered: true });
  assert.deepEqual(socket().of('user'), [{ type: 'user', to_id: '5', message: 'hi', cid }]);
  socket().say({ type: 'ack', cid, mid: '9', n: 3, seq: 1, ts: 1 });
  socket().say({ type: 'ack', cid, mid: '9', n: 3, seq: 1, ts: 1 });
  assert.equal(eventsOf('queued').length, 1);
  assert.equal(eventsOf('sent').length, 1);
});

test('what is sent while offline goes out in order when the connection is there, in the next window too', async () => {
  client.send('5', 'a');
  client.send('5', 'b');
  await settle();
  client.close();
  nextWindow();
  client.send('5', 'c');
  await connect();
  for (const text of ['a', 'b', 'c']) {
    const { cid, message } = socket().of('user').at(-1);
    assert.equal(message, text);
    socket().say({ type: 'ack', cid, mid: cid, n: 1, seq: 1, ts: 1 });
    await settle();
  }
  assert.equal(socket().of('user').length, 3);
});

test('a refused message fails with the reason; other errors are about nothing in particular', async () => {
  await connect();
  const cid = client.send('5', 'hi');
  await settle();
  socket().say({ type: 'error', code: 'forbidden', message: 'no', cid, temporary: false });
  socket().say({ type: 'error', code: 'forbidden', message: 'no', cid, temporary: false });
  assert.deepEqual(eventsOf('failed'), [{ type: 'failed', cid, to: '5', code: 'forbidden', text: 'no' }]);
  assert.equal(eventsOf('error').length, 1);
});

test('a message whose frame is over the limit fails without being sent, and the next one goes', async () => {
  await connect({ limits: { frame_bytes: 200, message_bytes: 100 } });
  client.send('5', '\u0001'.repeat(50));
  client.send('5', 'short');
  await settle();
  assert.equal(eventsOf('failed')[0].code, 'too_large');
  assert.deepEqual(
    socket()
      .of('user')
      .map(({ message }) => message),
    ['short'],
  );
});

/** Connects again and again to a server that ends the connection with `code` at a text that holds `x`. */
async function endedAtX(code) {
  await connect();
  for (const [to, text] of [
    ['5', 'x'],
    ['6', 'a'],
    ['5', 'b'],
  ])
    client.send(to, text);
  for (let i = 0; i < 20; ++i) {
    await settle();
    const frames = socket().of('user');
    if (frames.some(({ message }) => message === 'x')) {
      const { length } = environment.sockets;
      socket().end(code);
      while (environment.sockets.length === length) await browser.pass(500);
      await welcomed({ recovered: true });
      continue;
    }
    for (const { cid } of frames) socket().say({ type: 'ack', cid, mid: cid, n: 1, seq: 1, ts: 1 });
    await browser.pass(1_000);
  }
}

for (const [code, as] of [
  [1002, 'bad_frame'],
  [1003, 'bad_frame'],
  [1007, 'bad_json'],
  [1008, 'bad_frame'],
  [1009, 'too_large'],
])
  test(`a text at which the server closes with ${code} each time fails in the end, and the others go`, async () => {
    await endedAtX(code);
    assert.deepEqual(
      eventsOf('failed').map((each) => [each.to, each.code]),
      [['5', as]],
    );
    assert.equal(eventsOf('sent').length, 2);
  });

test('a text of a lone surrogate goes out well formed, and an id with one is refused before it is queued', async () => {
  await connect();
  const cut = 'cut within \ud83d';
  assert.ok(client.send('5', cut));
  await settle();
  assert.equal(eventsOf('queued')[0].text, 'cut within \ufffd');
  assert.equal(socket().of('user')[0].message, 'cut within \ufffd');
  assert.equal(client.sendProblem('5\udc00', 'hi'), 'bad_id');
  assert.equal(client.send('5\udc00', 'hi'), undefined);
  assert.equal(client.send('', 'hi'), undefined);
  assert.equal(eventsOf('queued').length, 1);
  const bad = [
    { ...me, id: '\ud83d' },
    { ...me, project: 'x\udc00' },
  ];
  for (const me of bad) assert.throws(() => new KlatchClient({ url: 'ws://x/chat', me, environment }), TypeError);
});

test('what an older page has queued to an impossible id fails without being sent to another', async () => {
  const leftOver = { cid: 'old', to: '5\ud83d', text: 'hi', at: 1 };
  await browser.store.add(leftOver);
  await connect();
  assert.deepEqual(socket().of('user'), []);
  assert.deepEqual(eventsOf('failed'), [{ type: 'failed', cid: 'old', to: leftOver.to, code: 'bad_id', text: '' }]);
});

test('no frame holds a lone surrogate, in whichever field it was given', async () => {
  const sent = [];
  const openSocket = (url) => {
    const opened = { url, readyState: 1, send: (text) => sent.push(text), close: () => {} };
    sockets.push(opened);
    return opened;
  };
  const sockets = [];
  const ill = '\ud83d';
  const window_ = browser.window({ openSocket });
  const made = new KlatchClient({ url: 'ws://x/chat', me: { ...me, name: ill, color: ill }, environment: window_ });
  made.connect();
  sockets[0].onopen();
  sockets[0].onmessage({ data: JSON.stringify(welcome({ recovered: true })) });
  made.send('5', ill);
  made.markRead(ill, 1);
  made.history(ill).catch(() => {});
  await browser.pass(1_000);
  made.close();
  assert.deepEqual(
    sent.map((text) => JSON.parse(text).type),
    ['system', 'history', 'user', 'read'],
  );
  for (const text of sent) assert.doesNotMatch(text, /\\ud[89a-f]|\p{Surrogate}/iu);
});

test('a text over the server’s limit, or over 64 KiB before it is known, is not queued', async () => {
  const texts = ['é'.repeat(32_769), 'x'.repeat(65_537), '\ud83d'.repeat(21_846)];
  for (const text of texts) assert.equal(client.sendProblem('5', text), 'too_large');
  for (const text of texts) assert.equal(client.send('5', text), undefined);
  for (const text of ['é'.repeat(32_768), 'x'.repeat(65_536)]) assert.equal(client.sendProblem('5', text), '');
  assert.equal(client.sendProblem('5', ''), 'empty');
  await connect({ limits: { frame_bytes: 131072, message_bytes: 100 } });
  assert.equal(client.sendProblem('5', 'x'.repeat(101)), 'too_large');
  assert.equal(client.sendProblem('5', 'x'.repeat(100)), '');
  assert.deepEqual(eventsOf('queued'), []);
});

test('an error that names nothing is about the open request, but one about JSON is about a message', async () => {
  await connect();
  client.send('5', 'hi');
  await settle();
  const asked = client.history('5');
  socket().say({ type: 'error', code: 'bad_json', message: 'no' });
  socket().say({ type: 'history', with: '5', messages: [], more: false });
  await asked;
  const refused = client.history('5');
  socket().say({ type: 'error', code: 'forbidden', message: 'no' });
  await assert.rejects(refused, { code: 'forbidden' });
  assert.deepEqual([eventsOf('failed'), eventsOf('error')], [[], []]);
  for (let i = 0; i < 2; ++i) {
    await browser.pass(1_000);
    socket().say({ type: 'error', code: 'bad_json', message: 'no' });
  }
  await settle();
  assert.equal(eventsOf('failed').length, 1);
  socket().say({ type: 'error', code: 'bad_json', message: 'no' });
  assert.equal(eventsOf('error').length, 1);
});
