// Signing in: what is typed, what the server refuses, and what a reload remembers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConversation } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { me, now, open, received, serve, shows, start } from './scripted_page.mjs';

test('a sign-in that the server refuses is explained, and not tried again by itself', async () => {
  now.chat = new ScriptedChat(me);
  let fault = { type: 'system', message: 'color is too long', error: 'too_large' };
  await serve({ onClient: (client, frame) => (fault ? client.say(fault) : now.chat.handle(client, frame)) });
  const page = await open();
  await page.clock.install();
  await page.fill('#sign-in-id', '7');
  await page.click('text=Start chatting');
  await page.locator('[data-connection=closed]').waitFor();
  await shows(page, 'color is too long');
  await page.clock.runFor(120_000);
  assert.equal(now.server.received.length, 1);
  fault = undefined;
  await page.click('text=Connect again');
  await page.locator('[data-connection=online]').waitFor();
});

test('a wrong sign-in is explained at the field, and a link fills the form in', async () => {
  now.chat = new ScriptedChat(me);
  await serve();
  const page = await open({}, '?project=9&name=Ann&to=5');
  assert.equal(await page.inputValue('#sign-in-project'), '9');
  assert.equal(await page.inputValue('#sign-in-name'), 'Ann');
  await page.click('text=Start chatting');
  await shows(page, 'This is needed.');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'sign-in-id');
  await page.fill('#sign-in-id', 'x'.repeat(8));
  await page.press('#sign-in-id', 'Enter');
  await page.locator('#partner-name', { hasText: '5' }).waitFor();
  assert.equal(new URL(page.url()).search, '');
  assert.equal(now.server.received[0].projectId, '9');
});

test('a reload stays signed in, in the same conversation; signing out does not', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  await page.reload();
  await page.locator('[data-connection=online]').waitFor();
  assert.equal(await page.locator('#partner-name').textContent(), '5');
  await page.click('#sign-out');
  assert.equal(await page.inputValue('#sign-in-id'), '7');
  await page.reload();
  await page.locator('#sign-in').waitFor();
  await page.fill('#sign-in-id', '8');
  await page.press('#sign-in-id', 'Enter');
  await page.locator('[data-connection=online]').waitFor();
  assert.deepEqual(
    received('system').map(({ id }) => id),
    ['7', '7', '8'],
  );
  assert.equal(await page.locator('#share-id').textContent(), '8');
});
