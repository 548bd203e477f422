// What outlives a reload, what the tabs of a browser know of each other, and who has seen what.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beOnline, openConversation, signIn, texts } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { eventually, me, now, received, shows, start, state } from './scripted_page.mjs';

const invited = '?id=&name=';

test('drafts survive a reload, are gone once they are sent, and with whoever signs out', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  await page.fill('#message', 'half a sent');
  await openConversation(page, '6');
  await page.fill('#message', 'to six');
  await page.reload();
  await beOnline(page);
  assert.equal(await page.inputValue('#message'), 'to six');
  await page.press('#message', 'Enter');
  await state(page, 'to six', 'sent');
  await openConversation(page, '5');
  assert.equal(await page.inputValue('#message'), 'half a sent');
  await page.reload();
  await beOnline(page);
  assert.equal(await page.inputValue('#message'), 'half a sent');
  await openConversation(page, '6');
  assert.equal(await page.inputValue('#message'), '');
  await page.click('#sign-out');
  await signIn(page, me);
  await openConversation(page, '5');
  assert.equal(await page.inputValue('#message'), '');
  assert.deepEqual(
    await page.evaluate(() => Object.keys(localStorage).filter((key) => /draft/.test(key))),
    [],
  );
});

test('a second tab is signed in at once; signing out reaches it; a tab of another user stays', async () => {
  const { page } = await start();
  const second = await now.window.another();
  await beOnline(second);
  const other = await now.window.another(invited);
  await signIn(other, { ...me, id: '8', name: 'other' });
  await page.click('#sign-out');
  for (const tab of [page, second]) await tab.locator('#sign-in').waitFor();
  assert.equal(await second.inputValue('#sign-in-id'), '7');
  await other.waitForTimeout(300);
  assert.equal(await other.locator('#chat').getAttribute('data-connection'), 'online');
  const third = await now.window.another();
  await beOnline(third);
  assert.equal(await third.locator('#share-id').textContent(), '8');
  await third.click('#sign-out');
  await other.locator('#sign-in').waitFor();
  const fourth = await now.window.another();
  await fourth.locator('#sign-in').waitFor();
  assert.deepEqual(now.window.problems, []);
});

test('a window without the focus reads nothing until it has it', async () => {
  const init = () => {
    document.hasFocus = () => window.hasFocus ?? true;
  };
  const { page } = await start(undefined, { init });
  await openConversation(page, '5');
  await page.evaluate(() => (window.hasFocus = false));
  now.chat.arrive('5', 'seen later');
  await texts(page, 1);
  await page.waitForFunction(() => document.title === '(1) Klatch');
  await page.waitForTimeout(300);
  assert.deepEqual(received('read'), []);
  await page.evaluate(() => {
    window.hasFocus = true;
    window.dispatchEvent(new Event('focus'));
  });
  await eventually(() => assert.deepEqual(received('read'), [{ type: 'read', with: '5', n: 1 }]));
  assert.equal(await page.title(), 'Klatch');
});

for (const [how, event] of [
  ['while it composes', { isComposing: true }],
  ['with its last key, which Safari tells by its code', { keyCode: 229 }],
])
  test(`keys of an input method are its own, ${how}`, async () => {
    const { page } = await start();
    const press = (selector, key) =>
      page
        .locator(selector)
        .evaluate(
          (element, [name, more]) => {
            const options = { key: name, bubbles: true, cancelable: true, ...more };
            element.dispatchEvent(new KeyboardEvent('keydown', options));
          },
          [key, event],
        );
    await page.fill('#write-to', 'にほ');
    await press('#write-to', 'Escape');
    assert.equal(await page.inputValue('#write-to'), 'にほ');
    await openConversation(page, '5');
    await page.fill('#message', 'にほ');
    await press('#message', 'Enter');
    await press('#message', 'Escape');
    assert.equal(await page.inputValue('#message'), 'にほ');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'message');
    assert.deepEqual(received('user'), []);
  });

for (const id of ['x'.repeat(65), 'a\u0007b', '\u200b', ' ', '\u3164', 'é'.repeat(33)])
  test(`a link to ${JSON.stringify(id.slice(0, 10))}, who cannot be, opens no conversation and says so`, async () => {
    now.chat = new ScriptedChat(me);
    const { page } = await start();
    await page.evaluate((hash) => (location.hash = hash), `#/with/${encodeURIComponent(id)}`);
    await shows(page, 'which cannot be anybody’s id.');
    assert.equal(await page.locator('#conversation').isVisible(), false);
    assert.equal(new URL(page.url()).hash, '');
    assert.equal(await page.locator('.row-button').count(), 0);
    await page.reload();
    await beOnline(page);
    await page.goto(`${now.server.url}?to=${encodeURIComponent(`${id}x`.repeat(id.length < 3 ? 40 : 1))}`);
    await beOnline(page);
    assert.equal(await page.locator('#conversation').isVisible(), false);
    assert.deepEqual(received('history'), []);
  });
