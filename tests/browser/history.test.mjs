// The page against a scripted server: what it loads, in which order it shows it, and what became of messages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, openConversation, say, texts } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { eventually, me, now, received, serve, shows, start, state } from './scripted_page.mjs';

/** A chat in which 5 and I have written `count` messages, each in its turn. */
function chatOf(count, options) {
  now.chat = new ScriptedChat(me, options);
  for (let n = 1; n <= count; ++n)
    if (n % 2) now.chat.arrive('5', `line ${n}`);
    else now.chat.sentElsewhere('5', `line ${n}`);
}

const lines = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);
const allTexts = (page) => page.locator('.bubble').allTextContents();
const scrollTo = (page, top) => page.evaluate((to) => (document.getElementById('log').scrollTop = to), top);

test('after sign-in the conversations are listed, the newest first, with unread count and last message', async () => {
  now.chat = new ScriptedChat(me);
  now.chat.arrive('5', 'from five');
  now.chat.arrive('6', 'one');
  now.chat.arrive('6', 'two');
  now.chat.sentElsewhere('8', 'from me');
  now.chat.marks.set('5', { read: 1 });
  const { page } = await start();
  await page.locator('.row-button').nth(2).waitFor();
  assert.deepEqual(await page.locator('.row-snippet').allTextContents(), ['You: from me', 'two', 'from five']);
  assert.deepEqual(await page.locator('.badge:visible').allTextContents(), ['2 unread']);
  assert.equal(await page.title(), '(2) Klatch');
});

test('a conversation in which I said the last word is called by the partner’s name', async () => {
  now.chat = new ScriptedChat(me);
  now.chat.sentElsewhere('5', 'from me');
  const { handle } = now.chat;
  now.chat.handle = (client, frame) => {
    if (frame.type !== 'conversations') return handle.call(now.chat, client, frame);
    const { say } = client;
    client.say = (answer) => {
      for (const row of answer.conversations) row.peer = { name: 'Ann', color: '#0000ff' };
      client.say = say;
      say(answer);
    };
    return handle.call(now.chat, client, frame);
  };
  const { page } = await start();
  await page.locator('.row-name', { hasText: 'Ann' }).waitFor();
  await openConversation(page, '5');
  assert.equal(await page.locator('#partner-name').textContent(), 'Ann');
});

test('the list of conversations grows as one scrolls', async () => {
  now.chat = new ScriptedChat(me);
  for (let i = 1; i <= 120; ++i) now.chat.arrive(`u${i}`, 'hi');
  const { page } = await start();
  await page.locator('.row-button').nth(49).waitFor();
  assert.equal(await page.locator('.row-button').count(), 50);
  for (const count of [100, 120]) {
    await page.evaluate(() => (document.getElementById('conversation-list').scrollTop = 1e6));
    await page
      .locator('.row-button')
      .nth(count - 1)
      .waitFor();
  }
  assert.equal(await page.locator('.more-conversations').isVisible(), false);
  assert.equal(new Set(await page.locator('.row-snippet').allTextContents()).size, 1);
  assert.equal(new Set(await page.locator('.row-name').allTextContents()).size, 120);
});

test('scrolling up loads older messages to the beginning, and what is in sight stays where it is', async () => {
  chatOf(180);
  const { page } = await start();
  await openConversation(page, '5');
  await texts(page, 51);
  const loaded = await allTexts(page);
  assert.deepEqual(loaded, lines(181 - loaded.length, 180));
  assert.ok(loaded.length <= 101, 'no more than the reader is near to');
  for (let first = loaded.length; (await allTexts(page)).length < 180;) {
    const topLine = (await allTexts(page))[0];
    await page.evaluate(() => {
      const log = document.getElementById('log');
      log.scrollTop = 60;
      window.before = document.querySelector('.bubble');
      window.beforeTop = window.before.getBoundingClientRect().top;
    });
    await eventually(async () => assert.notEqual((await allTexts(page))[0], topLine));
    const moved = await page.evaluate(() => window.before.getBoundingClientRect().top - window.beforeTop);
    assert.ok(Math.abs(moved) < 40, `what was in sight moved by ${moved} px`);
    assert.ok((first += 50) <= 250);
  }
  assert.deepEqual(await allTexts(page), lines(1, 180));
  await scrollTo(page, 0);
  await shows(page, 'This is the beginning of the conversation.');
  const asked = received('history');
  await page.waitForTimeout(300);
  assert.deepEqual(received('history'), asked, 'nothing more is asked for');
  assert.equal(await page.locator('.day').count(), 1);
});

