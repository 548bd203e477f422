import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { KlatchClient } from '../../../web/sdk/client.js';
import { FakeBrowser, settle } from './fakes.mjs';

const me = { id: '7', project: '2424', name: 'mks', color: '#F00' };
const welcome = (more = {}) => ({
  type: 'welcome',
  v: 2,
  id: '7',
  epoch: 'e',
  head: 0,
  floor: 1,
  recovered: false,
  ping_s: 25,
  limits: { frame_bytes: 131072, message_bytes: 65536 },
  ...more,
});
const usermsg = (seq, text = `m${seq}`) => ({
  type: 'usermsg',
  from: '5',
  to: '7',
  name: 'N',
  message: text,
  mid: `${seq}`,
  n: seq,
  seq,
  ts: 9,
});
const no_conversations = { type: 'conversations', conversations: [], more: false };

let browser;
let environment;
let client;
let told;
beforeEach(() => {
  browser = new FakeBrowser();
  ({ environment, client, told } = open_window());
});

function open_window(changes) {
  const environment = browser.window(changes);
  const client = new KlatchClient({ url: 'ws://chat.example/chat', me, environment });
  const told = [];
  for (const type of [
    'state',
    'welcome',
    'message',
    'queued',
    'sent',
    'failed',
    'receipt',
    'notice',
    'error',
    'unkept',
  ])
    client.addEventListener(type, ({ detail }) => told.push({ type, ...detail }));
  return { environment, client, told };
}

const socket = () => environment.sockets.at(-1);
const told_of = (type) => told.filter((each) => each.type === type);

/** Connects, and is welcomed. */
async function connect(more) {
  client.connect();
  await welcomed(more);
}

async function welcomed(more) {
  socket().onopen();
  socket().say(welcome(more));
  await settle();
}

/** The connection breaks, and the next one is there. */
async function reconnect(more) {
  socket().end();
  await browser.pass(30_000);
  await welcomed(more);
}

test('registers as version 2, and is online when it is welcomed', async () => {
  client.connect();
  assert.equal(client.status.state, 'connecting');
  assert.equal(socket().url, 'ws://chat.example/chat');
  await welcomed();
  assert.deepEqual(socket().sent, [{ type: 'system', v: 2, id: '7', projectId: '2424', name: 'mks', color: '#F00' }]);
  assert.equal(client.status.state, 'online');
  assert.deepEqual(told_of('welcome'), [{ type: 'welcome', recovered: false, kept: true }]);
});

test('after a loss it goes on from the highest entry seen, its acks included', async () => {
  await connect({ head: 840 });
  client.send('5', 'hi');
  await settle();
  const [{ cid }] = socket().of('user');
  socket().say(usermsg(841));
  socket().say({ type: 'ack', cid, mid: '9', n: 3, seq: 842, ts: 1 });
  await reconnect({ head: 842, recovered: true });
  assert.deepEqual(socket().sent[0].resume, { epoch: 'e', since: 842 });
  assert.equal(told_of('welcome')[1].recovered, true);
});

test('a repeated ack with its old number does not move the cursor back', async () => {
  await connect({ head: 10 });
  client.send('5', 'hi');
  await settle();
  socket().say(usermsg(11));
  socket().say({ type: 'ack', cid: socket().of('user')[0].cid, mid: '2', n: 2, seq: 4, ts: 1 });
  await reconnect({ head: 11, recovered: true });
  assert.deepEqual(socket().sent[0].resume, { epoch: 'e', since: 11 });
});

test('where the log is another one it starts over from its head', async () => {
  await connect({ head: 10 });
  await reconnect({ epoch: 'other', head: 3 });
  assert.equal(told_of('welcome')[1].recovered, false);
  await reconnect({ epoch: 'other', head: 3, recovered: true });
  assert.deepEqual(socket().sent[0].resume, { epoch: 'other', since: 3 });
});

