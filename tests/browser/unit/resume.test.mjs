// How the client registers, and where it goes on after a loss.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './fakes.mjs';
import { client, connect, reconnect, socket, eventsOf, usermsg, welcomed } from './one_client.mjs';

test('a client registers as version 2, and is online when it is welcomed', async () => {
  client.connect();
  assert.equal(client.status.state, 'connecting');
  assert.equal(socket().url, 'ws://chat.example/chat');
  await welcomed();
  const me = { id: '7', projectId: '2424', name: 'mks', color: '#F00' };
  assert.deepEqual(socket().sent, [{ type: 'system', v: 2, ...me, ref: 'r0' }]);
  assert.equal(client.status.state, 'online');
  assert.deepEqual(eventsOf('welcome'), [{ type: 'welcome', recovered: false, kept: true, insecure: false }]);
});

test('after a loss a client resumes from the highest entry seen, its acks included', async () => {
  await connect({ head: 840 });
  client.send('5', 'hi');
  await settle();
  const [{ cid }] = socket().of('user');
  socket().say(usermsg(841));
  socket().say({ type: 'ack', cid, mid: '9', n: 3, seq: 842, ts: 1 });
  await reconnect({ head: 842, recovered: true });
  assert.deepEqual(socket().sent[0].resume, { epoch: 'e', since: 842 });
  assert.equal(eventsOf('welcome')[1].recovered, true);
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

test('a client whose log is another one starts over from its head', async () => {
  await connect({ head: 10 });
  await reconnect({ epoch: 'other', head: 3 });
  assert.equal(eventsOf('welcome')[1].recovered, false);
  await reconnect({ epoch: 'other', head: 3, recovered: true });
  assert.deepEqual(socket().sent[0].resume, { epoch: 'other', since: 3 });
});

test('a client resumes in an epoch that a start has renamed, from where that one recovered', async () => {
  await connect({ head: 10 });
  socket().say(usermsg(11));
  await reconnect({ epoch: 'renamed', head: 12, recovered: true });
  assert.equal(eventsOf('welcome')[1].recovered, true);
  socket().say(usermsg(12));
  await reconnect({ epoch: 'renamed again', head: 12, recovered: true });
  assert.deepEqual(socket().sent[0].resume, { epoch: 'renamed', since: 12 });
});

test('a server that stores nothing is not asked to resume', async () => {
  await connect({ epoch: '', head: 0 });
  assert.equal(eventsOf('welcome')[0].kept, false);
  client.send('5', 'hi');
  await settle();
  const [{ cid }] = socket().of('user');
  socket().say({ type: 'ack', cid, ts: 5 });
  assert.deepEqual(eventsOf('sent'), [{ type: 'sent', cid, to: '5', mid: '', n: 0, sentAt: 5 }]);
  await reconnect({ epoch: '' });
  assert.equal('resume' in socket().sent[0], false);
  assert.equal(socket().of('recv').length, 0);
});
