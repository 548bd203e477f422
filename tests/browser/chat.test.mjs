// Real server, real Chromium windows: people chat.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch_browser } from './browser.mjs';
import { data_folder, start_klatch } from './klatch_server.mjs';
import {
  assert_accessible,
  assert_no_sideways_scroll,
  be_online,
  mine,
  open_conversation,
  open_window,
  say,
  sign_in,
  texts,
  theirs,
  unexpected,
} from './page_driver.mjs';
import { serve_folder } from './scripted_server.mjs';

const ann = { id: '7', project: '2424', name: 'Ann', color: 'Teal' };
const ben = { id: '5', project: '2424', name: 'Ben', color: 'Violet' };
const ten = (who) => Array.from({ length: 10 }, (_, i) => `${who} says ${i + 1}`);
/** After a disconnect the server waits 5 s for the user to come back before it tells anyone. */
const notice_after_ms = { least: 4_000, most: 10_000 };

let browser;
let original;
let original_url;
before(async () => {
  browser = await launch_browser();
  const jquery = fileURLToPath(new URL('node_modules/jquery/dist/jquery.min.js', import.meta.url));
  original = await serve_folder(fileURLToPath(new URL('original/', import.meta.url)), {
    aliases: { '/jquery.min.js': jquery },
  });
  original_url = `http://127.0.0.1:${original.address().port}/`;
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
  data = await data_folder();
  server = await start_klatch({ data });
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
async function start_again(args) {
  server = await start_klatch({ port: server.port, data, args });
}

async function open(url, options) {
  const opened = await open_window(browser, url, options);
  windows.push(opened);
  return opened;
}

async function signed_in(me, partner, options) {
  const { page } = await open(server.url, options);
  await sign_in(page, me);
  await open_conversation(page, partner);
  return page;
}

/** The page of 2015, from another origin, as `me` writing to `partner`. */
async function open_original(me, partner) {
  const query = new URLSearchParams({
    server: new URL(server.url).host,
    id: me.id,
    to_id: partner,
    projectId: me.project,
    name: me.name,
    color: '#F00',
  });
  const opened = await open(`${original_url}?${query.toString().replaceAll('+', '%20')}`);
  await opened.page.locator('.system_msg', { hasText: 'Initial message received' }).waitFor();
  return opened;
}

const states = (page, state, count) =>
  page.waitForFunction(([name, n]) => document.querySelectorAll(`[data-state=${name}]`).length === n, [state, count]);

async function say_on_original(page, text) {
  await page.fill('#message', text);
  await page.click('#send-btn');
}

async function close_and_wait_for_notice(page_to_close, notice) {
  const close_began_at = Date.now();
  await windows.find(({ page }) => page === page_to_close).page.close();
  await notice.waitFor({ timeout: notice_after_ms.most });
  assert.ok(Date.now() - close_began_at >= notice_after_ms.least, 'a reconnect within 5 s would have been no event');
}

test('two of our pages chat both ways, in order, and one learns that the other has gone', async () => {
  const page_of_ann = await signed_in(ann, ben.id);
  const page_of_ben = await signed_in(ben, ann.id);
  await Promise.all([
    (async () => {
      for (const text of ten('Ann')) await say(page_of_ann, text);
    })(),
    (async () => {
      for (const text of ten('Ben')) await say(page_of_ben, text);
    })(),
  ]);
  for (const [page, own, other] of [
    [page_of_ann, 'Ann', 'Ben'],
    [page_of_ben, 'Ben', 'Ann'],
  ]) {
    assert.deepEqual(await texts(page, 10, mine), ten(own));
    assert.deepEqual(await texts(page, 10, theirs), ten(other));
    await states(page, 'read', 10);
    assert.equal(await page.locator('#partner-name').textContent(), other);
  }
  await close_and_wait_for_notice(page_of_ben, page_of_ann.locator('.notice', { hasText: 'Ben disconnected' }));
  await say(page_of_ann, 'for later');
  await states(page_of_ann, 'sent', 1);
  const { page: again } = await open(server.url);
  await sign_in(again, ben);
  await again.locator('.badge', { hasText: '1 unread' }).waitFor();
  await states(page_of_ann, 'delivered', 1);
  await again.getByRole('button', { name: /Ann/ }).click();
  await states(page_of_ann, 'read', 11);
  assert.deepEqual(await texts(again, 21), await texts(page_of_ann, 21));
});

test('our page and the original one from another origin chat both ways, in order', async () => {
  const page_of_ann = await signed_in(ann, ben.id);
  const { page: page_of_ben, frames } = await open_original(ben, ann.id);
  for (const text of ten('Ann')) await say(page_of_ann, text);
  await states(page_of_ann, 'delivered', 10);
  for (const text of ten('Ben')) await say_on_original(page_of_ben, text);
  assert.deepEqual(await texts(page_of_ann, 10, mine), ten('Ann'));
  assert.deepEqual(await texts(page_of_ann, 10, theirs), ten('Ben'));
  await page_of_ben.locator('.user_message').nth(9).waitFor();
  assert.deepEqual(await page_of_ben.locator('.user_message').allTextContents(), ten('Ann'));
  assert.deepEqual(await page_of_ben.locator('.system_msg').allTextContents(), [
    'Connected!',
    'Initial message received',
  ]);
  assert.equal(await page_of_ben.locator('.user_name').first().textContent(), 'Ann');
  assert.equal(
    await page_of_ben
      .locator('.user_name')
      .first()
      .evaluate((name) => getComputedStyle(name).color),
    'rgb(15, 118, 110)',
  );
  await close_and_wait_for_notice(page_of_ann, page_of_ben.locator('.system_msg', { hasText: 'Ann disconnected' }));
  await say_on_original(page_of_ben, 'for later');
  const again = await signed_in(ann, ben.id);
  assert.deepEqual(await texts(again, 21), [...ten('Ann'), ...ten('Ben'), 'for later']);
  assert.ok(frames.length >= 12);
  for (const frame of frames) assert.ok(['system', 'usermsg'].includes(frame.type), JSON.stringify(frame));
});

test('two of our pages and an original one talk to each other; who was away finds what was said', async () => {
  const cleo = { id: '9', project: '2424', name: 'Cleo' };
  const page_of_ann = await signed_in(ann, ben.id);
  const page_of_ben = await signed_in(ben, ann.id);
  const { page: page_of_cleo } = await open_original(cleo, ann.id);
  await say(page_of_ann, 'to Ben');
  await texts(page_of_ben, 1);
  await say(page_of_ben, 'to Ann');
  await say_on_original(page_of_cleo, 'Cleo to Ann');
  assert.deepEqual(await texts(page_of_ann, 2), ['to Ben', 'to Ann']);
  await page_of_ann.getByRole('button', { name: /Cleo/ }).click();
  assert.deepEqual(await texts(page_of_ann, 1), ['Cleo to Ann']);
  await say(page_of_ann, 'Ann to Cleo');
  await states(page_of_ann, 'delivered', 1);
  assert.deepEqual(await page_of_cleo.locator('.user_message').allTextContents(), ['Ann to Cleo']);
  await page_of_cleo.close();
  await say(page_of_ann, 'while you were away');
  await states(page_of_ann, 'sent', 1);
  const { page: again } = await open_original(cleo, ann.id);
  await again.locator('.user_message').waitFor();
  assert.deepEqual(await again.locator('.user_message').allTextContents(), ['while you were away']);
  await states(page_of_ann, 'delivered', 2);
});

test('two original pages chat, and one learns that the other has gone', async () => {
  const { page: page_of_ann } = await open_original(ann, ben.id);
  const { page: page_of_ben, frames } = await open_original(ben, ann.id);
  for (const text of ten('Ann')) await say_on_original(page_of_ann, text);
  for (const text of ten('Ben')) await say_on_original(page_of_ben, text);
  for (const [page, other] of [
    [page_of_ann, 'Ben'],
    [page_of_ben, 'Ann'],
  ]) {
    await page.locator('.user_message').nth(9).waitFor();
    assert.deepEqual(await page.locator('.user_message').allTextContents(), ten(other));
  }
  await close_and_wait_for_notice(page_of_ann, page_of_ben.locator('.system_msg', { hasText: 'Ann disconnected' }));
  for (const frame of frames) assert.ok(['system', 'usermsg'].includes(frame.type), JSON.stringify(frame));
});

test('all windows of one person show all of it', async () => {
  const laptop = await signed_in(ann, ben.id);
  const phone = await signed_in(ann, ben.id);
  const page_of_ben = await signed_in(ben, ann.id);
  await say(page_of_ben, 'to both');
  await texts(laptop, 1);
  await say(laptop, 'from the laptop');
  assert.deepEqual(await texts(phone, 1, theirs), ['to both']);
  assert.deepEqual(await texts(phone, 1, mine), ['from the laptop']);
  assert.deepEqual(await texts(laptop, 2), ['to both', 'from the laptop']);
  await open_conversation(laptop, ann.id);
  await open_conversation(phone, ann.id);
  await say(laptop, 'a note');
  assert.deepEqual(await texts(phone, 1), ['a note']);
  assert.deepEqual(await texts(laptop, 1), ['a note']);
});

test('the page comes back by itself after a restart of the server, and sends what was written meanwhile', async () => {
  const page = await signed_in(ann, ben.id);
  await say(page, 'before');
  await states(page, 'sent', 1);
  assert.equal(await server.stop(), 0);
  await page.locator('[data-connection=offline]').waitFor();
  await say(page, 'meanwhile');
  await page.getByText('Waiting for the connection').waitFor();
  await page.fill('#message', 'not sent yet');
  await start_again();
  await be_online(page, 40_000);
  await states(page, 'sent', 2);
  assert.equal(await page.inputValue('#message'), 'not sent yet');
  const page_of_ben = await signed_in(ben, ann.id);
  assert.deepEqual(await texts(page_of_ben, 2), ['before', 'meanwhile']);
});

test('the server is killed while both write: afterwards both show the same, complete, and nothing twice', async () => {
  const count = 40;
  const page_of_ann = await signed_in(ann, ben.id);
  const page_of_ben = await signed_in(ben, ann.id);
  const pages = [page_of_ann, page_of_ben];
  const wanted = (who) => Array.from({ length: count }, (_, i) => `${who} writes ${i + 1}`);
  const write = async (page, who) => {
    for (const text of wanted(who)) {
      await say(page, text);
      await page.waitForTimeout(20);
    }
  };
  const written = Promise.all([write(page_of_ann, 'Ann'), write(page_of_ben, 'Ben')]);
  await texts(page_of_ann, 20, theirs);
  assert.equal(await server.kill(), 'SIGKILL');
  await Promise.all(pages.map((page) => page.locator('[data-connection=offline]').waitFor()));
  await start_again();
  await written;
  const check = async (when) => {
    for (const page of pages) {
      await be_online(page, 40_000);
      await texts(page, 2 * count);
      await states(page, 'sending', 0);
    }
    const [of_ann, of_ben] = await Promise.all(pages.map((page) => texts(page, 2 * count)));
    assert.deepEqual(of_ann, of_ben, when);
    assert.equal(of_ann.length, 2 * count, when);
    for (const who of ['Ann', 'Ben'])
      assert.deepEqual(
        of_ann.filter((text) => text.startsWith(who)),
        wanted(who),
        when,
      );
  };
  await check('after the restart');
  for (const page of pages) await page.reload();
  for (const page of pages) {
    await be_online(page);
    await texts(page, 50);
    await page.locator('#log').focus();
    await page.keyboard.press('Home');
  }
  await check('after a reload');
});

test('with --store none pages talk, and to somebody who is not there nothing can be sent', async () => {
  assert.equal(await server.stop(), 0);
  await start_again(['--store', 'none']);
  const page_of_ann = await signed_in(ann, ben.id);
  await say(page_of_ann, 'too early');
  await page_of_ann.getByText('Not delivered: 5 is not connected.').waitFor();
  await assert_accessible(page_of_ann, 'a message that was not delivered');
  const page_of_ben = await signed_in(ben, ann.id);
  await page_of_ann.click('.retry');
  assert.deepEqual(await texts(page_of_ben, 1), ['too early']);
  await say(page_of_ben, 'here I am');
  assert.deepEqual(await texts(page_of_ann, 2), ['too early', 'here I am']);
  await states(page_of_ann, 'sent', 1);
});

for (const colorScheme of ['light', 'dark'])
  test(`axe finds nothing, ${colorScheme}`, async () => {
    const { page } = await open(server.url, { colorScheme });
    await assert_accessible(page, 'sign-in');
    await page.click('text=Start chatting');
    await assert_accessible(page, 'sign-in with errors');
    await sign_in(page, ann);
    await assert_accessible(page, 'an empty chat');
    const page_of_ben = await signed_in(ben, ann.id);
    await say(page_of_ben, 'hello https://a.example/');
    await page.locator('.badge').waitFor();
    await open_conversation(page, 'nobody');
    await assert_accessible(page, 'an empty conversation');
    await say(page, 'anyone?');
    await states(page, 'sent', 1);
    await assert_accessible(page, 'a message that waits for its reader');
    await open_conversation(page, ben.id);
    await say(page, 'hi');
    await texts(page, 2);
    await assert_accessible(page, 'a conversation');
    await page.setViewportSize({ width: 360, height: 740 });
    await assert_accessible(page, 'a conversation on a phone');
    await page.click('#back');
    await assert_accessible(page, 'the list on a phone');
  });

test('axe finds nothing while the server is gone', async () => {
  const page = await signed_in(ann, ben.id);
  await server.stop();
  await page.locator('#trouble').waitFor();
  await assert_accessible(page, 'an offline chat');
  await page.close();
  await start_again();
});

test('the keyboard alone is enough', async () => {
  const page_of_ben = await signed_in(ben, ann.id);
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
  await be_online(page);
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
  assert.deepEqual(await texts(page_of_ben, 1), ['first line\nsecond line']);
  assert.equal(await focus(), 'message');
  await page.keyboard.type('with the button');
  await keys('Tab', 'Enter');
  assert.deepEqual(await texts(page_of_ben, 2), ['first line\nsecond line', 'with the button']);
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
  await assert_no_sideways_scroll(page, 'sign-in');
  await sign_in(page, { ...ann, name: 'A name that is far too long for a phone, and then some more of it' });
  await assert_no_sideways_scroll(page, 'the list');
  await open_conversation(page, ben.id);
  await say(page, 'x'.repeat(3_000));
  await say(page, 'https://a.example/'.padEnd(500, 'y'));
  await texts(page, 2);
  await assert_no_sideways_scroll(page, 'a conversation');
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
    await assert_no_sideways_scroll(page, `${width} px`);
  }
});

test('what people write is never run', async () => {
  const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  const page_of_ben = await signed_in(ben, ann.id);
  const page_of_ann = await signed_in({ ...ann, name: hostile }, ben.id);
  const written = [
    hostile,
    '<a href="javascript:alert(3)">x</a>',
    'javascript:alert(4)',
    'https://a.example/"onmouseover="alert(5)',
    '&lt;b&gt;',
  ];
  for (const text of written) await say(page_of_ann, text);
  assert.deepEqual(await texts(page_of_ben, written.length), written);
  assert.deepEqual(await texts(page_of_ann, written.length), written);
  assert.equal(await page_of_ben.locator('.author').first().textContent(), hostile);
  for (const page of [page_of_ann, page_of_ben]) {
    assert.equal(await page.locator('#conversation :is(img, script, b)').count(), 0);
    const protocols = await page.locator('.log a').evaluateAll((links) => links.map(({ protocol }) => protocol));
    assert.deepEqual(protocols, ['https:']);
    assert.equal(await page.locator('.log [onmouseover]').count(), 0);
  }
});