test('an epoch that a start has renamed is gone on with where it recovered', async () => {
  await connect({ head: 10 });
  socket().say(usermsg(11));
  await reconnect({ epoch: 'renamed', head: 12, recovered: true });
  assert.equal(told_of('welcome')[1].recovered, true);
  socket().say(usermsg(12));
  await reconnect({ epoch: 'renamed again', head: 12, recovered: true });
  assert.deepEqual(socket().sent[0].resume, { epoch: 'renamed', since: 12 });
});

test('a server that keeps nothing is not asked to go on', async () => {
  await connect({ epoch: '', head: 0 });
  assert.equal(told_of('welcome')[0].kept, false);
  client.send('5', 'hi');
  await settle();
  const [{ cid }] = socket().of('user');
  socket().say({ type: 'ack', cid, ts: 5 });
  assert.deepEqual(told_of('sent'), [{ type: 'sent', cid, to: '5', mid: '', n: 0, ts: 5 }]);
  await reconnect({ epoch: '' });
  assert.equal('resume' in socket().sent[0], false);
  assert.equal(socket().of('recv').length, 0);
});

test('a message that had no answer before the loss is sent again with its cid, and told of once', async () => {
  await connect();
  const cid = client.send('5', 'hi');
  await settle();
  await reconnect({ recovered: true });
  assert.deepEqual(socket().of('user'), [{ type: 'user', to_id: '5', message: 'hi', cid }]);
  socket().say({ type: 'ack', cid, mid: '9', n: 3, seq: 1, ts: 1 });
  socket().say({ type: 'ack', cid, mid: '9', n: 3, seq: 1, ts: 1 });
  assert.equal(told_of('queued').length, 1);
  assert.equal(told_of('sent').length, 1);
});

test('what is sent while offline goes out in order when the connection is there, in the next window too', async () => {
  client.send('5', 'a');
  client.send('5', 'b');
  await settle();
  client.close();
  ({ environment, client, told } = open_window());
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
  assert.deepEqual(told_of('failed'), [{ type: 'failed', cid, to: '5', code: 'forbidden', text: 'no' }]);
  assert.equal(told_of('error').length, 1);
});

test('a message whose frame is over the limit fails without being sent, and the next one goes', async () => {
  await connect({ limits: { frame_bytes: 200, message_bytes: 100 } });
  client.send('5', '\u0001'.repeat(50));
  client.send('5', 'short');
  await settle();
  assert.equal(told_of('failed')[0].code, 'too_large');
  assert.deepEqual(
    socket()
      .of('user')
      .map(({ message }) => message),
    ['short'],
  );
});

/** Connects again and again to a server that ends the connection with `code` at a text that holds `x`. */
async function ended_at_x(code) {
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
    await ended_at_x(code);
    assert.deepEqual(
      told_of('failed').map((each) => [each.to, each.code]),
      [['5', as]],
    );
    assert.equal(told_of('sent').length, 2);
  });

test('a text of a lone surrogate goes out well formed, and an id with one is refused before it is queued', async () => {
  await connect();
  const cut = 'cut within \ud83d';
  assert.ok(client.send('5', cut));
  await settle();
  assert.equal(told_of('queued')[0].text, 'cut within \ufffd');
  assert.equal(socket().of('user')[0].message, 'cut within \ufffd');
  assert.equal(client.send_problem('5\udc00', 'hi'), 'bad_id');
  assert.equal(client.send('5\udc00', 'hi'), undefined);
  assert.equal(client.send('', 'hi'), undefined);
  assert.equal(told_of('queued').length, 1);
  const bad = [
    { ...me, id: '\ud83d' },
    { ...me, project: 'x\udc00' },
  ];
  for (const me of bad) assert.throws(() => new KlatchClient({ url: 'ws://x/chat', me, environment }), TypeError);
});

