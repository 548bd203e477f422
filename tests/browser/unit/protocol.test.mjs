import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  byteLength,
  decode,
  encodeConversations,
  encodeHistory,
  encodeRead,
  encodeReceived,
  encodeRefresh,
  encodeRegistration,
  encodeUserMessage,
  maxMessageBytes,
  pingFrame,
  validId,
  wellFormed,
} from '../../../web/sdk/protocol.js';

const golden = (name) => JSON.parse(readFileSync(new URL(`../../golden/${name}_frames.json`, import.meta.url), 'utf8'));
const me = { id: '7', project: '2424', name: 'mks', color: '#F00' };

/** What the page, which tells errors apart by their code, calls a kind of the golden files. */
const kinds = {
  not_connected: 'error',
  rate_limited: 'error',
  usermsg: 'message',
  'stored usermsg': 'message',
  'handed on': 'ack',
};

/** The page's own words for fields of the wire. */
const words = { with: 'conversation', message: 'text', ts: 'sentAt' };

const own = (field) => words[field] ?? field.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** A golden value as the page has it: ids are text there, and numbers of the golden files may be ids. */
const same = (value, golden) =>
  Array.isArray(golden)
    ? golden.every((each, at) => Object.entries(each).every(([field, wanted]) => same(value[at][own(field)], wanted)))
    : typeof golden === 'object'
      ? Object.entries(golden).every(([field, wanted]) => same(value[own(field)], wanted))
      : String(value) === String(golden);

test('every golden frame of the server is understood', () => {
  // What plain clients alone are sent the page never sees.
  const frames = [...golden('server'), ...golden('extended_server')].filter(({ kind }) => kind !== 'plain usermsg');
  assert.ok(frames.length > 40);
  for (const { name, kind, fields, text } of frames) {
    const decoded = decode(text);
    assert.equal(decoded.kind, kinds[kind] ?? kind, name);
    for (const [field, value] of Object.entries(fields)) {
      // The page has no use for its own id, the log's floor and the rate, and calls a receipt's kind its mark.
      if (kind === 'welcome' && ['id', 'floor', 'send_rate'].includes(field)) continue;
      const ours = kind === 'receipt' && field === 'kind' ? decoded.mark : decoded[own(field)];
      assert.ok(same(ours, value), `${name}: ${field} is ${JSON.stringify(ours)}`);
    }
  }
});

test('the golden registrations, encoded by the page, are what the server reads', () => {
  const registrations = golden('client').filter(({ decodes }) => decodes.kind === 'registration');
  assert.ok(registrations.length > 5);
  for (const { name, decodes } of registrations) {
    const { user: id, project, color, guest } = decodes;
    const frame = JSON.parse(encodeRegistration({ id, project, name: decodes.name, color }, { guest }));
    const wanted = { type: 'system', v: 2, guest, id, projectId: project, name: decodes.name, color };
    assert.deepEqual(frame, JSON.parse(JSON.stringify(wanted)), name);
  }
});

test('the page takes an id for valid exactly where the server does', () => {
  let seen = 0;
  for (const { name, text, decodes } of golden('client')) {
    if (decodes.kind !== 'registration' || decodes.guest) continue;
    ++seen;
    assert.ok(validId(decodes.user) && validId(decodes.project), `${name}: ${text}`);
  }
  assert.ok(seen > 5);
  for (const bad of ['', 'a'.repeat(65), 'é'.repeat(33), 'a\u0000', 'a\n', '\u007f', '\u0085'])
    assert.ok(!validId(bad), JSON.stringify(bad));
  for (const good of ['7', 'a'.repeat(64), 'é'.repeat(32), 'a b', '🐢']) assert.ok(validId(good), good);
});

test('a registration says the version, and what to resume where there is something', () => {
  const registration = { type: 'system', v: 2, id: '7', projectId: '2424', name: 'mks', color: '#F00' };
  assert.deepEqual(JSON.parse(encodeRegistration(me)), registration);
  const resume = { epoch: '5f0c', since: 812 };
  assert.deepEqual(JSON.parse(encodeRegistration(me, { resume, ref: 'r0' })), { ...registration, resume, ref: 'r0' });
});

