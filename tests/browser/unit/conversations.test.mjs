import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import './fakes.mjs';
import { keptMessages, keptWhenLeft } from '../../../web/sdk/model/conversation.js';
import { Conversations, keptConversations } from '../../../web/sdk/model/conversations.js';

const me = { id: '7', project: '2424', name: 'mks', color: '#F00' };

/** As the server's: each message has the next number, whatever the conversation. */
const mids = [];
const midOf = (id, n) => {
  const name = `${id}/${n}`;
  if (!mids.includes(name)) mids.push(name);
  return String(mids.indexOf(name) + 1);
};

/** Message number `n` of the conversation with `id`, from it or from me. */
const message = (id, n, text = `m${n}`, from = id) => ({
  kind: 'message',
  from,
  to: from === '7' ? id : '7',
  name: `N${from}`,
  color: '#00F',
  text,
  mid: midOf(id, n),
  n,
  sentAt: n,
});
const myMessage = (id, n, text) => message(id, n, text, '7');
const waiting = (cid, to, text, sentAt = 1) => ({ cid, to, text, sentAt });
const sent = (cid, to, n) => ({ cid, to, mid: midOf(to, n), n, sentAt: n });
const row = (last, more = {}) => ({
  conversation: last.from === '7' ? last.to : last.from,
  last,
  unread: 0,
  read: 0,
  peerRead: 0,
  peerDelivered: 0,
  ...more,
});

let book;
let events;
beforeEach(() => {
  events = [];
  mids.length = 0;
  book = new Conversations(me);
  for (const type of ['opened', 'added', 'changed', 'moved', 'removed', 'older', 'read', 'dropped', 'reset'])
    book.addEventListener(type, ({ detail: { conversation, entry, entries } }) => {
      const about = entries ? entries.map(({ text }) => text).join(',') : entry?.text;
      events.push([type, conversation.id, about].join(' ').trim());
    });
});
const shown = (id) => book.get(id).messages.map(({ text }) => text);
const states = (id) => book.get(id).messages.map(({ text, state }) => `${text}:${state}`);
const ids = () => book.list().map(({ id }) => id);

test('a message opens a conversation with its sender and counts as unread', () => {
  book.receive(message('5', 1, 'hi'), 1);
  assert.deepEqual(events, ['opened 5', 'added 5 hi']);
  assert.equal(book.get('5').name, 'N5');
  assert.equal(book.unread(), 1);
  assert.equal(book.markRead(book.get('5')), 1);
  assert.equal(book.markRead(book.get('5')), 0);
  assert.equal(book.unread(), 0);
});

test('a message from another device of mine goes to the conversation it belongs to, and is read', () => {
  book.receive(myMessage('5', 1, 'from my phone'), 1);
  assert.deepEqual(states('5'), ['from my phone:sent']);
  assert.equal(book.get('5').name, '');
  assert.equal(book.unread(), 0);
});

test('messages stand in the order of their numbers, once, whichever way they come', () => {
  for (const n of [3, 5, 4, 3, 5]) book.receive(message('5', n), 1);
  book.addHistory(book.get('5'), { messages: [1, 2, 3].map((n) => message('5', n)), more: false });
  assert.deepEqual(shown('5'), ['m1', 'm2', 'm3', 'm4', 'm5']);
  assert.equal(events.at(-1), 'older 5 m1,m2');
});

test('what is being sent stands last, and takes its place when it has its number', () => {
  book.queued(waiting('a', '5', 'mine'));
  book.receive(message('5', 1), 1);
  assert.deepEqual(states('5'), ['m1:', 'mine:sending']);
  book.receive(message('5', 3), 1);
  book.sent(sent('a', '5', 2));
  assert.deepEqual(states('5'), ['m1:', 'mine:sent', 'm3:']);
  assert.equal(events.at(-1), 'moved 5 mine');
});

test('a message of mine that comes back without its cid is taken for the one that waits, until its ack', () => {
  book.queued(waiting('a', '5', 'hi'));
  book.receive(myMessage('5', 1, 'hi'), 1);
  assert.deepEqual(states('5'), ['hi:sent']);
  book.sent(sent('a', '5', 1));
  assert.deepEqual(states('5'), ['hi:sent']);
});

test('two messages of the same text, one taken for the other at first, both stand in the end', () => {
  book.queued(waiting('a', '5', 'ok'));
  book.receive(myMessage('5', 1, 'ok'), 1);
  book.sent(sent('a', '5', 2));
  assert.deepEqual(states('5'), ['ok:sent', 'ok:sent']);
  assert.deepEqual(
    book.get('5').messages.map(({ n }) => n),
    [1, 2],
  );
  book.queued(waiting('b', '5', 'no'));
  book.receive(myMessage('5', 3, 'no'), 1);
  book.failed(waiting('b', '5'), 'why');
  assert.deepEqual(states('5').slice(2).sort(), ['no:failed', 'no:sent']);
});

