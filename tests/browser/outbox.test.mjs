// The page against a scripted server: no message of the user is lost, and none is sent or shown twice, whatever breaks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, beOnline, openConversation, say, signIn, texts, unexpected } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { eventually, me, now, received, serve, shows, start, state } from './scripted_page.mjs';

const allTexts = (page) => page.locator('.bubble').allTextContents();
const shown = (page, wanted) => eventually(async () => assert.deepEqual(await allTexts(page), wanted));
const cidOf = (text) => received('user').find(({ message }) => message === text)?.cid;
/** What the server has stored, in its order. */
const stored = (page) => page.locator('[data-state=sent] .bubble').allTextContents();

/** In the page: how often each message that waits was refused, as the browser keeps it. */
const keptStrikes = () =>
  new Promise((resolve) => {
    indexedDB.open('klatch-outbox').onsuccess = ({ target: { result: database } }) => {
      database.transaction('messages').objectStore('messages').getAll().onsuccess = ({ target: { result: records } }) => {
        database.close();
        resolve(records.map(({ strikes = 0 }) => strikes));
      };
    };
  });

/** Ends the server and waits until the page knows; `comeBack` starts another one on the same port. */
async function goOffline(page) {
  const { port } = now.server;
  await now.server.stop();
  await page.locator('[data-connection=offline]').waitFor();
  return async () => {
    await serve({ port });
    await beOnline(page);
  };
}

test('what one writes while offline waits, says so, and goes out in order when the server is back', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  const comeBack = await goOffline(page);
  await shows(page, 'What you send waits here, and goes out once you are back.');
  for (const text of ['one', 'two', 'three']) await say(page, text);
  await shows(page, 'Waiting for the connection');
  assert.equal(await page.locator('[data-state=sending]').count(), 3);
  await assertAccessible(page, 'messages that wait');
  await comeBack();
  await state(page, 'three', 'sent');
  assert.deepEqual(await allTexts(page), ['one', 'two', 'three']);
  assert.deepEqual(
    received('user').map(({ message }) => message),
    ['one', 'two', 'three'],
  );
});

test('a reload keeps what waits, and sends it with the same cid', async () => {
  let silent = true;
  const { page } = await start(() => silent);
  await openConversation(page, '5');
  await say(page, 'kept');
  await say(page, 'kept, too');
  await eventually(() => assert.equal(received('user').length, 1));
  const cid = cidOf('kept');
  await page.reload();
  await beOnline(page);
  await shown(page, ['kept', 'kept, too']);
  await eventually(() => assert.equal(received('user').length, 2));
  silent = false;
  await page.reload();
  await state(page, 'too', 'sent');
  await shown(page, ['kept', 'kept, too']);
  assert.ok(
    received('user')
      .filter(({ message }) => message === 'kept')
      .every((frame) => frame.cid === cid),
  );
  await page.reload();
  await beOnline(page);
  await shown(page, ['kept', 'kept, too']);
  assert.equal(now.chat.count('5'), 2);
});

test('what is sent in the instant before a reload is there after it', async () => {
  const { page } = await start();
  await openConversation(page, '5');
  // The browser does not come to keep anything.
  await page.evaluate(() => (IDBObjectStore.prototype.add = () => ({})));
  await say(page, 'at the last moment');
  assert.equal(received('user').length, 0);
  await page.reload();
  await state(page, 'at the last moment', 'sent');
  await shown(page, ['at the last moment']);
  assert.equal(received('user').length, 1);
  await page.reload();
  await beOnline(page);
  await shown(page, ['at the last moment']);
  assert.equal(received('user').length, 1);
});