test('the page says that older messages load, or cannot be had, and asking again brings them', async () => {
  chatOf(60);
  let answer = 'later';
  let askAgain;
  const { handle } = now.chat;
  now.chat.handle = (client, frame) => {
    if (frame.type !== 'history' || answer === 'now') return handle.call(now.chat, client, frame);
    askAgain = () => client.say({ type: 'error', code: 'forbidden', message: 'not now', temporary: false });
    return undefined;
  };
  const { page } = await start();
  await openConversation(page, '5');
  await shows(page, 'Loading older messages…');
  askAgain();
  await shows(page, 'Older messages could not be loaded.');
  answer = 'now';
  await page.getByRole('button', { name: 'Try again' }).click();
  await texts(page, 50);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'log');
});

test('the log is scrolled, and older messages are loaded, by keys alone', async () => {
  chatOf(120);
  const { page } = await start();
  await openConversation(page, '5');
  await texts(page, 50);
  await page.locator('#log').focus();
  for (let i = 0; i < 4; ++i) {
    await page.keyboard.press('Home');
    await page.waitForTimeout(150);
  }
  await texts(page, 120);
  await page.locator('#announcer', { hasText: 'older messages loaded' }).waitFor({ state: 'attached' });
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'message');
});

test('an empty conversation says so, and needs no more than one question', async () => {
  const { page } = await start();
  await openConversation(page, 'nobody');
  await shows(page, 'No messages yet. Say hello!');
  await page.waitForTimeout(200);
  assert.equal(received('history').length, 1);
});

test('a history whose pages are short is loaded whole', async () => {
  chatOf(60, { messagesAPage: 7 });
  const { page } = await start();
  await openConversation(page, '5');
  for (let i = 0; i < 12; ++i) {
    await scrollTo(page, 0);
    await page.waitForTimeout(60);
  }
  await eventually(async () => assert.deepEqual(await allTexts(page), lines(1, 60)));
});

test('a message is sent, delivered, read: in pictures of different shape and in words', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  await say(page, 'first');
  await say(page, 'second');
  await state(page, 'second', 'sent');
  const words = () => page.locator('.mine .state').allTextContents();
  assert.deepEqual(await words(), ['Sent', 'Sent']);
  const shape = () => page.locator('.mine .tick path').last().getAttribute('d');
  const oneTick = await shape();
  now.chat.say({ type: 'receipt', kind: 'delivered', with: '5', n: 2, by: '5' });
  await state(page, 'second', 'delivered');
  assert.notEqual(await shape(), oneTick);
  now.chat.say({ type: 'receipt', kind: 'read', with: '5', n: 1, by: '5' });
  await state(page, 'first', 'read');
  assert.deepEqual(await words(), ['Read', 'Delivered']);
  assert.equal(await page.getByText('Delivered', { exact: true }).isVisible(), true);
  const background = (name) =>
    page
      .locator(`[data-state=${name}] .tick`)
      .evaluate((element) => getComputedStyle(element).backgroundColor !== 'rgba(0, 0, 0, 0)');
  assert.deepEqual([await background('read'), await background('delivered')], [true, false]);
});

test('the partner’s marks are there after a reload, and the server’s time is the time shown', async () => {
  now.chat = new ScriptedChat(me);
  now.chat.clock = Date.parse('2024-02-29T10:11:12Z');
  for (const text of ['a', 'b', 'c']) now.chat.sentElsewhere('5', text);
  now.chat.marks.set('5', { peer_read: 1, peer_delivered: 2 });
  const { page } = await start(undefined, { timezoneId: 'UTC' });
  await openConversation(page, '5');
  await texts(page, 3);
  assert.deepEqual(await page.locator('.mine .state').allTextContents(), ['Read', 'Delivered', 'Sent']);
  assert.deepEqual(await page.locator('.message time').allTextContents(), ['10:11', '10:11', '10:11']);
  assert.match(await page.locator('.day').textContent(), /29 February/);
});

