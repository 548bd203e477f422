// The log of a conversation: how far it is scrolled, how its rows lie, how names and texts are drawn.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConversation, texts, theirs } from './page_driver.mjs';
import { now, shows, start } from './scripted_page.mjs';

test('the log follows its end, unless the reader has scrolled up', async () => {
  const { page, client } = await start();
  for (let i = 0; i < 60; ++i) now.chat.arrive('5', `line ${i}`);
  await openConversation(page, '5');
  await texts(page, 60);
  const atEnd = () =>
    page.waitForFunction(() => {
      const log = document.getElementById('log');
      return log.scrollHeight - log.scrollTop - log.clientHeight <= 1;
    });
  await atEnd();
  now.chat.arrive('5', 'follows');
  await texts(page, 61);
  await atEnd();
  await page.evaluate(() => (document.getElementById('log').scrollTop = 100));
  await page.locator('#jump').waitFor();
  now.chat.arrive('5', 'waits');
  await page.getByRole('button', { name: '1 new message' }).waitFor();
  assert.equal(await page.evaluate(() => document.getElementById('log').scrollTop), 100);
  assert.equal(await page.title(), '(1) Klatch');
  await page.click('#jump');
  await page.locator('#jump').waitFor({ state: 'hidden' });
  await atEnd();
  assert.equal(await page.title(), 'Klatch');
});

test('a conversation keeps its last two thousand messages in the page, grouped under headings', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  for (let i = 0; i < 2_100; ++i) now.chat.arrive('5', `line ${i}`);
  await page.locator('.bubble', { hasText: 'line 2099' }).waitFor();
  const all = await texts(page, 2_000);
  assert.equal(all.length, 2_000);
  assert.equal(all[0], 'line 100');
  assert.deepEqual(await page.locator('.message').first().getAttribute('class'), 'message head');
  assert.equal(await page.locator('.day').count(), 1);
});

test('rows are laid out by themselves, a short log at its end, an empty one in its middle', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  await shows(page, 'Say hello!');
  const middle = (selector) =>
    page
      .locator(selector)
      .evaluate((element) => (({ top, bottom }) => (top + bottom) / 2)(element.getBoundingClientRect()));
  assert.ok(Math.abs((await middle('.older')) - (await middle('#log'))) < 20);
  now.chat.arrive('5', 'hello');
  await texts(page, 1);
  const { ofRow, ofLog } = await page.evaluate(() => ({
    ofRow: document.querySelector('.message').getBoundingClientRect().bottom,
    ofLog: document.getElementById('log').getBoundingClientRect().bottom,
  }));
  assert.ok(ofLog - ofRow < 30, `${ofLog - ofRow} px below the last message`);
  now.chat.say({ type: 'system', message: 'N5 disconnected', id: '5' });
  await page.locator('.log .notice').waitFor();
  // In block flow, each with a layout of its own: among 2,000 rows one is laid out without the others.
  for (const kind of ['.message', '.day', '.notice', '.older']) {
    const flow = await page.locator(`.log ${kind}`).evaluate((row) => {
      const { contain } = getComputedStyle(row);
      const parents = [];
      for (let each = row.parentElement; each.id !== 'log'; each = each.parentElement) parents.push(each);
      return { contain, displays: parents.map((each) => getComputedStyle(each).display) };
    });
    assert.equal(flow.contain, 'layout style', kind);
    assert.ok(flow.displays.length > 0 && flow.displays.every((display) => display === 'block'), String(flow.displays));
  }
});

test('names and messages in HTML are text, colours cannot carry style, and links open only web addresses', async () => {
  const { page } = await start();
  const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  now.chat.arrive('5', `${hostile} javascript:alert(3) https://a.example/?q=<b>`, {
    name: hostile,
    color: 'red;background:url(https://evil.example/)',
  });
  now.chat.arrive('<b>6</b>', 'x', { color: 'url(javascript:alert(4))' });
  await openConversation(page, '5');
  const [text] = await texts(page, 1);
  assert.ok(text.startsWith(hostile));
  assert.equal(await page.locator('.author').first().textContent(), hostile);
  assert.equal(await page.locator('#conversation :is(img, script, b)').count(), 0);
  const links = await page
    .locator('.bubble a')
    .evaluateAll((all) => all.map(({ href, rel, target }) => ({ href, rel, target })));
  assert.deepEqual(links, [{ href: 'https://a.example/?q=', rel: 'noopener noreferrer nofollow', target: '_blank' }]);
  const styles = await page
    .locator('#chat [style]')
    .evaluateAll((all) => all.map((element) => element.getAttribute('style')));
  assert.ok(styles.length > 0);
  for (const style of styles) assert.doesNotMatch(style, /url|background/);
  assert.deepEqual(now.window.problems, []);
});

test('the colour of a name is the sender’s where it is one, and readable', async () => {
  const { page } = await start();
  now.chat.arrive('5', 'x', { color: 'navy' });
  now.chat.arrive('6', 'x', { color: '#ff0' });
  const colorOfAuthor = async (partner) => {
    await openConversation(page, partner);
    return page.locator('.author').evaluate((element) => getComputedStyle(element).color);
  };
  assert.equal(await colorOfAuthor('5'), 'rgb(0, 0, 128)');
  const yellow = await colorOfAuthor('6');
  const [r, g, b] = yellow.match(/\d+/g).map(Number);
  assert.ok(r === g && r < 140 && b === 0, yellow);
});

test('after midnight what was said today was said yesterday, in the log and in the list', async () => {
  const { page } = await start(undefined, { timezoneId: 'Europe/Warsaw' });
  await page.clock.install({ time: '2026-02-03T23:59:50+01:00' });
  await page.reload();
  now.chat.clock = Date.parse('2026-02-03T23:58:00+01:00');
  now.chat.arrive('5', 'late');
  await openConversation(page, '5');
  const days = () => page.locator('.day').allTextContents();
  const rowTime = () => page.locator('.row-time').first().textContent();
  await texts(page, 1);
  assert.deepEqual(await days(), ['Today']);
  assert.equal(await rowTime(), '23:58');
  await page.clock.runFor(12_000);
  assert.deepEqual(await days(), ['Yesterday']);
  assert.equal(await rowTime(), '3 Feb');
  await page.clock.setSystemTime('2026-02-05T12:00:00+01:00');
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  assert.deepEqual(await days(), ['Tuesday 3 February']);
});

test('right-to-left text, long words, line breaks and emoji keep their shape', async () => {
  const { page, client } = await start(undefined, { viewport: { width: 360, height: 740 } });
  now.chat.arrive('5', 'שלום לכולם');
  now.chat.arrive('5', 'x'.repeat(5_000), { name: 'y'.repeat(100) });
  now.chat.arrive('5', 'one\n\n  three');
  now.chat.arrive('5', '👩‍👩‍👧 🇵🇱');
  await openConversation(page, '5');
  await texts(page, 4, theirs);
  const bubbles = page.locator('.bubble');
  assert.equal(await bubbles.nth(0).evaluate((element) => getComputedStyle(element).direction), 'rtl');
  assert.ok(await bubbles.nth(1).evaluate((element) => element.scrollWidth <= element.clientWidth));
  assert.equal(await bubbles.nth(2).evaluate((element) => element.innerText), 'one\n\n  three');
  assert.match(await page.locator('.message').nth(3).getAttribute('class'), /emoji-only/);
});