for (const [how, comeBack] of [
  ['the connection is back', (page) => beOnline(page)],
  ['the page is reloaded', (page) => page.reload()],
])
  test(`a message whose ack was lost stands there once when ${how}`, async () => {
    const { page } = await start((client, frame) => {
      if (now.chat.count('5') > 0) return false;
      now.chat.swallow(frame);
      client.terminate();
      return true;
    });
    await openConversation(page, '5');
    await say(page, 'hi');
    await eventually(() => assert.equal(now.chat.count('5'), 1));
    await comeBack(page);
    await state(page, 'hi', 'sent');
    await eventually(() => assert.equal(received('user').length, 2));
    await shown(page, ['hi']);
    const [first, second] = received('user');
    assert.equal(first.cid, second.cid);
    await say(page, 'again');
    await state(page, 'again', 'sent');
    await shown(page, ['hi', 'again']);
    assert.deepEqual(now.window.problems.filter(unexpected), []);
  });

/** Two tabs of one user write in turns; `init` is run in both before the page. */
async function twoTabs(init) {
  const { page: first } = await start(undefined, { init });
  await openConversation(first, '5');
  const second = await now.window.another();
  await beOnline(second);
  await openConversation(second, '5');
  const wanted = [];
  for (let i = 0; i < 5; ++i)
    for (const page of [first, second]) {
      wanted.push(`${page === first ? 'first' : 'second'} ${i}`);
      await say(page, wanted.at(-1));
      await state(page, wanted.at(-1), 'sent');
    }
  await shown(first, wanted);
  await shown(second, wanted);
  assert.equal(now.chat.count('5'), 10);
  return { first, second, wanted };
}

for (const [how, init] of [
  ['with Web Locks', undefined],
  ['without them', () => delete Navigator.prototype.locks],
])
  test(`two tabs of one user, ${how}: both show everything once, and one goes on if the other closes`, async () => {
    const { first, second, wanted } = await twoTabs(init);
    assert.equal(received('user').length, 10);
    await first.close();
    await say(second, 'alone');
    await state(second, 'alone', 'sent');
    await shown(second, [...wanted, 'alone']);
  });

