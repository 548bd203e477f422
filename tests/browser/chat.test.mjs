// Real server, real Chromium windows: people chat.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from './browser.mjs';
import { dataFolder, startKlatch } from './klatch_server.mjs';
import {
  assertAccessible,
  assertNoSidewaysScroll,
  beOnline,
  mine,
  openConversation,
  openWindow,
  say,
  signIn,
  texts,
  theirs,
  unexpected,
} from './page_driver.mjs';
import { serveFolder } from './scripted_server.mjs';

const ann = { id: '7', project: '2424', name: 'Ann', color: 'Teal' };
const ben = { id: '5', project: '2424', name: 'Ben', color: 'Violet' };
const ten = (who) => Array.from({ length: 10 }, (_, i) => `${who} says ${i + 1}`);
/** After a disconnect the server waits 5 s for the user to come back before it tells anyone. */
const noticeAfterMs = { least: 4_000, most: 10_000 };

let browser;
let original;
let originalUrl;
before(async () => {
  browser = await launchBrowser();
  const jquery = fileURLToPath(new URL('node_modules/jquery/dist/jquery.min.js', import.meta.url));
  original = await serveFolder(fileURLToPath(new URL('original/', import.meta.url)), {
    aliases: { '/jquery.min.js': jquery },
  });
  originalUrl = `http://127.0.0.1:${original.address().port}/`;
});
after(async () => {
  await browser.close();
  original.closeAllConnections();
  original.close();
});

let data;
let server;
let windows;
beforeEach(async () => {
  data = await dataFolder();
  server = await startKlatch({ data });
  windows = [];
});
afterEach(async () => {
  for (const each of windows) await each.close();
  assert.equal(await server.stop(), 0, 'the server ends well');
  await data.remove();
  for (const { problems } of windows)
    assert.deepEqual(problems.filter(unexpected), [], 'nothing on the console, no dialog');
});

/** Another server in the place of this one, which has ended, with the same messages. */
async function startAgain(args) {
  server = await startKlatch({ port: server.port, data, args });
}

async function open(url, options) {
  const opened = await openWindow(browser, url, options);
  windows.push(opened);
  return opened;
}

async function signedIn(me, partner, options) {
  const { page } = await open(server.url, options);
  await signIn(page, me);
  await openConversation(page, partner);
  return page;
}

/** The page of 2015, from another origin, as `me` writing to `partner`. */
async function openOriginal(me, partner) {
  const query = new URLSearchParams({
    server: new URL(server.url).host,
    id: me.id,
    to_id: partner,
    projectId: me.project,
    name: me.name,
    color: '#F00',
  });
  const opened = await open(`${originalUrl}?${query.toString().replaceAll('+', '%20')}`);
  await opened.page.locator('.system_msg', { hasText: 'Initial message received' }).waitFor();
  return opened;
}

const states = (page, state, count) =>
  page.waitForFunction(([name, n]) => document.querySelectorAll(`[data-state=${name}]`).length === n, [state, count]);

async function sayOnOriginal(page, text) {
  await page.fill('#message', text);
  await page.click('#send-btn');
}

async function closeAndWaitForNotice(pageToClose, notice) {
  const closeBeganAt = Date.now();
  await windows.find(({ page }) => page === pageToClose).page.close();
  await notice.waitFor({ timeout: noticeAfterMs.most });
  assert.ok(Date.now() - closeBeganAt >= noticeAfterMs.least, 'a reconnect within 5 s would have been no event');
}

test('two of our pages chat both ways, in order, and one learns that the other has gone', async () => {
  const pageOfAnn = await signedIn(ann, ben.id);
  const pageOfBen = await signedIn(ben, ann.id);
  await Promise.all([
    (async () => {
      for (const text of ten('Ann')) await say(pageOfAnn, text);
    })(),
    (async () => {
      for (const text of ten('Ben')) await say(pageOfBen, text);
    })(),
  ]);
  for (const [page, own, other] of [
    [pageOfAnn, 'Ann', 'Ben'],
    [pageOfBen, 'Ben', 'Ann'],
  ]) {
    assert.deepEqual(await texts(page, 10, mine), ten(own));
    assert.deepEqual(await texts(page, 10, theirs), ten(other));
    await states(page, 'read', 10);
    assert.equal(await page.locator('#partner-name').textContent(), other);
  }
  await closeAndWaitForNotice(pageOfBen, pageOfAnn.locator('.notice', { hasText: 'Ben disconnected' }));
  await say(pageOfAnn, 'for later');
  await states(pageOfAnn, 'sent', 1);
  const { page: again } = await open(server.url);
  await signIn(again, ben);
  await again.locator('.badge', { hasText: '1 unread' }).waitFor();
  await states(pageOfAnn, 'delivered', 1);
  await again.getByRole('button', { name: /Ann/ }).click();
  await states(pageOfAnn, 'read', 11);
  assert.deepEqual(await texts(again, 21), await texts(pageOfAnn, 21));
});

