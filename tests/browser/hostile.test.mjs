// The page against people who write to break it: what they write stays in its place, and looks like what it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConversation, say, texts, theirs } from './page_driver.mjs';
import { eventually, now, shows, start } from './scripted_page.mjs';

const logHeight = (page) => page.evaluate(() => document.getElementById('log').scrollHeight);

test('a message of line breaks, and one of 64 KiB, are folded; Show all shows all, Show less folds again', async () => {
  const { page } = await start();
  now.chat.arrive('5', `${'\n'.repeat(60_000)}end`);
  now.chat.arrive('5', 'x'.repeat(60_000));
  now.chat.arrive('5', 'short');
  await openConversation(page, '5');
  await texts(page, 3);
  assert.ok((await logHeight(page)) < 2_600, `the log is ${await logHeight(page)} px high`);
  const [all, first] = [page.getByRole('button', { name: 'Show all' }), page.locator('.bubble').first()];
  assert.equal(await all.count(), 2);
  assert.equal(await all.first().getAttribute('aria-expanded'), 'false');
  await all.first().focus();
  await page.keyboard.press('Enter');
  assert.match(await first.textContent(), /end$/);
  const less = page.getByRole('button', { name: 'Show less' });
  assert.equal(await less.evaluate((element) => element === document.activeElement), true);
  // However long the message, the way back is in sight.
  await page.evaluate(() => (document.getElementById('log').scrollTop = 5_000));
  await eventually(async () => assert.ok((await less.boundingBox()).y < 700));
  await less.click();
  assert.ok((await logHeight(page)) < 2_600);
});

test('marks that are stacked stay within their bubble, name and avatar', async () => {
  const tower = `A${'\u030d\u0316'.repeat(200)}`;
  const { page } = await start();
  now.chat.arrive('5', tower, { name: tower });
  await openConversation(page, '5');
  await texts(page, 1);
  for (const selector of ['.bubble', '.meta', '#partner-name', '#partner-avatar', '.row-button .avatar', '.row-name']) {
    const overflow = await page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).overflowY);
    assert.match(overflow, /^(clip|hidden)$/, selector);
  }
});

test('what turns text round reaches no name, id or notice, and no link', async () => {
  const { page, client } = await start();
  now.chat.arrive('\u202e5', 'x \u202ehttps://a.example/exe.gpj', { name: '\u202eAnna' });
  await openConversation(page, '\u202e5');
  await texts(page, 1);
  client.say({ type: 'system', message: '\u202eAnna disconnected' });
  client.say({ type: 'system', message: '\u2067Ben disconnected' });
  await shows(page, 'Ben disconnected');
  for (const selector of ['#partner-name', '#partner-id', '.author', '.row-name', '.notice', '#notices'])
    assert.doesNotMatch(await page.locator(selector).first().textContent(), /[\u202a-\u202e\u2066-\u2069]/, selector);
  assert.equal(await page.locator('#partner-id').textContent(), 'Id [U+202E]5');
  // The address is drawn from left to right, in the middle of text that is turned.
  const drawn = await page.locator('.bubble a').evaluate((link) => {
    const range = document.createRange();
    const place = (at) => {
      range.setStart(link.firstChild, at);
      range.setEnd(link.firstChild, at + 1);
      return range.getBoundingClientRect().left;
    };
    return place(0) < place(link.textContent.length - 1);
  });
  assert.equal(drawn, true);
});

test('names and ids are isolated, so that nothing around them changes its place', async () => {
  const name = 'שלום';
  const isolated = `\u2068${name}\u2069`;
  const { page } = await start((client, { cid }) => {
    client.say({ type: 'error', code: 'not_connected', message: '', cid, temporary: true });
    return true;
  });
  now.chat.arrive(name, '!', { name, ts: Date.UTC(2026, 0, 15, 12) });
  const said = (text) =>
    eventually(async () => assert.ok((await page.locator('#announcer').textContent()).endsWith(text), text));
  await said(`New message from ${isolated}.`);
  await openConversation(page, name);
  await texts(page, 1);
  // Without isolation the digits of the time would go on from right to left, before the name.
  const [author, time] = await Promise.all(['.author', '.meta time'].map((part) => page.locator(part).boundingBox()));
  assert.ok(author.x + author.width <= time.x + 1, `the name at ${author.x}, the time at ${time.x}`);
  await say(page, 'hi');
  await shows(page, `Not delivered: ${isolated} is not connected.`);
  await said(`A message to ${isolated} was not delivered. ${isolated} is not connected.`);
  await page.click('#sign-out');
  await page.goto(`${now.server.url}?id=&to=${encodeURIComponent(name)}`);
  await shows(page, `invited to write to ${isolated}.`);
});

test('somebody named You is told from me, in the log and in the list', async () => {
  const { page } = await start();
  now.chat.sentElsewhere('6', 'hello');
  now.chat.arrive('5', 'You: I have paid', { name: 'You' });
  await openConversation(page, '5');
  await texts(page, 1, theirs);
  assert.deepEqual(await page.locator('.author').allTextContents(), ['You (id 5)']);
  assert.deepEqual(await page.locator('.row-name').allTextContents(), ['You (id 5)', '6']);
  assert.deepEqual(await page.locator('.row-who').allTextContents(), ['', 'You: ']);
});