test('what is read is reported at the end of an open conversation, not while one reads further up', async () => {
  chatOf(60);
  const { page } = await start();
  await page.locator('.badge', { hasText: '30' }).waitFor();
  assert.deepEqual(received('read'), []);
  await openConversation(page, '5');
  await eventually(() => assert.deepEqual(received('read').at(-1), { type: 'read', with: '5', n: 59 }));
  await texts(page, 51);
  await scrollTo(page, 500);
  await page.locator('#jump').waitFor();
  now.chat.arrive('5', 'waits');
  await page.getByRole('button', { name: '1 new message' }).waitFor();
  await page.waitForTimeout(400);
  assert.equal(received('read').length, 1);
  await page.click('#jump');
  await eventually(() => assert.deepEqual(received('read').at(-1), { type: 'read', with: '5', n: 61 }));
  await eventually(() => assert.deepEqual(received('recv').at(-1), { type: 'recv', seq: 61 }));
});

test('what another device of mine has read is no longer unread here', async () => {
  const { page } = await start();
  for (const text of ['a', 'b', 'c']) now.chat.arrive('5', text);
  await page.locator('.badge', { hasText: '3 unread' }).waitFor();
  now.chat.say({ type: 'receipt', kind: 'read', with: '5', n: 2, by: '7' });
  await page.locator('.badge', { hasText: '1 unread' }).waitFor();
  now.chat.say({ type: 'receipt', kind: 'read', with: '5', n: 3, by: '7' });
  await page.waitForFunction(() => document.title === 'Klatch');
});

test('after a break the missed messages follow, in order and once', async () => {
  chatOf(3);
  const { page, client } = await start();
  await openConversation(page, '5');
  await texts(page, 3);
  const { port } = now.server;
  client.terminate();
  await now.server.stop();
  for (const text of ['line 4', 'line 5']) now.chat.arrive('5', text);
  await serve({ port });
  await page.locator('[data-connection=online]').waitFor();
  await texts(page, 5);
  assert.deepEqual(await allTexts(page), lines(1, 5));
  assert.deepEqual(received('system')[0].resume, { epoch: 'first', since: 3 });
  assert.deepEqual(received('conversations'), []);
});

test('if the server’s log is another one, everything is loaded afresh', async () => {
  chatOf(3);
  const { page } = await start();
  await openConversation(page, '5');
  await texts(page, 3);
  const { port } = now.server;
  await now.server.stop();
  now.chat = new ScriptedChat(me, { epoch: 'second' });
  for (const text of ['new 1', 'new 2']) now.chat.arrive('5', text);
  await serve({ port });
  await page.locator('[data-connection=online]').waitFor();
  await eventually(async () => assert.deepEqual(await allTexts(page), ['new 1', 'new 2']));
});

test('a message that arrives while its conversation is loaded stands there once', async () => {
  chatOf(5);
  const { handle } = now.chat;
  now.chat.handle = (client, frame) => {
    if (frame.type === 'history' || frame.type === 'conversations')
      now.chat.arrive('5', `line ${now.chat.count('5') + 1}`);
    handle.call(now.chat, client, frame);
  };
  const { page } = await start();
  await openConversation(page, '5');
  await eventually(async () => assert.deepEqual(await allTexts(page), lines(1, 7)));
});

for (const colorScheme of ['light', 'dark'])
  test(`axe finds nothing in a long conversation, nor scrolls anything sideways, on a ${colorScheme} phone`, async () => {
    chatOf(130);
    now.chat.marks.set('5', { peer_read: 100, peer_delivered: 128 });
    const { page } = await start(undefined, { colorScheme });
    await openConversation(page, '5');
    await texts(page, 51);
    await assertAccessible(page, 'a conversation with all statuses');
    await page.setViewportSize({ width: 360, height: 740 });
    await scrollTo(page, 0);
    await page.waitForTimeout(100);
    await scrollTo(page, 0);
    await assertAccessible(page, 'its beginning on a phone');
    await assertNoSidewaysScroll(page, 'a long conversation');
    assert.deepEqual(now.window.problems, []);
  });
