// How the page loses its connection, what it says of that, and how it comes back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConversation, say } from './page_driver.mjs';
import { now, open, received, serve, shows, start, state } from './scripted_page.mjs';

for (const [code, words] of [
  [4401, 'did not accept the sign-in'],
  [4403, 'removed'],
])
  test(`after a close with ${code} it says why and waits to be asked`, async () => {
    const { page, client } = await start();
    await openConversation(page, '5');
    await page.clock.install();
    client.close(code, 'the reason');
    await page.locator('[data-connection=closed]').waitFor();
    await shows(page, words);
    await page.clock.runFor(120_000);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'closed');
    assert.equal(received('system').length, 1);
    await shows(page, 'waits here until you connect again');
    await say(page, 'kept');
    await shows(page, 'Waiting for the connection');
    await page.click('text=Connect again');
    await page.locator('[data-connection=online]').waitFor();
    await state(page, 'kept', 'sent');
  });

for (const [code, least, most] of [
  [1000, 500, 1_000],
  [1001, 500, 1_000],
  [1002, 4_000, 8_000],
  [1007, 4_000, 8_000],
  [1009, 4_000, 8_000],
  [1011, 500, 1_000],
  [1012, 1_000, 5_000],
  [1013, 4_000, 8_000],
  [4408, 4_000, 8_000],
  [4429, 4_000, 8_000],
  [4508, 4_000, 8_000],
  [4529, 4_000, 8_000],
])
  test(`after a close with ${code} it comes back by itself within ${most} ms, not before ${least}`, async () => {
    const { page, client } = await start();
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 1_000);
    client.close(code);
    await page.locator('[data-connection=offline]').waitFor();
    await page.clock.runFor(least - 50);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'offline');
    await page.clock.runFor(most - least + 50);
    await page.locator('[data-connection=online]').waitFor();
    assert.equal(received('system').length, 2);
  });

test('where the server says when to come back the page does so then, and not before', async () => {
  const { page, client } = await start();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1_000);
  client.say({ type: 'reconnect', after_ms: 7_000 });
  client.close(1012);
  await page.locator('[data-connection=offline]').waitFor();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.clock.runFor(6_900);
  assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'offline');
  assert.equal(received('system').length, 1);
  await page.clock.runFor(200);
  await page.locator('[data-connection=online]').waitFor();
});

test('while the server is gone, attempts get rarer; the network’s return brings one at once', async () => {
  const { page } = await start();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1_000);
  const { port } = now.server;
  await now.server.stop();
  await page.locator('[data-connection=offline]').waitFor();
  for (const ceiling of [1_000, 2_000, 4_000, 8_000, 16_000]) {
    await page.clock.runFor(ceiling);
    await shows(page, ceiling === 1_000 ? 'The connection could not be made.' : 'The server cannot be reached.');
    await page.locator('[data-connection=offline]').waitFor();
  }
  await serve({ port });
  assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'offline');
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.locator('[data-connection=online]').waitFor();
  assert.equal(received('system').length, 1);
});

for (const [how, answers, words] of [
  ['by something before the server', { '/chat': 301 }, 'does not let a WebSocket through'],
  ['with everything else', { '/chat': 429, '/healthz': 429 }, 'too many connections'],
  ['because the site may not connect', { '/chat': 403, '/healthz': 403 }, 'does not let pages of this site connect'],
  ['by a proxy without a server', { '/chat': 502, '/healthz': 502 }, 'does not run just now'],
])
  test(`a socket that is refused ${how} is explained, and tried again`, async () => {
    const { page } = await start();
    const { port } = now.server;
    await now.server.stop();
    let refused = true;
    const instead = (path) => (refused && answers[path] ? { status: answers[path] } : undefined);
    await serve({ port, instead });
    await shows(page, words);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'offline');
    refused = false;
    await page.click('#connect-now');
    await page.locator('[data-connection=online]').waitFor();
  });

const hour = 3_600_000;

for (const [how, jump] of [
  ['an hour back', -hour],
  ['30 days back', -30 * 24 * hour],
  ['a day ahead', 24 * hour],
])
  test(`where the clock is set ${how}, a dead connection is noticed in time, and timers stay few`, async () => {
    const { page, client } = await start();
    await page.clock.install();
    client.close();
    await page.locator('[data-connection=offline]').waitFor();
    await page.clock.runFor(1_000);
    await page.locator('[data-connection=online]').waitFor();
    await page.evaluate(() => {
      const { setTimeout: original } = window;
      window.timersSet = 0;
      window.setTimeout = (...given) => (++window.timersSet, original(...given));
    });
    const set = await page.evaluate((ms) => Date.now() + ms, jump);
    now.chat.handle = () => {};
    await page.clock.setSystemTime(set);
    await page.clock.runFor(20_000);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'online');
    await page.clock.runFor(20_000);
    await page.locator('[data-connection=offline]').waitFor();
    assert.ok((await page.evaluate(() => window.timersSet)) < 20);
    await shows(page, /Trying again in [1-9] s/);
  });

test('a server that never acknowledges is given up and tried again', async () => {
  await serve({ onClient: () => {} });
  const page = await open();
  await page.clock.install();
  await page.fill('#sign-in-id', '7');
  await page.click('text=Start chatting');
  await page.locator('[data-connection=connecting]').waitFor();
  await page.clock.runFor(16_000);
  await shows(page, 'The connection could not be made.');
});
