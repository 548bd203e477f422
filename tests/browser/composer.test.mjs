// The field to write in: a draft for each conversation, and texts that are too long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConversation } from './page_driver.mjs';
import { received, shows, start } from './scripted_page.mjs';

test('drafts are kept for each conversation, and a text over 64 KiB is held back with the reason', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  await page.fill('#message', 'to five');
  await openConversation(page, '6');
  assert.equal(await page.inputValue('#message'), '');
  await page.fill('#message', 'é'.repeat(32_769));
  await shows(page, 'Too long by 2 bytes');
  assert.equal(await page.locator('#send').isDisabled(), true);
  await page.press('#message', 'Enter');
  await openConversation(page, '5');
  assert.equal(await page.inputValue('#message'), 'to five');
  assert.equal(received('user').length, 0);
});

test('a text of 600 KB is said to be too long at once, and costs no measuring at each key', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  await page.evaluate(() => {
    const { get } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollHeight');
    window.measured = 0;
    Object.defineProperty(HTMLTextAreaElement.prototype, 'scrollHeight', {
      get() {
        ++window.measured;
        return get.call(this);
      },
    });
    document.addEventListener('beforeinput', ({ target }) => (window.dirBefore = target.dir));
  });
  await page.locator('#message').focus();
  await page.keyboard.insertText('שלום');
  assert.equal(await page.evaluate(() => window.measured), 1);
  await page.keyboard.insertText(' lorem ipsum dolor'.repeat(34_000));
  await shows(page, 'Too long by 546,47');
  assert.equal(await page.evaluate(() => window.dirBefore), 'rtl', 'spared before the text is there');
  assert.equal(await page.getAttribute('#message', 'aria-invalid'), 'true');
  for (const key of ['k', 'l', 'Backspace']) await page.keyboard.press(key);
  await shows(page, 'Too long by 546,47');
  const field = () =>
    page.locator('#message').evaluate(({ dir, spellcheck, offsetHeight }) => ({ dir, spellcheck, offsetHeight }));
  const { offsetHeight, ...spared } = await field();
  assert.deepEqual(spared, { dir: 'rtl', spellcheck: false });
  assert.ok(offsetHeight > 150 && offsetHeight < 260, `as high as it may be: ${offsetHeight}`);
  assert.equal(await page.evaluate(() => window.measured), 1);
  await page.fill('#message', 'short');
  const { dir, spellcheck, offsetHeight: low } = await field();
  assert.deepEqual({ dir, spellcheck }, { dir: 'auto', spellcheck: true });
  assert.ok(low < 60);
  assert.equal(await page.getAttribute('#message', 'aria-invalid'), null);
});