test('what an older page has queued to an impossible id fails without being sent to another', async () => {
  const left_over = { cid: 'old', to: '5\ud83d', text: 'hi', at: 1 };
  await browser.store.add(left_over);
  await connect();
  assert.deepEqual(socket().of('user'), []);
  assert.deepEqual(told_of('failed'), [{ type: 'failed', cid: 'old', to: left_over.to, code: 'bad_id', text: '' }]);
});

test('no frame holds a lone surrogate, in whichever field it was given', async () => {
  const sent = [];
  const open_socket = (url) => {
    const opened = { url, readyState: 1, send: (text) => sent.push(text), close: () => {} };
    sockets.push(opened);
    return opened;
  };
  const sockets = [];
  const ill = '\ud83d';
  const window_ = browser.window({ open_socket });
  const made = new KlatchClient({ url: 'ws://x/chat', me: { ...me, name: ill, color: ill }, environment: window_ });
  made.connect();
  sockets[0].onopen();
  sockets[0].onmessage({ data: JSON.stringify(welcome({ recovered: true })) });
  made.send('5', ill);
  made.mark_read(ill, 1);
  made.history(ill).catch(() => {});
  await browser.pass(1_000);
  made.close();
  assert.deepEqual(
    sent.map((text) => JSON.parse(text).type),
    ['system', 'history', 'user', 'read'],
  );
  for (const text of sent) assert.doesNotMatch(text, /\\ud[89a-f]|\p{Surrogate}/iu);
});

test('a text over the limit is refused before it is queued: that of the server, or 64 KiB before it has said one', async () => {
  const texts = ['é'.repeat(32_769), 'x'.repeat(65_537), '\ud83d'.repeat(21_846)];
  for (const text of texts) assert.equal(client.send_problem('5', text), 'too_large');
  for (const text of texts) assert.equal(client.send('5', text), undefined);
  for (const text of ['é'.repeat(32_768), 'x'.repeat(65_536)]) assert.equal(client.send_problem('5', text), '');
  assert.equal(client.send_problem('5', ''), 'empty');
  await connect({ limits: { frame_bytes: 131072, message_bytes: 100 } });
  assert.equal(client.send_problem('5', 'x'.repeat(101)), 'too_large');
  assert.equal(client.send_problem('5', 'x'.repeat(100)), '');
  assert.deepEqual(told_of('queued'), []);
});

test('an error that names nothing is about the open question, unless it is no JSON: then about what is on its way', async () => {
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
  assert.deepEqual([told_of('failed'), told_of('error')], [[], []]);
  for (let i = 0; i < 2; ++i) {
    await browser.pass(1_000);
    socket().say({ type: 'error', code: 'bad_json', message: 'no' });
  }
  await settle();
  assert.equal(told_of('failed').length, 1);
  socket().say({ type: 'error', code: 'bad_json', message: 'no' });
  assert.equal(told_of('error').length, 1);
});

test('what has arrived is told a few times a second, cumulatively, once the conversations are here', async () => {
  await connect({ head: 5 });
  socket().say(usermsg(6));
  await browser.pass(1_000);
  assert.deepEqual(socket().of('recv'), []);
  const asked = client.conversations();
  socket().say(no_conversations);
  await asked;
  await browser.pass(200);
  assert.deepEqual(socket().of('recv'), [{ type: 'recv', seq: 6 }]);
  for (let seq = 7; seq < 50; ++seq) socket().say(usermsg(seq));
  await browser.pass(200);
  assert.deepEqual(socket().of('recv').at(-1), { type: 'recv', seq: 49 });
  assert.equal(socket().of('recv').length, 2);
});