test('our page and the original one from another origin chat both ways, in order', async () => {
  const pageOfAnn = await signedIn(ann, ben.id);
  const { page: pageOfBen, frames } = await openOriginal(ben, ann.id);
  for (const text of ten('Ann')) await say(pageOfAnn, text);
  await states(pageOfAnn, 'delivered', 10);
  for (const text of ten('Ben')) await sayOnOriginal(pageOfBen, text);
  assert.deepEqual(await texts(pageOfAnn, 10, mine), ten('Ann'));
  assert.deepEqual(await texts(pageOfAnn, 10, theirs), ten('Ben'));
  await pageOfBen.locator('.user_message').nth(9).waitFor();
  assert.deepEqual(await pageOfBen.locator('.user_message').allTextContents(), ten('Ann'));
  assert.deepEqual(await pageOfBen.locator('.system_msg').allTextContents(), [
    'Connected!',
    'Initial message received',
  ]);
  assert.equal(await pageOfBen.locator('.user_name').first().textContent(), 'Ann');
  assert.equal(
    await pageOfBen
      .locator('.user_name')
      .first()
      .evaluate((name) => getComputedStyle(name).color),
    'rgb(15, 118, 110)',
  );
  await closeAndWaitForNotice(pageOfAnn, pageOfBen.locator('.system_msg', { hasText: 'Ann disconnected' }));
  await sayOnOriginal(pageOfBen, 'for later');
  const again = await signedIn(ann, ben.id);
  assert.deepEqual(await texts(again, 21), [...ten('Ann'), ...ten('Ben'), 'for later']);
  assert.ok(frames.length >= 12);
  for (const frame of frames) assert.ok(['system', 'usermsg'].includes(frame.type), JSON.stringify(frame));
});

test('two of our pages and an original one talk to each other; who was away finds what was said', async () => {
  const cleo = { id: '9', project: '2424', name: 'Cleo' };
  const pageOfAnn = await signedIn(ann, ben.id);
  const pageOfBen = await signedIn(ben, ann.id);
  const { page: pageOfCleo } = await openOriginal(cleo, ann.id);
  await say(pageOfAnn, 'to Ben');
  await texts(pageOfBen, 1);
  await say(pageOfBen, 'to Ann');
  await sayOnOriginal(pageOfCleo, 'Cleo to Ann');
  assert.deepEqual(await texts(pageOfAnn, 2), ['to Ben', 'to Ann']);
  await pageOfAnn.getByRole('button', { name: /Cleo/ }).click();
  assert.deepEqual(await texts(pageOfAnn, 1), ['Cleo to Ann']);
  await say(pageOfAnn, 'Ann to Cleo');
  await states(pageOfAnn, 'delivered', 1);
  assert.deepEqual(await pageOfCleo.locator('.user_message').allTextContents(), ['Ann to Cleo']);
  await pageOfCleo.close();
  await say(pageOfAnn, 'while you were away');
  await states(pageOfAnn, 'sent', 1);
  const { page: again } = await openOriginal(cleo, ann.id);
  await again.locator('.user_message').waitFor();
  assert.deepEqual(await again.locator('.user_message').allTextContents(), ['while you were away']);
  await states(pageOfAnn, 'delivered', 2);
});

test('two original pages chat, and one learns that the other has gone', async () => {
  const { page: pageOfAnn } = await openOriginal(ann, ben.id);
  const { page: pageOfBen, frames } = await openOriginal(ben, ann.id);
  for (const text of ten('Ann')) await sayOnOriginal(pageOfAnn, text);
  for (const text of ten('Ben')) await sayOnOriginal(pageOfBen, text);
  for (const [page, other] of [
    [pageOfAnn, 'Ben'],
    [pageOfBen, 'Ann'],
  ]) {
    await page.locator('.user_message').nth(9).waitFor();
    assert.deepEqual(await page.locator('.user_message').allTextContents(), ten(other));
  }
  await closeAndWaitForNotice(pageOfAnn, pageOfBen.locator('.system_msg', { hasText: 'Ann disconnected' }));
  for (const frame of frames) assert.ok(['system', 'usermsg'].includes(frame.type), JSON.stringify(frame));
});