test('a tab that has the turn and does nothing with it does not keep another from sending', async () => {
  let sentAt;
  const { page } = await start(() => {
    sentAt ??= Date.now();
    return false;
  });
  const name = await page.evaluate(async () => {
    for (;;) {
      const [lock] = (await navigator.locks.query()).held;
      if (lock) return lock.name;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  const idle = await now.window.another('?id=&name=');
  await idle.evaluate((turn) => void navigator.locks.request(turn, () => new Promise(() => {})), name);
  await page.reload();
  await beOnline(page);
  await openConversation(page, '5');
  const typedAt = Date.now();
  for (const text of ['a', 'b']) await say(page, text);
  await state(page, 'b', 'sent');
  assert.ok(sentAt - typedAt >= 5_000, `sent after ${sentAt - typedAt} ms`);
  assert.deepEqual(
    received('user').map(({ message }) => message),
    ['a', 'b'],
  );
});

test('what waits in one tab waits in the others, and is sent once when the server is back', async () => {
  const { page: first } = await start();
  await openConversation(first, '5');
  const second = await now.window.another();
  await beOnline(second);
  await openConversation(second, '5');
  const { port } = now.server;
  await now.server.stop();
  for (const page of [first, second]) await page.locator('[data-connection=offline]').waitFor();
  await say(first, 'a');
  await shown(second, ['a']);
  await say(second, 'b');
  await shown(first, ['a', 'b']);
  await serve({ port });
  for (const page of [first, second]) {
    await beOnline(page);
    await state(page, 'b', 'sent');
    await shown(page, ['a', 'b']);
  }
  assert.equal(now.chat.count('5'), 2);
});

test('of two users in one browser each sends what is theirs', async () => {
  const { page } = await start(({}) => true);
  await openConversation(page, '5');
  await say(page, 'of seven');
  await eventually(() => assert.equal(received('user').length, 1));
  const other = await now.window.another('?id=&name=');
  await signIn(other, { ...me, id: '8', name: 'other' });
  await openConversation(other, '5');
  await page.waitForTimeout(300);
  assert.deepEqual(await allTexts(other), []);
  assert.equal(received('user').length, 1);
});

test('a message that the server refuses without naming it fails alone, over reloads too', async () => {
  const { page } = await start((client, { message }) => {
    if (message !== 'bad') return false;
    client.say({ type: 'error', code: 'bad_json', message: 'this is not valid JSON' });
    return true;
  });
  await openConversation(page, '5');
  await say(page, 'bad');
  await say(page, 'good');
  const tries = () => received('user').filter(({ message }) => message === 'bad').length;
  for (const strikes of [1, 2]) {
    await eventually(async () => assert.deepEqual(await page.evaluate(keptStrikes), [strikes, 0]));
    await page.reload();
  }
  await state(page, 'bad', 'failed');
  await state(page, 'good', 'sent');
  await shows(page, 'The server could not read this message. (this is not valid JSON)');
  assert.equal(tries(), 3);
  await page.reload();
  await beOnline(page);
  await shown(page, ['good']);
  assert.equal(tries(), 3);
});

for (const [how, init] of [
  [
    'has no IndexedDB',
    () => delete window.indexedDB || Object.defineProperty(window, 'indexedDB', { value: undefined }),
  ],
  [
    'does not let IndexedDB open',
    () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('not here', 'SecurityError');
      };
    },
  ],
])
  test(`a browser that ${how} sends all the same, and the page says once what that means`, async () => {
    const { page } = await start(undefined, { init });
    await openConversation(page, '5');
    await say(page, 'one');
    await state(page, 'one', 'sent');
    const comeBack = await goOffline(page);
    await say(page, 'two');
    await comeBack();
    await state(page, 'two', 'sent');
    assert.equal(await page.getByText('This browser keeps nothing for this page').count(), 1);
    assert.deepEqual(now.window.problems.filter(unexpected), []);
  });

test('on a page over plain http, where crypto.randomUUID is missing, cids are random all the same', async () => {
  const { page } = await start(undefined, { init: () => delete Crypto.prototype.randomUUID });
  await openConversation(page, '5');
  for (const text of ['a', 'b']) await say(page, text);
  await state(page, 'b', 'sent');
  const [first, second] = received('user');
  assert.match(first.cid, /^[0-9a-f]{32}$/);
  assert.notEqual(first.cid, second.cid);
});

test('on a server without a store messages are sent or failed, and a reconnect loses nothing here', async () => {
  now.chat = new ScriptedChat(me, {
    epoch: '',
    onUser: (client, { cid, to_id }) => {
      if (to_id === '6') client.say({ type: 'error', code: 'not_connected', message: 'x', cid, temporary: true });
      else client.say({ type: 'ack', cid, ts: Date.now() });
      return true;
    },
  });
  const { page } = await start();
  await openConversation(page, '6');
  await say(page, 'nobody there');
  await shows(page, 'Not delivered: 6 is not connected.');
  await openConversation(page, '5');
  await say(page, 'hi');
  await state(page, 'hi', 'sent');
  now.chat.say({ type: 'usermsg', from: '5', to: '7', name: 'N5', message: 'hello', color: '', ts: Date.now() });
  await texts(page, 2);
  const comeBack = await goOffline(page);
  await comeBack();
  assert.deepEqual(await allTexts(page), ['hi', 'hello']);
  assert.deepEqual([received('history'), received('conversations'), received('recv')], [[], [], []]);
});

test('a failed message can be sent again while offline: it waits like any other', async () => {
  let refuse = true;
  const { page } = await start((client, { cid }) => {
    if (!refuse) return false;
    client.say({ type: 'error', code: 'forbidden', message: 'no', cid, temporary: false });
    return true;
  });
  await openConversation(page, '5');
  await say(page, 'hi');
  await state(page, 'hi', 'failed');
  refuse = false;
  const comeBack = await goOffline(page);
  await page.click('.retry');
  await shows(page, 'Waiting for the connection');
  await comeBack();
  await state(page, 'hi', 'sent');
  assert.deepEqual(await stored(page), ['hi']);
});