test('an ack for a message that has been loaded meanwhile leaves one', () => {
  book.queued(waiting('a', '5', 'hi'));
  book.addHistory(book.get('5'), { messages: [myMessage('5', 1, 'hi')], more: false });
  book.sent(sent('a', '5', 1));
  assert.deepEqual(states('5'), ['hi:sent']);
  book.receive(myMessage('5', 1, 'hi'), 1);
  assert.deepEqual(states('5'), ['hi:sent']);
});

test('an ack whose conversation is gone opens it in the place of its number, not of its time', () => {
  // More wait than are kept: the first of them is no reason to keep the conversation.
  for (let i = 0; i <= keptMessages; ++i) book.queued(waiting(`c${i}`, '5', 'x'));
  for (let i = 1; i <= keptMessages; ++i) book.sent(sent(`c${i}`, '5', i));
  book.reset('');
  assert.equal(book.get('5'), undefined);
  book.sent({ ...sent('c0', '5', keptMessages + 1), sentAt: Date.UTC(2026, 0, 15) });
  book.receive(message('6', 1), 1);
  assert.deepEqual(
    book.list().map(({ id }) => id),
    ['6', '5'],
  );
});

test('receipts of the other side raise what became of my messages, and never lower it', () => {
  for (const n of [1, 2, 3]) book.receive(myMessage('5', n), 1);
  const receipt = (mark, n, by = '5') => book.receipt({ mark, conversation: '5', n, by });
  receipt('delivered', 2);
  assert.deepEqual(states('5'), ['m1:delivered', 'm2:delivered', 'm3:sent']);
  receipt('read', 3);
  receipt('read', 1);
  receipt('delivered', 1);
  assert.deepEqual(states('5'), ['m1:read', 'm2:read', 'm3:read']);
  book.queued(waiting('a', '5', 'm4'));
  book.sent(sent('a', '5', 4));
  assert.equal(states('5')[3], 'm4:sent');
  receipt('read', 9, '7');
  assert.equal(states('5')[3], 'm4:sent');
});

test('a receipt of my own from another device clears what is unread up to there', () => {
  for (const n of [1, 2, 3]) book.receive(message('5', n), 1);
  book.receipt({ mark: 'read', conversation: '5', n: 2, by: '7' });
  assert.equal(book.unread(), 1);
  book.receipt({ mark: 'read', conversation: '5', n: 3, by: '7' });
  assert.equal(book.unread(), 0);
  book.receipt({ mark: 'read', conversation: 'nobody', n: 3, by: '7' });
});

test('the server’s rows make the list: last message, unread, marks', () => {
  book.addRows([
    row({ ...message('5', 9), mid: '900' }, { unread: 4, read: 5, peerRead: 2 }),
    row(myMessage('6', 3), { read: 2, peerRead: 2, peerDelivered: 3 }),
  ]);
  assert.deepEqual(ids(), ['5', '6']);
  assert.equal(book.unread(), 4);
  assert.deepEqual(states('6'), ['m3:delivered']);
  assert.equal(book.get('5').older, 'more');
  book.receive({ ...message('5', 10), mid: '901' }, 20);
  assert.equal(book.unread(), 5);
  book.receipt({ mark: 'read', conversation: '5', n: 8, by: '7' });
  assert.equal(book.unread(), 2);
  assert.equal(book.markRead(book.get('5')), 10);
});

test('the first message is the beginning of a conversation, whatever the server says of more', () => {
  const conversation = book.open('5');
  book.addHistory(conversation, { messages: [message('5', 3), message('5', 4)], more: true });
  assert.equal(conversation.older, 'more');
  book.addHistory(conversation, { messages: [message('5', 1), message('5', 2)], more: true });
  assert.equal(conversation.older, 'none');
  book.addHistory(book.open('6'), { messages: [], more: false });
  assert.equal(book.get('6').older, 'none');
});

test('starting over forgets what the server said, and keeps what it has not taken', () => {
  book.receive(message('5', 1), 1);
  book.queued(waiting('a', '5', 'waits'));
  book.queued(waiting('b', '6', 'failed'));
  book.failed(waiting('b', '6'), 'why');
  book.receive(myMessage('5', 2, 'waits'), 1);
  book.open('open');
  book.receive(message('gone', 1), 1);
  book.receive(message('draft', 1), 1);
  book.get('draft').draft = 'unsent';
  book.reset('open');
  assert.deepEqual(ids().sort(), ['5', '6', 'draft', 'open']);
  assert.deepEqual(states('5'), ['waits:sending']);
  assert.deepEqual(states('6'), ['failed:failed']);
  assert.deepEqual(shown('draft'), []);
  assert.equal(book.unread(), 0);
});

test('messages of a server that keeps nothing have no numbers, and stand as they come', () => {
  book.setKept(false);
  const unnumbered = (from, text) => ({ ...message('5', 0, text, from), mid: '', sentAt: 5 });
  book.receive(unnumbered('5', 'a'), 1);
  book.queued(waiting('c', '5', 'b'));
  book.sent({ cid: 'c', to: '5', mid: '', n: 0, sentAt: 6 });
  book.receive(unnumbered('5', 'a'), 1);
  assert.deepEqual(states('5'), ['a:', 'b:sent', 'a:']);
  assert.equal(book.unread(), 2);
  assert.equal(book.markRead(book.get('5')), 0);
  assert.equal(book.unread(), 0);
  assert.equal(book.get('5').older, 'unkept');
});