test('all windows of one person show all of it', async () => {
  const laptop = await signedIn(ann, ben.id);
  const phone = await signedIn(ann, ben.id);
  const pageOfBen = await signedIn(ben, ann.id);
  await say(pageOfBen, 'to both');
  await texts(laptop, 1);
  await say(laptop, 'from the laptop');
  assert.deepEqual(await texts(phone, 1, theirs), ['to both']);
  assert.deepEqual(await texts(phone, 1, mine), ['from the laptop']);
  assert.deepEqual(await texts(laptop, 2), ['to both', 'from the laptop']);
  await openConversation(laptop, ann.id);
  await openConversation(phone, ann.id);
  await say(laptop, 'a note');
  assert.deepEqual(await texts(phone, 1), ['a note']);
  assert.deepEqual(await texts(laptop, 1), ['a note']);
});

test('the page comes back by itself after a restart of the server, and sends what was written meanwhile', async () => {
  const page = await signedIn(ann, ben.id);
  await say(page, 'before');
  await states(page, 'sent', 1);
  assert.equal(await server.stop(), 0);
  await page.locator('[data-connection=offline]').waitFor();
  await say(page, 'meanwhile');
  await page.getByText('Waiting for the connection').waitFor();
  await page.fill('#message', 'not sent yet');
  await startAgain();
  await beOnline(page, 40_000);
  await states(page, 'sent', 2);
  assert.equal(await page.inputValue('#message'), 'not sent yet');
  const pageOfBen = await signedIn(ben, ann.id);
  assert.deepEqual(await texts(pageOfBen, 2), ['before', 'meanwhile']);
});

test('the server is killed while both write: afterwards both show the same, complete, and nothing twice', async () => {
  const count = 40;
  const pageOfAnn = await signedIn(ann, ben.id);
  const pageOfBen = await signedIn(ben, ann.id);
  const pages = [pageOfAnn, pageOfBen];
  const wanted = (who) => Array.from({ length: count }, (_, i) => `${who} writes ${i + 1}`);
  const write = async (page, who) => {
    for (const text of wanted(who)) {
      await say(page, text);
      await page.waitForTimeout(20);
    }
  };
  const written = Promise.all([write(pageOfAnn, 'Ann'), write(pageOfBen, 'Ben')]);
  await texts(pageOfAnn, 20, theirs);
  assert.equal(await server.kill(), 'SIGKILL');
  await Promise.all(pages.map((page) => page.locator('[data-connection=offline]').waitFor()));
  await startAgain();
  await written;
  const check = async (when) => {
    for (const page of pages) {
      await beOnline(page, 40_000);
      await texts(page, 2 * count);
      await states(page, 'sending', 0);
    }
    const [ofAnn, ofBen] = await Promise.all(pages.map((page) => texts(page, 2 * count)));
    assert.deepEqual(ofAnn, ofBen, when);
    assert.equal(ofAnn.length, 2 * count, when);
    for (const who of ['Ann', 'Ben'])
      assert.deepEqual(
        ofAnn.filter((text) => text.startsWith(who)),
        wanted(who),
        when,
      );
  };
  await check('after the restart');
  for (const page of pages) await page.reload();
  for (const page of pages) {
    await beOnline(page);
    await texts(page, 50);
    await page.locator('#log').focus();
    await page.keyboard.press('Home');
  }
  await check('after a reload');
});

test('with --store none pages talk, and to somebody who is not there nothing can be sent', async () => {
  assert.equal(await server.stop(), 0);
  await startAgain(['--store', 'none']);
  const pageOfAnn = await signedIn(ann, ben.id);
  await say(pageOfAnn, 'too early');
  await pageOfAnn.getByText('Not delivered: 5 is not connected.').waitFor();
  await assertAccessible(pageOfAnn, 'a message that was not delivered');
  const pageOfBen = await signedIn(ben, ann.id);
  await pageOfAnn.click('.retry');
  assert.deepEqual(await texts(pageOfBen, 1), ['too early']);
  await say(pageOfBen, 'here I am');
  assert.deepEqual(await texts(pageOfAnn, 2), ['too early', 'here I am']);
  await states(pageOfAnn, 'sent', 1);
});