test('a registration with a token, or of a guest, says what is known of the rest', () => {
  assert.deepEqual(JSON.parse(encodeRegistration({}, { token: 'a.b.c' })), { type: 'system', v: 2, token: 'a.b.c' });
  const guest = { type: 'system', v: 2, guest: true, projectId: 'shop', name: 'Visitor' };
  assert.deepEqual(JSON.parse(encodeRegistration({ project: 'shop', name: 'Visitor' }, { guest: true })), guest);
  assert.deepEqual(JSON.parse(encodeRefresh('a.b.c', 't1')), { type: 'refresh', token: 'a.b.c', ref: 't1' });
});

test('the welcome of a token says who it is, and until when', () => {
  const { id, project, name, role, exp, insecure } = decode(
    '{"type":"welcome","v":2,"id":"7","project":"shop","name":"Mia","role":"user","exp":1763803600,"insecure":true}',
  );
  assert.deepEqual(
    { id, project, name, role, exp, insecure },
    { id: '7', project: 'shop', name: 'Mia', role: 'user', exp: 1763803600, insecure: true },
  );
});

test('every other frame of the page stands in the golden files, so the server reads it', () => {
  const known = golden('extended_client').map(({ text }) => text);
  for (const text of [
    encodeUserMessage({ to: '5', text: 'hi', cid: 'c1' }),
    encodeReceived(840),
    encodeRead('5', 3),
    encodeHistory('5'),
    encodeHistory('5', { before: 100, limit: 50 }),
    encodeHistory('5', { after: 0, limit: 200 }),
    encodeHistory('5', { before: 100, limit: 50, ref: 'r1' }),
    encodeConversations(),
    encodeConversations({ ref: 'r2' }),
    encodeConversations({ before: '9', limit: 20 }),
    pingFrame,
  ])
    assert.ok(known.includes(text), text);
  const quoted = encodeUserMessage({ to: '5', text: 'hi "you"\n', cid: 'c1' });
  assert.equal(JSON.parse(quoted).message, 'hi "you"\n');
});

const onTheWire = {
  name: 'mks',
  message: 'hi',
  color: '#F00',
  from: '7',
  to: '5',
  mid: '9',
  n: 3,
  seq: 12,
  ts: 1763800000000,
};
const { message: text, ts: sentAt, ...sameWords } = onTheWire;
const decodedMessage = { kind: 'message', ...sameWords, text, sentAt };

test('frames of the server are understood', () => {
  const frames = [
    [
      {
        type: 'welcome',
        v: 2,
        id: '7',
        epoch: 'e',
        head: 840,
        floor: 1,
        recovered: true,
        ping_s: 25,
        limits: { frame_bytes: 131072, message_bytes: 65536 },
      },
      {
        kind: 'welcome',
        id: '7',
        project: '',
        name: '',
        role: '',
        exp: 0,
        token: '',
        insecure: false,
        epoch: 'e',
        head: 840,
        recovered: true,
        pingMs: 25_000,
        limits: { frameBytes: 131072, messageBytes: 65536 },
      },
    ],
    [
      { type: 'refreshed', exp: 1763807200, token: 'next', ref: 't1' },
      { kind: 'refreshed', exp: 1763807200, token: 'next', ref: 't1' },
    ],
    [
      { type: 'expiring', in_ms: 25_000 },
      { kind: 'expiring', inMs: 25_000 },
    ],
    [{ type: 'usermsg', ...onTheWire }, decodedMessage],
    [
      { type: 'ack', cid: 'c1', mid: '9', n: 3, seq: 841, ts: 5 },
      { kind: 'ack', cid: 'c1', mid: '9', n: 3, seq: 841, sentAt: 5 },
    ],
    [
      { type: 'ack', cid: 'c1', ts: 5 },
      { kind: 'ack', cid: 'c1', mid: '', n: 0, seq: 0, sentAt: 5 },
    ],
    [
      { type: 'receipt', kind: 'read', with: '5', n: 3, by: '5' },
      { kind: 'receipt', mark: 'read', conversation: '5', n: 3, by: '5' },
    ],
    [
      { type: 'history', with: '5', before: 4, messages: [{ type: 'usermsg', ...onTheWire }, 'x'], more: true },
      { kind: 'history', conversation: '5', before: 4, after: 0, messages: [decodedMessage], more: true },
    ],
    [
      {
        type: 'conversations',
        conversations: [
          { with: 5, last: { type: 'usermsg', ...onTheWire }, unread: 2, read: 1, peer_read: 2, peer_delivered: 3 },
          { with: 6, last: { type: 'usermsg', ...onTheWire }, peer: { name: 'Six', color: '#0f0', later: 1 } },
        ],
        more: false,
      },
      {
        kind: 'conversations',
        conversations: [
          { conversation: '5', last: decodedMessage, unread: 2, read: 1, peerRead: 2, peerDelivered: 3 },
          {
            conversation: '6',
            last: decodedMessage,
            unread: 0,
            read: 0,
            peerRead: 0,
            peerDelivered: 0,
            peer: { name: 'Six', color: '#0f0' },
          },
        ],
        more: false,
      },
    ],
    [
      { type: 'error', code: 'rate_limited', message: 'wait', cid: 'c1', temporary: true, retry_ms: 50 },
      {
        kind: 'error',
        code: 'rate_limited',
        text: 'wait',
        cid: 'c1',
        to: '',
        temporary: true,
        retryMs: 50,
        guests: false,
      },
    ],
    [
      { type: 'reconnect', after_ms: 1834 },
      { kind: 'reconnect', afterMs: 1834 },
    ],
    [{ type: 'pong' }, { kind: 'pong' }],
  ];
  for (const [frame, decoded] of frames) assert.deepEqual(decode(JSON.stringify(frame)), decoded);
});

