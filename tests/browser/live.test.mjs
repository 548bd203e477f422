// What a screen reader is told: every change of a live region is written down, whichever it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, beOnline, openConversation, say, texts } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { eventually, me, now, serve, start, state } from './scripted_page.mjs';

/** Runs in the page: what live regions have said, in `window.said`. */
function listen() {
  const live = (element) => {
    const region = element?.closest('[aria-live], [role=status], [role=alert], [role=log]');
    return region && region.getAttribute('aria-live') !== 'off' ? region : undefined;
  };
  window.said = [];
  new MutationObserver((changes) => {
    const regions = new Set(changes.map(({ target }) => live(target.nodeType === 1 ? target : target.parentElement)));
    for (const region of regions) if (region?.textContent.trim()) window.said.push(region.textContent.trim());
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

/** A signed-in page with the conversation with 5 open, and a way to hear what is said from here on. */
async function listener(onUser) {
  const { page, client } = await start(onUser, { init: listen });
  await openConversation(page, '5');
  await page.waitForTimeout(600);
  const said = () => page.evaluate(() => window.said);
  await page.evaluate(() => (window.said.length = 0));
  return { page, client, said };
}

test('opening the page and a conversation with a past says nothing', async () => {
  now.chat = new ScriptedChat(me);
  for (let i = 0; i < 60; ++i) now.chat.arrive('5', `m${i}`);
  const { page } = await start(undefined, { init: listen });
  await openConversation(page, '5');
  await texts(page, 50);
  await page.waitForTimeout(1_000);
  assert.deepEqual(await page.evaluate(() => window.said), []);
});

test('45 s without a connection are a loss, told once, and a return', async () => {
  const { page, said } = await listener();
  await page.clock.install();
  const { port } = now.server;
  await now.server.stop();
  for (let s = 0; s < 45; ++s) {
    await page.clock.runFor(1_000);
    await page.waitForTimeout(20);
  }
  await page.locator('[data-connection=offline]').waitFor();
  await page.getByText('The server cannot be reached.').waitFor();
  assert.deepEqual(await said(), ['The connection was lost. Trying again by itself.']);
  await serve({ port });
  await page.clock.runFor(31_000);
  await beOnline(page);
  assert.deepEqual((await said()).slice(1), ['Connected again.']);
});

test('a refusal is read out, and so is what came of an attempt that the user asked for', async () => {
  const { page, client, said } = await listener();
  client.close(4403);
  await page.locator('[data-connection=closed]').waitFor();
  const refused = 'Disconnected: You have been removed from this chat.';
  assert.deepEqual(await said(), [refused]);
  now.chat.handle = (device) => device.say({ type: 'system', message: 'no', error: 'forbidden' });
  await page.click('#connect-now');
  await eventually(async () =>
    assert.deepEqual(await said(), [refused, 'Disconnected: The server did not accept the sign-in: no.']),
  );
});

test('of my own messages only failures are said, many as one', async () => {
  let typed = Promise.resolve();
  const { page, said } = await listener((client, { message, cid }) => {
    if (!message.startsWith('bad')) return false;
    typed.then(() => client.say({ type: 'error', code: 'forbidden', message: '', cid, temporary: false }));
    return true;
  });
  for (const text of ['a', 'b', 'c']) {
    await say(page, text);
    await state(page, text, 'sent');
  }
  now.chat.sentElsewhere('5', 'from my phone');
  now.chat.say({ type: 'receipt', kind: 'read', with: '5', n: 3, by: '5' });
  await state(page, 'c', 'read');
  await page.waitForTimeout(600);
  assert.deepEqual(await said(), []);
  await say(page, 'bad');
  await eventually(async () =>
    assert.deepEqual(await said(), ['A message to 5 was not delivered. The server did not allow this.']),
  );
  await page.waitForTimeout(2_000);
  // All are refused in a row, however long it takes to type them.
  let allTyped;
  typed = new Promise((resolve) => (allTyped = resolve));
  for (let i = 0; i < 6; ++i) await say(page, `bad ${i}`);
  allTyped();
  await eventually(async () => assert.deepEqual((await said()).slice(1), ['6 messages were not delivered.']));
});

test('arrivals are read out singly, and many at once are one sentence', async () => {
  const { page, said } = await listener();
  const waitFor = (wanted) => eventually(async () => assert.deepEqual(await said(), wanted));
  now.chat.arrive('5', 'hello');
  const first = ['N5: hello'];
  await waitFor(first);
  now.chat.arrive('6', 'secret');
  now.chat.arrive('5', 'again');
  await waitFor([...first, 'New message from N6. N5: again']);
  await page.waitForTimeout(2_100);
  await page.evaluate(() => (window.said.length = 0));
  for (let i = 0; i < 20; ++i) now.chat.arrive(['5', '6', '8', '9'][i % 4], `m${i}`);
  await waitFor(['20 new messages from N5, N6 and 2 others.']);
  await page.waitForTimeout(2_500);
  assert.equal((await said()).length, 1);
  await assertAccessible(page, 'after announcements');
});

test('a steady flood of messages is read out as one sentence in two seconds', async () => {
  const { page, said } = await listener();
  for (let i = 0; i < 60; ++i) {
    now.chat.arrive('5', `m${i}`);
    await page.waitForTimeout(100);
  }
  await page.waitForTimeout(2_100);
  const all = await said();
  assert.ok(all.length <= 5, all.join('\n'));
  const counted = all.map((sentence) => Number(sentence.match(/^(\d+) new messages from N5\.$/)?.[1] ?? 1));
  assert.equal(
    counted.reduce((sum, n) => sum + n),
    60,
  );
});

test('notices are read out as messages are', async () => {
  const { said } = await listener();
  now.chat.say({ type: 'system', message: 'Somebody disconnected' });
  await eventually(async () => assert.deepEqual(await said(), ['Somebody disconnected']));
});