for (const colorScheme of ['light', 'dark'])
  test(`axe finds nothing, ${colorScheme}`, async () => {
    const { page } = await open(server.url, { colorScheme });
    await assertAccessible(page, 'sign-in');
    await page.click('text=Start chatting');
    await assertAccessible(page, 'sign-in with errors');
    await signIn(page, ann);
    await assertAccessible(page, 'an empty chat');
    const pageOfBen = await signedIn(ben, ann.id);
    await say(pageOfBen, 'hello https://a.example/');
    await page.locator('.badge').waitFor();
    await openConversation(page, 'nobody');
    await assertAccessible(page, 'an empty conversation');
    await say(page, 'anyone?');
    await states(page, 'sent', 1);
    await assertAccessible(page, 'a message that waits for its reader');
    await openConversation(page, ben.id);
    await say(page, 'hi');
    await texts(page, 2);
    await assertAccessible(page, 'a conversation');
    await page.setViewportSize({ width: 360, height: 740 });
    await assertAccessible(page, 'a conversation on a phone');
    await page.click('#back');
    await assertAccessible(page, 'the list on a phone');
  });

test('axe finds nothing while the server is gone', async () => {
  const page = await signedIn(ann, ben.id);
  await server.stop();
  await page.locator('#trouble').waitFor();
  await assertAccessible(page, 'an offline chat');
  await page.close();
  await startAgain();
});

test('the page can be used with the keyboard alone', async () => {
  const pageOfBen = await signedIn(ben, ann.id);
  const { page } = await open(server.url);
  const focus = () => page.evaluate(() => document.activeElement.id);
  const keys = async (...names) => {
    for (const name of names) await page.keyboard.press(name);
  };
  assert.equal(await focus(), 'sign-in-name');
  await page.keyboard.type('Ann');
  await keys('Tab');
  await page.keyboard.type('7');
  await keys('Tab', 'Tab', 'Tab', 'Enter');
  await beOnline(page);
  assert.equal(await focus(), 'write-to');
  await page.keyboard.type('nonsense');
  await keys('Escape');
  await page.keyboard.type('5');
  await keys('Enter');
  assert.equal(await focus(), 'message');
  await page.keyboard.type('first line');
  await keys('Shift+Enter');
  await page.keyboard.type('second line');
  await keys('Enter');
  assert.deepEqual(await texts(pageOfBen, 1), ['first line\nsecond line']);
  assert.equal(await focus(), 'message');
  await page.keyboard.type('with the button');
  await keys('Tab', 'Enter');
  assert.deepEqual(await texts(pageOfBen, 2), ['first line\nsecond line', 'with the button']);
  assert.equal(await focus(), 'message');
  await keys('Escape');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /with the button/);
  await page.evaluate(() => document.body.focus());
  await page.locator('#skip-link').focus();
  await keys('Enter');
  assert.equal(await focus(), 'message');
});

test('on a phone list and conversation are two views, and nothing scrolls sideways', async () => {
  const { page } = await open(server.url, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await assertNoSidewaysScroll(page, 'sign-in');
  await signIn(page, { ...ann, name: 'A name that is far too long for a phone, and then some more of it' });
  await assertNoSidewaysScroll(page, 'the list');
  await openConversation(page, ben.id);
  await say(page, 'x'.repeat(3_000));
  await say(page, 'https://a.example/'.padEnd(500, 'y'));
  await texts(page, 2);
  await assertNoSidewaysScroll(page, 'a conversation');
  assert.equal(await page.locator('.sidebar').isVisible(), false);
  await page.click('#back');
  await page.locator('.sidebar').waitFor();
  assert.equal(await page.locator('.stage').isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.className), 'row-button');
  await page.click('.row-button');
  await page.locator('#conversation').waitFor();
  await page.goBack();
  await page.locator('.sidebar').waitFor();
  for (const width of [320, 720, 1280]) {
    await page.setViewportSize({ width, height: 740 });
    await assertNoSidewaysScroll(page, `${width} px`);
  }
});

test('markup and scripts in what people write are never run', async () => {
  const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  const pageOfBen = await signedIn(ben, ann.id);
  const pageOfAnn = await signedIn({ ...ann, name: hostile }, ben.id);
  const written = [
    hostile,
    '<a href="javascript:alert(3)">x</a>',
    'javascript:alert(4)',
    'https://a.example/"onmouseover="alert(5)',
    '&lt;b&gt;',
  ];
  for (const text of written) await say(pageOfAnn, text);
  assert.deepEqual(await texts(pageOfBen, written.length), written);
  assert.deepEqual(await texts(pageOfAnn, written.length), written);
  assert.equal(await pageOfBen.locator('.author').first().textContent(), hostile);
  for (const page of [pageOfAnn, pageOfBen]) {
    assert.equal(await page.locator('#conversation :is(img, script, b)').count(), 0);
    const protocols = await page.locator('.log a').evaluateAll((links) => links.map(({ protocol }) => protocol));
    assert.deepEqual(protocols, ['https:']);
    assert.equal(await page.locator('.log [onmouseover]').count(), 0);
  }
});
