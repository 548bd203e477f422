// The page on small screens: narrow, low, with large text, with a keyboard on the screen.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, openConversation, say, texts } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { eventually, me, now, received, shows, start, state } from './scripted_page.mjs';

const phone = { viewport: { width: 360, height: 740 } };
const touch = { ...phone, hasTouch: true, isMobile: true };

/** How the reader's browser writes text: `size` in CSS pixels where the page names none. */
async function setTextSize(page, size) {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: size } });
}

async function reachable(page, selector) {
  const element = page.locator(selector);
  await element.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await element.boundingBox();
  const { width: screenWidth, height: screenHeight } = page.viewportSize();
  assert.ok(x >= 0 && x + width <= screenWidth, `${selector} is at ${x}…${x + width} of ${screenWidth}`);
  assert.ok(y >= 0 && y + height <= screenHeight + 1, `${selector} is at ${y}…${y + height} of ${screenHeight}`);
}

test('after five conversations opened from the list, one Back leaves the page as it was before them', async () => {
  const { page } = await start(undefined, phone);
  const before = await page.evaluate(() => history.length);
  for (const partner of ['a', 'b', 'c', 'd', 'e']) {
    await openConversation(page, partner);
    await page.click('#back');
    await page.locator('#write-to').waitFor();
  }
  assert.equal(await page.evaluate(() => history.length), before + 1, 'the entries are used again');
  await openConversation(page, 'f');
  await page.goBack();
  await page.locator('#write-to').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  await page.goForward();
  await page.locator('#partner-id', { hasText: 'Id f' }).waitFor();
});

test('a reader who comes by a link to a conversation gets to the list by button and by keys', async () => {
  now.chat = new ScriptedChat(me);
  const { page } = await start(undefined, phone);
  await page.goto(`${now.server.url}#/with/5`);
  await page.reload();
  await page.locator('#partner-id', { hasText: 'Id 5' }).waitFor();
  await page.press('#message', 'Escape');
  await page.locator('#write-to').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  // Faster than the browser goes back: the next conversation is opened all the same.
  await openConversation(page, '6');
  await page.evaluate(() => {
    document.getElementById('back').click();
    document.getElementById('write-to').value = '8';
    document.getElementById('write-to-form').requestSubmit();
  });
  await page.locator('#partner-id', { hasText: 'Id 8' }).waitFor();
  await page.waitForTimeout(700);
  assert.equal(new URL(page.url()).hash, '#/with/8');
  assert.equal(await page.locator('#partner-id').textContent(), 'Id 8');
});

test('the way back stays as large as a finger, however long the name', async () => {
  const { page } = await start(undefined, phone);
  now.chat.arrive('5', 'hi', { name: 'Maximiliana-Theodora von und zu Hohenlohe-Langenburg-Schillingsfürst' });
  await openConversation(page, '5');
  const { width, height } = await page.locator('#back').boundingBox();
  assert.ok(width >= 44 && height >= 44, `${width} × ${height}`);
});

test('on a touch keyboard Enter begins a line and the button sends; with a mouse Enter sends', async () => {
  const { page } = await start(undefined, touch);
  await openConversation(page, '5');
  assert.equal(await page.getAttribute('#message', 'enterkeyhint'), 'enter');
  await page.fill('#message', 'one');
  await page.locator('#message').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two');
  assert.equal(await page.inputValue('#message'), 'one\ntwo');
  await page.tap('#send');
  await state(page, 'two', 'sent');
  assert.equal(received('user')[0].message, 'one\ntwo');
  await page.fill('#message', 'by keys');
  await page.press('#message', 'Control+Enter');
  await state(page, 'by keys', 'sent');
});

test('with text at 200 % at 360 px everything can be reached, and nothing scrolls sideways', async () => {
  const { page } = await start(undefined, phone);
  await setTextSize(page, 32);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), '32px');
  now.chat.arrive('5', 'hello there', { name: 'Maximiliana-Theodora von und zu Hohenlohe' });
  await shows(page, 'hello there');
  for (const selector of ['#sign-out', '#write-to-form button', '.row-button', '#copy-invitation'])
    await reachable(page, selector);
  await assertNoSidewaysScroll(page, 'the list at 200 %');
  const { width } = await page.locator('#write-to').boundingBox();
  assert.ok(width >= 6 * 32, `${width} px to type an id into`);
  await openConversation(page, '5');
  await texts(page, 1);
  for (const selector of ['#back', '.bubble', '#message', '#send']) await reachable(page, selector);
  await assertNoSidewaysScroll(page, 'a conversation at 200 %');
  await assertAccessible(page, 'a conversation at 200 %');
  await now.server.stop();
  await page.locator('#trouble').waitFor();
  for (const selector of ['#connect-now', '#back', '#send']) await reachable(page, selector);
  await assertNoSidewaysScroll(page, 'a lost connection at 200 %');
  await page.click('#back');
  await page.click('#sign-out');
  for (const selector of ['#sign-in-name', '#sign-in-id', '#sign-in-form .primary']) await reachable(page, selector);
  await assertNoSidewaysScroll(page, 'the sign-in at 200 %');
});

test('with text at 200 % there are two views in a wider window, too', async () => {
  const { page } = await start(undefined, { viewport: { width: 800, height: 740 } });
  await openConversation(page, '5');
  assert.equal(await page.locator('#back').isVisible(), false);
  assert.equal(await page.locator('.sidebar').isVisible(), true);
  await setTextSize(page, 32);
  await page.locator('#back').waitFor();
  assert.equal(await page.locator('.sidebar').isVisible(), false);
  await page.press('#message', 'Escape');
  await page.locator('#write-to').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest('.sidebar') !== null), true);
  await assertNoSidewaysScroll(page, 'the list at 200 %');
});

test('in landscape there is room for the list and for the log', async () => {
  now.chat = new ScriptedChat(me);
  for (let i = 0; i < 120; ++i) now.chat.arrive(`u${i}`, `hello ${i}`);
  const { page } = await start(undefined, { viewport: { width: 640, height: 300 } });
  await page.locator('.row-button').nth(49).waitFor();
  assert.equal(await page.locator('.row-button').count(), 50, 'no more than the reader is near to');
  const seen = (selector) =>
    page.evaluate((of) => {
      const { top, bottom } = document.querySelector(of).getBoundingClientRect();
      return Math.min(bottom, innerHeight) - Math.max(top, 0);
    }, selector);
  assert.ok((await seen('#conversation-list')) >= 150, `${await seen('#conversation-list')} px of list`);
  await page.evaluate(() => (document.querySelector('.sidebar').scrollTop = 1e6));
  await page.locator('.row-button').nth(99).waitFor();
  await eventually(async () => assert.ok((await page.locator('.row-button').count()) >= 100));
  await page.evaluate(() => (document.querySelector('.sidebar').scrollTop = 0));
  await openConversation(page, 'u1');
  await texts(page, 1);
  await say(page, 'hi');
  await state(page, 'hi', 'sent');
  assert.ok((await seen('#log')) >= 150, `${await seen('#log')} px of log`);
  await assertAccessible(page, 'a conversation in landscape');
  await assertNoSidewaysScroll(page, 'a conversation in landscape');
});
