import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  byte_length,
  decode,
  encode_registration,
  encode_user_message,
  max_message_bytes,
  valid_id,
  well_formed,
} from '../../../web/protocol.js';

const golden = (name) => JSON.parse(readFileSync(new URL(`../../golden/${name}_frames.json`, import.meta.url), 'utf8'));
const me = { id: '7', project: '2424', name: 'mks', color: '#F00' };

test('every golden frame of the server is understood', () => {
  const frames = golden('server');
  assert.ok(frames.length > 10);
  for (const { name, kind, fields, text } of frames) {
    const decoded = decode(text);
    assert.equal(decoded.kind, kind, name);
    for (const [field, value] of Object.entries(fields)) assert.equal(decoded[field], value, `${name}: ${field}`);
  }
});

test('what the page sends is what the server reads: the golden registrations, encoded by the page, say the same', () => {
  const registrations = golden('client').filter(({ decodes }) => decodes.kind === 'registration');
  assert.ok(registrations.length > 5);
  for (const { name, decodes } of registrations) {
    const { user: id, project, color } = decodes;
    const frame = JSON.parse(encode_registration({ id, project, name: decodes.name, color }));
    assert.deepEqual(frame, { type: 'system', id, projectId: project, name: decodes.name, color }, name);
  }
});

test('the page takes an id for valid exactly where the server does', () => {
  let seen = 0;
  for (const { name, text, decodes } of golden('client')) {
    if (decodes.kind !== 'registration') continue;
    ++seen;
    assert.ok(valid_id(decodes.user) && valid_id(decodes.project), `${name}: ${text}`);
  }
  assert.ok(seen > 5);
  for (const bad of ['', 'a'.repeat(65), 'é'.repeat(33), 'a\u0000', 'a\n', '\u007f', '\u0085'])
    assert.ok(!valid_id(bad), JSON.stringify(bad));
  for (const good of ['7', 'a'.repeat(64), 'é'.repeat(32), 'a b', '🐢']) assert.ok(valid_id(good), good);
});

test('a registration and a message have the fields of the original page', () => {
  assert.deepEqual(JSON.parse(encode_registration(me)), {
    type: 'system',
    id: '7',
    projectId: '2424',
    name: 'mks',
    color: '#F00',
  });
  assert.deepEqual(JSON.parse(encode_user_message(me, '5', 'hi "you"\n')), {
    type: 'user',
    to_id: '5',
    message: 'hi "you"\n',
    name: 'mks',
    id: '7',
    projectId: '2424',
    color: '#F00',
  });
});

test('frames of a later dialect are told apart from what is no frame', () => {
  assert.deepEqual(decode('{"type":"presence","users":{}}'), { kind: 'unknown', type: 'presence' });
  for (const text of ['', '{', 'null', '7', '[]', '"x"', '{}', '{"type":7}'])
    assert.equal(decode(text).kind, 'invalid', text);
});

test('fields of a wrong type count as empty, integers as ids', () => {
  assert.deepEqual(decode('{"type":"usermsg","name":{},"message":["x"],"color":5,"from":7,"to":1.5}'), {
    kind: 'usermsg',
    name: '',
    message: '',
    color: '',
    from: '7',
    to: '',
  });
  assert.deepEqual(decode('{"type":"system","message":null}'), { kind: 'notice', text: '' });
  assert.deepEqual(decode('{"type":"system","message":"m","error":"rate_limited","retry_ms":"soon"}'), {
    kind: 'error',
    text: 'm',
    code: 'rate_limited',
  });
});

test('lengths are counted as the server counts them', () => {
  assert.equal(byte_length('aé龜🐢'), 1 + 2 + 3 + 4);
  assert.equal(byte_length('x'.repeat(max_message_bytes)), 65_536);
});

test('lone surrogates are replaced, everything else is kept', () => {
  assert.equal(well_formed('a\ud800b\udc00'), 'a\ufffdb\ufffd');
  assert.equal(well_formed('\ufeff🐢 ok\u0000'), '\ufeff🐢 ok\u0000');
});
