// Who signs in: the site by a token, a guest by the server, or nobody, and what the page says of each.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, beOnline, openConversation, say, signIn } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { me, now, open, received, serve, shows, state } from './scripted_page.mjs';

const openModeLine = 'Open mode: nobody is asked who they are. Not for the internet.';
const sizes = { desktop: { viewport: { width: 1280, height: 800 } }, phone: { viewport: { width: 360, height: 740 } } };
const seconds = () => Math.floor(Date.now() / 1000);

/** A server that takes tokens for which `accepts` is true, and guests if they may come. */
async function serveTokens({ accepts = () => true, guests = false, welcome } = {}) {
  const answers = { accepts, guests };
  now.chat = new ScriptedChat(me, { welcome: { project: 'shop', name: 'Mia', role: 'user', ...welcome } });
  const asGuest = { id: 'g-1', project: 'shop', name: 'Visitor', role: 'guest', token: 'guest-1' };
  const onClient = (client, frame) => {
    const guest = frame.guest || frame.token?.startsWith('guest');
    if (frame.type === 'refresh')
      return client.say({ type: 'refreshed', exp: seconds() + 3_600, ref: frame.ref });
    if (frame.type !== 'system') return now.chat.handle(client, frame);
    if (guest ? answers.guests : frame.token && answers.accepts(frame.token)) {
      if (guest) now.chat.welcome = asGuest;
      return now.chat.handle(client, frame);
    }
    const why = { type: 'system', error: 'unauthorized', message: 'a token is needed that this server accepts' };
    client.say({ ...why, ...(answers.guests && { guests: true }) });
    client.close(4401, 'unauthorized');
  };
  await serve({ onClient });
  return answers;
}

/** As a script of the site: each call gives the next token. */
const siteOfTokens = () => {
  window.asked = [];
  window.klatchToken = async ({ refused }) => `token-${window.asked.push(refused)}`;
};

const tryAgain = (page) => page.getByRole('button', { name: 'Try again' }).click();
const tokens = () => received('system').map(({ token }) => token);

for (const [size, options] of Object.entries(sizes))
  test(`in open mode the page says so, in one calm line: ${size}`, async () => {
    now.chat = new ScriptedChat(me, { welcome: { insecure: true } });
    await serve();
    const page = await open(options);
    await signIn(page, me);
    const line = page.getByRole('status').filter({ hasText: openModeLine });
    await line.waitFor();
    const { height } = await line.boundingBox();
    assert.ok(height <= 52, `${height} px`);
    await assertAccessible(page, `open mode, ${size}`);
    await assertNoSidewaysScroll(page, `open mode, ${size}`);
    await openConversation(page, '5');
    await line.waitFor();
    await page.click('#sign-out');
    assert.equal(await page.locator('#open-mode').textContent(), '');
  });

test('where tokens are checked there is no such line', async () => {
  await serveTokens();
  const page = await open({ init: siteOfTokens });
  await beOnline(page);
  assert.equal(await page.locator('#open-mode').textContent(), '');
  assert.equal((await page.locator('#open-mode').boundingBox()).height, 0);
});

test('with a token of the site nobody is asked for a name, and who they are is what the server says', async () => {
  await serveTokens();
  const page = await open({ init: siteOfTokens }, '?to=5');
  await beOnline(page);
  assert.equal(await page.locator('#sign-in').isVisible(), false);
  assert.equal(await page.locator('#my-name').textContent(), 'Mia');
  assert.equal(await page.locator('#partner-name').textContent(), '5');
  const [{ token, id, projectId }] = received('system');
  assert.deepEqual({ token, id, projectId }, { token: 'token-1', id: undefined, projectId: undefined });
  await say(page, 'hi');
  await state(page, 'hi', 'sent');
  const kept = () => JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }]);
  assert.doesNotMatch(await page.evaluate(kept), /token-1/);
});

test('a token that is a text does as well', async () => {
  await serveTokens();
  const page = await open({ init: () => (window.klatchToken = 'a.b.c') });
  await beOnline(page);
  assert.deepEqual(tokens(), ['a.b.c']);
});

test('the token is renewed before it runs out, on the connection that is there', async () => {
  await serveTokens({ welcome: { exp: seconds() + 3_600, ping_s: 0 } });
  const page = await open({ init: siteOfTokens });
  await beOnline(page);
  // Timers of the page are the test's from here on.
  await page.clock.install();
  [...now.server.clients][0].close();
  await page.locator('[data-connection=offline]').waitFor();
  await page.clock.runFor(1_000);
  await beOnline(page);
  await page.clock.runFor(44 * 60_000);
  assert.deepEqual(received('refresh'), []);
  for (let i = 0; i < 100 && received('refresh').length === 0; ++i) await page.clock.runFor(5_000);
  assert.equal(received('refresh')[0].token, 'token-2');
  await page.clock.runFor(60_000);
  assert.equal(received('refresh').length, 1);
  assert.deepEqual(tokens(), ['token-1', 'token-1'], 'the site is not asked after each loss');
  assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'online');
});

test('a token that is refused twice ends it: no third connection, until the reader asks', async () => {
  const answers = await serveTokens({ accepts: () => false });
  const page = await open({ init: siteOfTokens });
  await shows(page, 'You are signed out.');
  await assertAccessible(page, 'signed out');
  await page.clock.install();
  await page.clock.runFor(600_000);
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.clock.runFor(600_000);
  assert.deepEqual(tokens(), ['token-1', 'token-2']);
  assert.deepEqual(await page.evaluate(() => window.asked), [false, true]);
  assert.equal(await page.locator('#guest-form').isVisible(), false);
  answers.accepts = () => true;
  await tryAgain(page);
  await beOnline(page);
  assert.deepEqual(tokens(), ['token-1', 'token-2', 'token-3']);
});

