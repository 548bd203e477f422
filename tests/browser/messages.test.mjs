// What the page sends and takes: messages, errors, notices, against a server in the test’s hands.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mine, openConversation, say, texts } from './page_driver.mjs';
import { now, received, shows, start, state } from './scripted_page.mjs';

test('the page registers with what was typed, and sends the frames of the protocol', async () => {
  const { page } = await start();
  assert.equal(new URL(now.server.url).host, new URL(page.url()).host);
  const [registration] = now.server.received;
  assert.deepEqual(
    { ...registration, color: '' },
    { type: 'system', v: 2, id: '7', projectId: '2424', name: 'mks', color: '', ref: 'r0' },
  );
  assert.match(registration.color, /^#[0-9a-f]{6}$/);
  await openConversation(page, '5');
  await say(page, 'hi\nthere');
  await state(page, 'hi', 'sent');
  const [{ cid, ...frame }] = received('user');
  assert.deepEqual(frame, { type: 'user', to_id: '5', message: 'hi\nthere' });
  assert.match(cid, /^[0-9a-f-]{32,36}$/);
});

test('a message to someone who is not connected is marked, and Retry sends it as a new one', async () => {
  let connected = false;
  const { page } = await start((client, { cid, to_id }) => {
    if (connected) return false;
    client.say({ type: 'error', code: 'not_connected', message: `${to_id} is not connected`, cid, temporary: true });
    return true;
  });
  await openConversation(page, '5');
  await say(page, 'are you there?');
  await state(page, 'there', 'failed');
  await shows(page, 'Not delivered: 5 is not connected.');
  connected = true;
  await page.click('.retry');
  await state(page, 'there', 'sent');
  assert.deepEqual(await texts(page, 1), ['are you there?']);
  const [first, second] = received('user');
  assert.notEqual(first.cid, second.cid);
});

test('errors are shown in clear words on the message they are about, others under the list', async () => {
  const { page, client } = await start((sender, { cid }) => {
    sender.say({ type: 'error', code: 'forbidden', message: 'not to this one', cid, temporary: false });
    return true;
  });
  await openConversation(page, '5');
  await say(page, 'odd');
  await state(page, 'odd', 'failed');
  await shows(page, 'did not allow this. (not to this one)');
  client.say({ type: 'error', code: 'unavailable', message: 'the disk is full', temporary: true });
  await page.locator('#notices', { hasText: 'the disk is full' }).waitFor();
});

test('what the server cannot take for now is sent again, with the same cid, and before later messages', async () => {
  let refusals = 2;
  const { page } = await start((client, { cid }) => {
    if (refusals === 0) return false;
    const code = --refusals === 1 ? { code: 'rate_limited', retry_ms: 300 } : { code: 'unavailable' };
    client.say({ type: 'error', ...code, message: 'wait', cid, temporary: true });
    return true;
  });
  await openConversation(page, '5');
  await say(page, 'first');
  await say(page, 'second');
  await state(page, 'first', 'sent');
  await state(page, 'second', 'sent');
  assert.deepEqual(
    received('user').map(({ message }) => message),
    ['first', 'first', 'first', 'second'],
  );
  assert.equal(new Set(received('user').map(({ cid }) => cid)).size, 2);
});

test('messages of others open conversations, count as unread in list and title, and are read when opened', async () => {
  const { page } = await start();
  now.chat.arrive('5', 'one');
  now.chat.arrive('6', 'other');
  now.chat.arrive('5', 'two');
  await page.waitForFunction(() => document.title === '(3) Klatch');
  assert.deepEqual(await page.locator('.row-name').allTextContents(), ['N5', 'N6']);
  assert.deepEqual(await page.locator('.badge').allTextContents(), ['2 unread', '1 unread']);
  await page.getByRole('button', { name: /N5/ }).click();
  await page.waitForFunction(() => document.title === '(1) Klatch');
  assert.deepEqual(await texts(page, 2), ['one', 'two']);
  now.chat.arrive('5', 'three');
  assert.deepEqual(await texts(page, 3), ['one', 'two', 'three']);
  assert.equal(await page.title(), '(1) Klatch');
});

test('what my other devices send stands in its conversation, and a note to myself stands once', async () => {
  const { page } = await start();
  now.chat.sentElsewhere('5', 'from my phone');
  await openConversation(page, '5');
  assert.deepEqual(await texts(page, 1, mine), ['from my phone']);
  await openConversation(page, '7');
  await say(page, 'buy milk');
  await state(page, 'milk', 'sent');
  now.chat.sentElsewhere('7', 'and bread');
  assert.deepEqual(await texts(page, 2, mine), ['buy milk', 'and bread']);
  assert.equal(await page.title(), 'Klatch');
});

test('a notice stands in the conversation it is about, others under the list', async () => {
  const { page, client } = await start();
  now.chat.arrive('5', 'hi');
  await openConversation(page, '5');
  client.say({ type: 'system', message: 'N5 disconnected' });
  client.say({ type: 'system', message: 'Someone disconnected' });
  await page.locator('.log .notice', { hasText: 'N5 disconnected' }).waitFor();
  await page.locator('#notices', { hasText: 'Someone disconnected' }).waitFor();
  assert.equal(await page.locator('.log', { hasText: 'Someone' }).count(), 0);
});

test('of two Annas the one who has left is told by the id of the notice', async () => {
  const { page, client } = await start();
  for (const from of ['5', '6']) now.chat.arrive(from, 'hi', { name: 'Anna' });
  await openConversation(page, '5');
  client.say({ type: 'system', message: 'Anna disconnected', id: '6' });
  now.chat.arrive('5', 'still here', { name: 'Anna' });
  await texts(page, 2);
  assert.equal(await page.locator('.log .notice').count(), 0);
  await openConversation(page, '6');
  await page.locator('.log .notice', { hasText: 'Anna disconnected' }).waitFor();
});

test('frames that are none, or of a later dialect, change nothing', async () => {
  const { page, client } = await start();
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"type":"presence","users":{"5":"online"}}',
    '{"type":7}',
    '{"type":"usermsg"',
  ])
    client.send(text);
  client.send(Buffer.from([1, 2, 3]));
  now.chat.arrive('5', 'after all that');
  await openConversation(page, '5');
  assert.deepEqual(await texts(page, 1), ['after all that']);
  assert.deepEqual(now.window.problems, []);
});