test('read marks rise, and those of a connection that broke are told again', async () => {
  await connect();
  client.mark_read('5', 3);
  client.mark_read('5', 2);
  await browser.pass(200);
  client.mark_read('5', 3);
  await browser.pass(200);
  assert.deepEqual(socket().of('read'), [{ type: 'read', with: '5', n: 3 }]);
  socket().end();
  client.mark_read('5', 4);
  client.mark_read('6', 1);
  await browser.pass(30_000);
  await welcomed({ recovered: true });
  await browser.pass(200);
  assert.deepEqual(socket().of('read'), [
    { type: 'read', with: '5', n: 4 },
    { type: 'read', with: '6', n: 1 },
  ]);
});

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
  test(`where the device’s clock is set by ${jump} ms, silence, back-off, answers and marks take the time they take`, async () => {
    await connect();
    const asked = assert.rejects(client.history('5'), { code: 'timeout' });
    client.mark_read('5', 1);
    client.send('5', 'hi');
    await settle();
    browser.set_clock(jump);
    await browser.pass(200);
    assert.equal(socket().of('read').length, 1);
    await browser.pass(14_800);
    await asked;
    await browser.pass(15_000);
    assert.equal(socket().of('ping').length, 1);
    assert.equal(socket().of('user').length, 2);
    browser.set_clock(jump);
    await browser.pass(5_000);
    assert.equal(client.status.state, 'offline');
    assert.equal(client.status.retry_at, browser.now + 750);
    browser.set_clock(jump);
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
async function closed_with({ frames = [], code }) {
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
  assert.deepEqual(await closed_with({ frames: [late], code: 4401 }), ['offline', true]);
});

for (const code of [1000, 1002, 1003, 1005, 1007, 1008, 1009, 3000, 4000, 4401, 4403, 4450])
  test(`a close with ${code} before the server has said anything is a loss`, async () => {
    assert.deepEqual(await closed_with({ code }), ['offline', true]);
  });

for (const code of [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1011, 3000, 4000])
  test(`a close with ${code} while online is a loss`, async () => {
    assert.deepEqual(await closed_with({ frames: [welcome()], code }), ['offline', true]);
  });

for (const code of [4401, 4403, 4450])
  test(`a close with ${code} after the server’s own answer is a refusal`, async () => {
    assert.deepEqual(await closed_with({ frames: [welcome()], code }), ['closed', false]);
  });

test('after 1002 it waits longer than after a loss', async () => {
  const waits = [];
  for (const code of [1006, 1002]) {
    ({ environment, client, told } = open_window());
    await connect();
    await browser.pass(10_000);
    socket().end(code);
    waits.push(client.status.retry_at - browser.now);
  }
  assert.deepEqual(waits, [750, 6_000]);
});

/** A window whose sockets never open, while `healthz` says what `answer` holds; how often it was asked, and why. */
function refused_window(answer) {
  const asked = [];
  const ask_health = async (url) => (asked.push(url), answer);
  ({ environment, client, told } = open_window({ ask_health }));
  const why = async () => {
    socket().end(1006);
    await settle();
    return client.status.why;
  };
  client.connect();
  return { asked, why };
}

test('after two sockets that did not open the server is asked, and what it says is told at once', async () => {
  const { asked, why } = refused_window({ status: 200, text: 'ok' });
  assert.match(await why(), /could not be made/);
  assert.deepEqual(asked, []);
  await browser.pass(1_000);
  assert.match(await why(), /does not let a WebSocket through/);
  assert.deepEqual(asked, ['ws://chat.example/chat']);
  const { retry_at } = client.status;
  assert.ok(retry_at > browser.now);
  await browser.pass(2_000);
  assert.equal(environment.sockets.length, 3);
});

test('what was in the way is forgotten once the server has answered', async () => {
  const { why } = refused_window({ status: 429, text: '' });
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
  const ask_health = () => new Promise((resolve) => (answer = resolve));
  ({ environment, client, told } = open_window({ ask_health }));
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

test('a server of the plain dialect is told apart', () => {
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
  client.mark_read('5', 1);
  await settle();
  client.close();
  await settle();
  assert.equal(socket().closed, true);
  assert.equal(browser.timers, 0);
});