for (const [how, skew] of [
  ['is right', 0],
  ['is a day ahead', 86_400_000],
  ['is a day behind', -86_400_000],
])
  test(`the latest activity comes first, where the device’s clock ${how}`, () => {
    const now = 1e12;
    const receive = (id, n) => book.receive({ ...message(id, n), sentAt: now }, now + skew);
    receive('5', 1);
    receive('6', 2);
    assert.deepEqual(ids(), ['6', '5']);
    book.queued(waiting('a', '5', 'c', now + skew));
    assert.deepEqual(ids(), ['5', '6']);
    receive('6', 3);
    assert.deepEqual(ids(), ['6', '5']);
    book.sent({ ...sent('a', '5', 2), sentAt: now });
    assert.deepEqual(ids(), ['5', '6']);
    book.open('8');
    assert.deepEqual(ids(), ['8', '5', '6']);
    receive('6', 4);
    assert.deepEqual(ids(), ['6', '8', '5']);
  });

test('what was done before the first rows came stands ahead of them, and so it does after starting over', () => {
  const rows = () => [row(message('6', 2)), row(message('5', 1))];
  midOf('5', 1);
  book.open('8');
  for (let i = 0; i < 2; ++i) {
    book.addRows(rows());
    assert.deepEqual(ids(), ['8', '6', '5']);
    book.reset('8');
  }
  book.queued(waiting('a', '4', 'left over', 1));
  book.addRows(rows());
  assert.deepEqual(ids(), ['4', '8', '6', '5']);
});

test('a failed message is withdrawn to be sent again, once', () => {
  book.queued(waiting('a', '5', 'x'));
  const [entry] = book.get('5').messages;
  assert.equal(book.withdraw(entry), false);
  book.failed(waiting('a', '5'), 'why');
  assert.equal(entry.why, 'why');
  assert.equal(book.withdraw(entry), true);
  assert.equal(book.withdraw(entry), false);
  assert.deepEqual(shown('5'), []);
});

test('a disconnect shows where the person is known, and is left to the caller where nobody is', () => {
  book.receive({ ...message('5', 1), name: 'Ann' }, 1);
  assert.equal(book.addNotice({ text: 'Ann disconnected', id: '' }, 2), true);
  assert.equal(book.get('5').messages[1].notice, true);
  assert.equal(book.addNotice({ text: 'Bob disconnected', id: '' }, 3), false);
  assert.equal(book.unread(), 1);
});

test('a disconnect that names the id shows with that user alone, whatever the names', () => {
  for (const id of ['5', '6']) book.receive({ ...message(id, 1), name: 'Ann' }, 1);
  assert.equal(book.addNotice({ text: 'Ann disconnected', id: '6' }, 2), true);
  assert.deepEqual(shown('5'), ['m1']);
  assert.equal(book.get('6').messages.at(-1).text, 'Ann disconnected');
  assert.equal(book.addNotice({ text: 'Ann disconnected', id: '8' }, 3), false);
  assert.deepEqual(shown('5'), ['m1']);
  assert.equal(book.addNotice({ text: '192.0.2.1 disconnected', id: '5' }, 4), true, 'the text is the operator’s');
});

test('a row’s peer says what the other is called, where the last message is mine too', () => {
  const peer = { name: 'Ann', color: '#0f0' };
  book.addRows([row(myMessage('5', 1), { peer }), row(myMessage('6', 1)), row(myMessage('7', 1), { peer })]);
  assert.deepEqual(
    ['5', '6', '7'].map((id) => [book.get(id).name, book.get(id).color]),
    [
      ['Ann', '#0f0'],
      ['', ''],
      [me.name, me.color],
    ],
  );
});

test('a conversation keeps its newest messages, and fewer once it is left', () => {
  for (let n = 1; n <= keptMessages + 5; ++n) book.receive(message('5', n), n);
  const conversation = book.get('5');
  assert.equal(conversation.messages.length, keptMessages);
  assert.equal(conversation.messages[0].text, 'm6');
  assert.equal(conversation.older, 'more');
  book.addHistory(conversation, { messages: [message('5', 5)], more: true });
  assert.equal(conversation.older, 'full');
  book.leave(conversation);
  assert.equal(conversation.messages.length, keptWhenLeft);
  assert.equal(conversation.messages.at(-1).n, keptMessages + 5);
  assert.equal(conversation.older, 'more');
  assert.equal(conversation.byMid.size, keptWhenLeft);
});

test('conversations are bounded, and one with a draft or a message that waits is never dropped', () => {
  book.receive(message('first', 1), 0);
  book.get('first').draft = 'unsent';
  book.queued(waiting('a', 'second', 'x', 0));
  for (let i = 0; i < keptConversations; ++i) book.receive(message(`u${i}`, 1), 1);
  assert.equal(book.list().length, keptConversations);
  assert.ok(book.get('first') && book.get('second'));
  assert.equal(book.get('u0'), undefined);
});
