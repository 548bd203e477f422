// Visitors of a site whom it does not know, in two browsers, by the real server: they come, write, and come again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { launchBrowser } from './browser.mjs';
import { binary, startKlatch } from './klatch_server.mjs';
import {
  assertAccessible,
  assertNoSidewaysScroll,
  beOnline,
  mine,
  openConversation,
  openWindow,
  say,
  texts,
  theirs,
  unexpected,
} from './page_driver.mjs';

const sizes = { 1280: { viewport: { width: 1280, height: 900 } }, 360: { viewport: { width: 360, height: 740 } } };

let folder;
let keys;
let server;
let browser;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'klatch-guests-'));
  keys = join(folder, 'keys');
  execFileSync(binary, ['key', 'new', 'token', 'site', '--keys', keys, '--project', 'shop']);
  server = await startKlatch({
    args: ['--keys', keys, '--guests', 'on', '--guest-contact', 'support', '--guest-rate', '12'],
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** Saves a picture, if somebody wants to look at it: KLATCH_PICTURES names a folder. */
async function picture(page, name) {
  if (!process.env.KLATCH_PICTURES) return;
  await mkdir(process.env.KLATCH_PICTURES, { recursive: true });
  await page.screenshot({ path: join(process.env.KLATCH_PICTURES, `${name}.png`) });
}

/** The window of somebody whom the site knows. */
async function agent(id, options) {
  const token = execFileSync(binary, ['token', '--sub', id, '--keys', keys], { encoding: 'utf8' }).trim();
  const window = await openWindow(browser, `${server.url}?project=shop`, {
    ...options,
    init: `window.klatchToken = ${JSON.stringify(token)}`,
  });
  await beOnline(window.page);
  return window;
}

/** A visitor gets as far as the question whether to come as a guest. */
async function visitor(options, query) {
  const window = await openWindow(browser, server.url + query, options);
  const { page } = window;
  await page.fill('#sign-in-id', 'me');
  await page.click('text=Start chatting');
  await page.getByText('Continue as a guest').waitFor();
  return window;
}

/** What somebody is told who comes without a page. */
async function oneMoreGuest() {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}chat`);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'system', v: 2, guest: true, projectId: 'shop' }));
  const [answer] = await once(socket, 'message');
  socket.close();
  return JSON.parse(answer);
}

const owner = (page) =>
  page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('klatch.guest.')));

for (const [size, options] of Object.entries(sizes))
  test(`a visitor comes, writes to the contact, and is the same one after a reload: ${size}`, async () => {
    const support = await agent('support', options);
    const window = await visitor(options, '?project=shop&to=support');
    const { page } = window;
    await picture(page, `way-in-${size}`);
    const name = `Vera of ${size}`;
    await page.fill('#guest-name', name);
    await page.click('text=Continue as a guest');
    await beOnline(page);
    await page.locator('#conversation').waitFor();
    await say(page, 'Is this still to be had?');
    await page.locator(`${mine}[data-state=sent], ${mine}[data-state=delivered]`).waitFor();
    await picture(page, `guest-${size}`);

    const row = support.page.locator('.row-button', { hasText: name });
    await row.waitFor();
    assert.equal(await row.locator('.guest-tag').isVisible(), true);
    await picture(support.page, `agent-list-${size}`);
    await row.click();
    assert.match(await support.page.locator('#partner-id').textContent(), /^Guest · Id g-/);
    assert.deepEqual(await texts(support.page, 1, theirs), ['Is this still to be had?']);
    await assertAccessible(support.page, `a conversation with a guest, ${size}`);
    await assertNoSidewaysScroll(support.page, `a conversation with a guest, ${size}`);
    await say(support.page, 'It is, Vera.');
    assert.deepEqual(await texts(page, 1, theirs), ['It is, Vera.']);
    await picture(support.page, `agent-${size}`);

    const [[, token]] = await owner(page);
    const id = await page.locator('#share-id').textContent();
    assert.match(id, /^g-[\w-]{22}$/);
    await page.reload();
    await beOnline(page);
    assert.equal(await page.locator('#share-id').textContent(), id);
    assert.deepEqual(await texts(page, 1, theirs), ['It is, Vera.']);
    await say(page, 'Then I take it.');
    assert.deepEqual(await texts(support.page, 2, theirs), ['Is this still to be had?', 'Then I take it.']);
    const [[, later]] = await owner(page);
    assert.equal(token.split('.').length, 3);
    assert.equal(later.split('.').length, 3);
    for (const each of [window, support]) {
      assert.deepEqual(each.problems.filter(unexpected), []);
      await each.close();
    }
  });

test('what a guest may not write is said beside it, and what it answers is sent', async () => {
  const other = await agent('boris');
  const window = await visitor({}, '?project=shop');
  const { page } = window;
  await page.fill('#guest-name', 'Max');
  await page.click('text=Continue as a guest');
  await beOnline(page);
  await openConversation(page, 'boris');
  await say(page, 'hi');
  const state = page.locator(`${mine} .state`);
  await page.locator(`${mine}[data-state=failed]`).waitFor();
  assert.match(await state.textContent(), /a guest may write to the contacts of this service/);
  const id = await page.locator('#share-id').textContent();
  await openConversation(other.page, id);
  await say(other.page, 'Hello, Max.');
  await texts(page, 1, theirs);
  await page.click('text=Retry');
  assert.deepEqual(await texts(other.page, 1, theirs), ['hi']);
  await other.close();
  await window.close();
});

test('a visitor who is one too many is told to wait, and comes in then', async () => {
  const { page } = await visitor({}, '?project=shop');
  while ((await oneMoreGuest()).type === 'welcome');
  await page.click('text=Continue as a guest');
  await page.getByText(/too many new guests from this address/).waitFor();
  await beOnline(page, 20_000);
});