test('who is a guest is told apart', () => {
  const from = { type: 'usermsg', name: 'Visitor', message: 'hi', from: 'g-1', to: '7', role: 'guest' };
  assert.equal(decode(JSON.stringify(from)).role, 'guest');
  assert.equal(decode(JSON.stringify({ ...from, role: 'admin' })).role, undefined);
  const row = { with: 'g-1', last: from, peer: { name: 'Visitor', color: '', role: 'guest' } };
  const { conversations } = decode(JSON.stringify({ type: 'conversations', conversations: [row] }));
  assert.deepEqual(conversations[0].peer, { name: 'Visitor', color: '', role: 'guest' });
});

test('frames of a later dialect are not taken for what is no frame', () => {
  assert.deepEqual(decode('{"type":"presence","users":{}}'), { kind: 'unknown', type: 'presence' });
  for (const text of ['', '{', 'null', '7', '[]', '"x"', '{}', '{"type":7}'])
    assert.equal(decode(text).kind, 'invalid', text);
});

test('fields of a wrong type count as empty, integers as ids', () => {
  const empty = { kind: 'message', name: '', text: '', color: '', from: '', to: '', mid: '', n: 0, seq: 0, sentAt: 0 };
  assert.deepEqual(
    decode('{"type":"usermsg","name":{},"message":["x"],"color":5,"from":7,"to":1.5,"n":-1,"seq":"2"}'),
    { ...empty, from: '7' },
  );
  assert.deepEqual(decode('{"type":"system","message":null}'), { kind: 'notice', text: '', id: '' });
  const row = { conversation: '', last: empty, unread: 0, read: 0, peerRead: 0, peerDelivered: 0 };
  assert.deepEqual(decode('{"type":"conversations","conversations":[{"last":7}],"more":1}').conversations, [row]);
  assert.deepEqual(decode('{"type":"history","messages":{}}').messages, []);
  assert.equal(decode('{"type":"system","message":"m","error":"rate_limited","retry_ms":"soon"}').retryMs, 0);
  for (const type of ['toString', 'constructor', '__proto__'])
    assert.equal(decode(JSON.stringify({ type })).kind, 'unknown');
});

test('lengths are counted as the server counts them', () => {
  assert.equal(byteLength('aé龜🐢'), 1 + 2 + 3 + 4);
  assert.equal(byteLength('x'.repeat(maxMessageBytes)), 65_536);
});

test('lone surrogates are replaced, everything else is kept', () => {
  assert.equal(wellFormed('a\ud800b\udc00'), 'a\ufffdb\ufffd');
  assert.equal(wellFormed('\ufeff🐢 ok\u0000'), '\ufeff🐢 ok\u0000');
});

for (const [how, change] of [
  ['where the browser knows how', () => {}],
  ['where it does not', () => delete String.prototype.toWellFormed],
])
  test(`text is made well formed ${how}, and is otherwise left as it is`, () => {
    const { toWellFormed } = String.prototype;
    change();
    for (const [text, wanted] of [
      ['', ''],
      ['\ufeffbom, \u0000 and 👍', '\ufeffbom, \u0000 and 👍'],
      ['cut \ud83d', 'cut \ufffd'],
      ['\udc4d\ud83d', '\ufffd\ufffd'],
      ['\ud83d\ud83d\udc4d', '\ufffd👍'],
    ])
      assert.equal(wellFormed(text), wanted);
    Object.assign(String.prototype, { toWellFormed });
  });
