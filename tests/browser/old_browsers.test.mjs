// The page in browsers that lack what newer ones have: everything works, or does without.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConversation, say, texts } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { me, now, shows, start, state } from './scripted_page.mjs';

/** What some browser since Firefox 115, Safari 15.4 and Chrome 100 lacks, or does not give to every page. */
const apis = [
  'Intl.Segmenter',
  'OffscreenCanvas',
  'HTMLFormElement.prototype.requestSubmit',
  'HTMLElement.prototype.enterKeyHint',
  'BroadcastChannel',
  'indexedDB',
  'structuredClone',
  'reportError',
  'Navigator.prototype.locks',
  'Navigator.prototype.clipboard',
  'Navigator.prototype.setAppBadge',
  'Crypto.prototype.randomUUID',
  'CanvasRenderingContext2D',
  'String.prototype.isWellFormed',
  'String.prototype.toWellFormed',
  'Promise.withResolvers',
  'AbortSignal.any',
  'AbortSignal.timeout',
  'Array.prototype.toSorted',
  'Set.prototype.union',
  'Object.groupBy',
];

for (const api of apis)
  test(`without ${api} people sign in, read and write`, async () => {
    const init = `{
      const path = ${JSON.stringify(api.split('.'))};
      const name = path.pop();
      delete path.reduce((from, each) => from[each], globalThis)[name];
      if (name === 'CanvasRenderingContext2D') HTMLCanvasElement.prototype.getContext = () => null;
    }`;
    now.chat = new ScriptedChat(me);
    now.chat.arrive('5', 'kept', { name: 'Ann', color: 'navy' });
    const { page } = await start(undefined, { init });
    now.chat.arrive('5', 'coloured', { name: 'Ann', color: 'rebeccapurple' });
    await openConversation(page, '5');
    await say(page, 'hi');
    await state(page, 'hi', 'sent');
    assert.deepEqual(await texts(page, 3), ['kept', 'coloured', 'hi']);
    assert.deepEqual(await page.locator('.row-button .avatar').allTextContents(), ['A']);
    assert.deepEqual(now.window.problems, []);
  });

test('a message that cannot be drawn stands with its text, and hides no other', async () => {
  now.chat = new ScriptedChat(me);
  now.chat.arrive('5', 'before');
  // No date is that late.
  now.chat.arrive('5', 'from the year 285,000', { ts: 9_000_000_000_000_000 });
  now.chat.arrive('5', 'after');
  now.chat.arrive('6', 'late', { ts: 9_000_000_000_000_000 });
  const { page } = await start();
  await shows(page, '6');
  now.chat.arrive('7', 'x');
  await openConversation(page, '5');
  assert.deepEqual(await texts(page, 3), ['before', 'from the year 285,000', 'after']);
  now.chat.arrive('5', 'live');
  assert.deepEqual((await texts(page, 4)).at(-1), 'live');
  assert.ok(now.window.problems.length > 0 && now.window.problems.every((each) => /could not draw/.test(each)));
});
