import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Conversations, kept_conversations, kept_messages } from '../../../web/conversations.js';

const me = { id: '7', project: '2424', name: 'mks', color: '#F00' };
const from = (sender, message, name = `N${sender}`) => ({
  kind: 'usermsg',
  from: sender,
  to: '7',
  name,
  message,
  color: '#00F',
});

let book;
let told;
beforeEach(() => {
  told = [];
  book = new Conversations(me, (what, { partner }, entry) =>
    told.push(entry ? `${what} ${partner} ${entry.text}` : `${what} ${partner}`),
  );
});
const states = (partner) => book.get(partner).messages.map(({ text, state }) => `${text}:${state}`);

test('a message opens a conversation with its sender and counts as unread', () => {
  book.receive(from('5', 'hi'), 1);
  assert.deepEqual(told, ['opened 5', 'added 5 hi']);
  assert.equal(book.get('5').name, 'N5');
  assert.equal(book.unread(), 1);
  book.mark_read(book.get('5'));
  assert.equal(book.unread(), 0);
});

test('a message from another device of mine goes to the conversation it belongs to, and is read', () => {
  book.receive({ ...from('7', 'from my phone'), to: '5' }, 1);
  assert.deepEqual(states('5'), ['from my phone:sent']);
  assert.equal(book.get('5').messages[0].mine, true);
  assert.equal(book.get('5').name, '');
  assert.equal(book.unread(), 0);
});

test('the latest activity comes first', () => {
  book.receive(from('5', 'a'), 1);
  book.receive(from('6', 'b'), 2);
  assert.deepEqual(
    book.list().map(({ partner }) => partner),
    ['6', '5'],
  );
  book.compose('5', 'c', 3);
  assert.deepEqual(
    book.list().map(({ partner }) => partner),
    ['5', '6'],
  );
});

test('sending becomes sent, and not_connected fails the latest to that partner', () => {
  for (const [partner, text] of [
    ['5', 'a'],
    ['5', 'b'],
    ['6', 'c'],
  ])
    book.mark_sent(book.compose(partner, text, 1));
  book.fail_latest_to('5', 'gone');
  assert.deepEqual(states('5'), ['a:sent', 'b:failed']);
  book.fail_latest_to('5', 'gone');
  assert.deepEqual(states('5'), ['a:failed', 'b:failed']);
  assert.equal(book.fail_latest_to('5', 'gone'), undefined);
  assert.deepEqual(states('6'), ['c:sent']);
});

test('an error that names nothing fails the latest of all, unless it is long ago', () => {
  book.compose('5', 'a', 1_000);
  book.compose('6', 'b', 2_000);
  assert.equal(book.fail_latest('why', 3_000).text, 'b');
  assert.equal(book.fail_latest('why', 60_000), undefined);
  assert.deepEqual(states('5'), ['a:sending']);
});

test('a lost connection fails what had not left, and no later answer touches what had', () => {
  book.mark_sent(book.compose('5', 'a', 1));
  book.compose('5', 'b', 1);
  book.connection_lost('lost');
  assert.deepEqual(states('5'), ['a:sent', 'b:failed']);
  assert.equal(book.get('5').messages[1].why, 'lost');
  assert.equal(book.fail_latest_to('5', 'gone'), undefined);
});

test('a failed message is withdrawn to be sent again, once', () => {
  const message = book.compose('5', 'a', 1);
  assert.equal(book.withdraw(message), false);
  book.fail(message, 'x');
  assert.equal(book.withdraw(message), true);
  assert.equal(book.withdraw(message), false);
  assert.deepEqual(states('5'), []);
});

test('a note to myself stands there once, a note from my other device too', () => {
  book.compose('7', 'note', 1);
  assert.equal(book.receive(from('7', 'note'), 2), undefined);
  assert.deepEqual(states('7'), ['note:sent']);
  book.receive(from('7', 'note'), 3);
  assert.deepEqual(states('7'), ['note:sent', 'note:sent']);
  assert.equal(book.unread(), 0);
});

test('a disconnect shows where the person is known, and is left to the caller where nobody is', () => {
  book.receive(from('5', 'hi', 'Ann'), 1);
  assert.equal(book.add_notice('Ann disconnected', 2), true);
  assert.equal(book.get('5').messages[1].notice, true);
  assert.equal(book.add_notice('Bob disconnected', 3), false);
  assert.equal(book.unread(), 1);
});

test('a conversation keeps its newest messages', () => {
  for (let i = 0; i < kept_messages + 5; ++i) book.receive(from('5', `m${i}`), i);
  const { messages } = book.get('5');
  assert.equal(messages.length, kept_messages);
  assert.equal(messages[0].text, 'm5');
  assert.equal(
    told.filter((line) => line.startsWith('removed')).join(),
    'removed 5 m0,removed 5 m1,removed 5 m2,removed 5 m3,removed 5 m4',
  );
});

test('conversations are bounded, and one with a draft is never dropped', () => {
  book.receive(from('first', 'x'), 0);
  book.get('first').draft = 'unsent';
  for (let i = 0; i < kept_conversations; ++i) book.receive(from(`u${i}`, 'x'), i + 1);
  assert.equal(book.list().length, kept_conversations);
  assert.ok(book.get('first'));
  assert.equal(book.get('u0'), undefined);
});