for (const [size, options] of Object.entries(sizes))
  test(`who is signed out while they write loses nothing: ${size}`, async () => {
    const answers = await serveTokens();
    const page = await open({ ...options, init: siteOfTokens }, '?to=5');
    await beOnline(page);
    answers.accepts = () => false;
    const [client] = now.server.clients;
    client.say({ type: 'error', code: 'token_expired', message: 'the token has expired' });
    client.close(4401, 'token_expired');
    await page.locator('[data-connection=signedOut]').waitFor();
    await shows(page, 'You are signed out.');
    await say(page, 'kept');
    await page.locator('.message', { hasText: 'kept' }).waitFor();
    await assertAccessible(page, `signed out while writing, ${size}`);
    await assertNoSidewaysScroll(page, `signed out while writing, ${size}`);
    await page.waitForTimeout(1_500);
    assert.deepEqual(tokens(), ['token-1', 'token-2']);
    answers.accepts = () => true;
    await tryAgain(page);
    await state(page, 'kept', 'sent');
    const { resume } = received('system').at(-1);
    assert.equal(resume.epoch, 'first');
  });

test('a site that cannot say who it is, for now, is asked again', async () => {
  await serveTokens();
  const page = await open({
    init: () => {
      window.works = false;
      window.klatchToken = async () => (window.works ? 'token' : Promise.reject(new Error('secret reason')));
    },
  });
  await shows(page, 'could not say just now who you are');
  await page.evaluate(() => (window.works = true));
  await page.click('text=Try now');
  await beOnline(page);
  assert.deepEqual(now.window.problems, []);
});

test('another user of the site who comes after one gets a chat of their own', async () => {
  const answers = await serveTokens();
  const page = await open({ init: siteOfTokens }, '?to=5');
  await beOnline(page);
  const { handle } = now.chat;
  const forbid = (client, frame) => {
    if (frame.type !== 'system' || !frame.id) return handle.call(now.chat, client, frame);
    client.say({ type: 'system', error: 'forbidden', message: 'the token is of another user' });
  };
  now.chat.handle = forbid;
  now.chat.welcome = { id: '8', project: 'shop', name: 'Bo', role: 'user' };
  answers.accepts = (token) => token !== 'token-1';
  [...now.server.clients][0].close(4401, 'token_expired');
  await page.locator('#my-name', { hasText: 'Bo' }).waitFor();
  await beOnline(page);
  assert.equal(received('system').at(-1).id, undefined);
});

for (const [size, options] of Object.entries(sizes))
  test(`where the server wants a token and the page has none it says what to do, and offers guests: ${size}`, async () => {
    await serveTokens({ guests: true });
    const page = await open(options, '?project=shop&to=5');
    await page.fill('#sign-in-id', '7');
    await page.click('text=Start chatting');
    await shows(page, /This site signs you in: go to its own pages/);
    await assertAccessible(page, `the site signs you in, ${size}`);
    await assertNoSidewaysScroll(page, `the site signs you in, ${size}`);
    await page.fill('#guest-name', 'Visitor');
    await page.click('text=Continue as a guest');
    await beOnline(page);
    const { guest, projectId, name, id } = received('system').at(-1);
    assert.deepEqual({ guest, projectId, name, id }, { guest: true, projectId: 'shop', name: 'Visitor', id: undefined });
    assert.equal(await page.locator('#my-name').textContent(), 'Visitor');
    await page.reload();
    await beOnline(page);
    assert.deepEqual(tokens(), [undefined, undefined, 'guest-1']);
    await page.click('#sign-out');
    await page.getByText('Continue as a guest').waitFor();
    await page.click('text=Continue as a guest');
    await beOnline(page);
    assert.equal(tokens().at(-1), undefined, 'the guest of before is forgotten');
  });

test('where guests may not come none is offered, and the way back leads to the form', async () => {
  await serveTokens();
  const page = await open();
  await page.fill('#sign-in-id', '7');
  await page.click('text=Start chatting');
  await shows(page, /This site signs you in: go to its own pages/);
  assert.equal(await page.locator('#guest-form').isVisible(), false);
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  assert.equal(await page.inputValue('#sign-in-id'), '7');
  assert.equal(received('system').length, 1);
});

test('whom the site does not know may be a guest, and signs in there later', async () => {
  await serveTokens({ guests: true });
  const page = await open({ init: () => (window.klatchToken = () => window.token ?? '') }, '?project=shop');
  await shows(page, 'You are signed out.');
  await page.click('text=Continue as a guest');
  await beOnline(page);
  assert.equal(received('system').length, 2);
  await page.reload();
  await beOnline(page);
  assert.deepEqual(tokens(), [undefined, undefined, 'guest-1']);
});

test('a site’s copy of the page names its project', async () => {
  await serveTokens({ guests: true });
  const page = await open();
  await page.route(now.server.url, async (route) => {
    const body = await (await route.fetch()).text();
    await route.fulfill({ contentType: 'text/html', body: body.replace('<html', '<html data-project="shop"') });
  });
  await page.reload();
  assert.equal(await page.inputValue('#sign-in-project'), 'shop');
});

test('signing out of the chat leaves the site’s own sign-in alone', async () => {
  await serveTokens();
  const page = await open({ init: siteOfTokens });
  await beOnline(page);
  await page.click('#sign-out');
  await shows(page, 'You are signed out.');
  await tryAgain(page);
  await beOnline(page);
});
