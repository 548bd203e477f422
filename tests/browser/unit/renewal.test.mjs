// The token is renewed on the open connection, before it runs out, whatever the device's clock says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './fakes.mjs';
import { browser, client, environment, eventsOf, nextWindow, socket, welcomed } from './one_client.mjs';

const seconds = () => Math.floor(environment.date() / 1000);
const hour = 3_600;

let asked;
/** What the site was told at the last time. */
let why;
let serverAhead;
/** A window whose site gives tokens, online with one that runs out in `left` s by the server's clock. */
async function online({ left = hour, give = (count) => `token-${count}`, ahead = 0, changes } = {}) {
  asked = 0;
  serverAhead = ahead;
  nextWindow(changes, { me: {}, token: (told) => ((why = told), give(++asked)) });
  client.connect();
  await settle();
  await welcomed({ project: 'shop', exp: seconds() + serverAhead + left });
}

const handedIn = () => environment.sockets.flatMap((each) => each.of('refresh'));

/** The server takes the last token that it was handed. */
function refreshed(left = hour) {
  socket().say({ type: 'refreshed', exp: seconds() + serverAhead + left, ref: handedIn().at(-1).ref });
}

/** Passes `ms` in which the network is well. */
async function pass(ms) {
  for (const end = browser.now + ms; browser.now < end; ) {
    await browser.pass(Math.min(20_000, end - browser.now));
    socket().say({ type: 'pong' });
  }
}

/** Passes the time until a token is handed in. */
async function due() {
  const before = handedIn().length;
  while (handedIn().length === before) await pass(1_000);
}

for (const [random, part] of [
  [0, 0.75],
  [0.5, 0.8],
  [0.999999, 0.85],
])
  test(`it is renewed at ${part} of its lifetime where chance is ${random}`, async () => {
    await online({ changes: { random: () => random } });
    await pass(part * hour * 1000 - 2_000);
    assert.deepEqual(handedIn(), []);
    await pass(4_000);
    assert.deepEqual(handedIn(), [{ type: 'refresh', token: 'token-2', ref: 't1' }]);
    refreshed();
    await pass(part * hour * 1000 - 4_000);
    assert.equal(handedIn().length, 1);
    await pass(6_000);
    assert.equal(handedIn()[1].token, 'token-3');
    assert.equal(environment.sockets.length, 1);
  });

test('a connection that breaks goes on with the renewed token', async () => {
  await online();
  await due();
  refreshed();
  socket().end();
  await browser.pass(1_000);
  socket().onopen();
  assert.equal(socket().sent[0].token, 'token-2');
  assert.equal(asked, 2);
  assert.deepEqual(browser.keptTokens, [], 'only guests have theirs kept');
});

test('where the server says that the token is about to run out it is renewed at once', async () => {
  await online();
  socket().say({ type: 'expiring', in_ms: 25_000 });
  await browser.pass(0);
  assert.equal(handedIn().length, 1);
});

test('between two renewals are 5 s at least, however often the server says it', async () => {
  await online();
  for (let i = 0; i < 120; ++i) {
    socket().say({ type: 'expiring', in_ms: 25_000 });
    await browser.pass(250);
    if (handedIn().length > 0) refreshed(10);
  }
  assert.ok(handedIn().length <= 7, `${handedIn().length} in 30 s`);
  assert.ok(handedIn().length >= 5);
});

for (const ahead of [-30 * 24 * hour, -hour - 1, -hour + 1, -hour + 20, hour, 30 * 24 * hour])
  test(`where the server’s clock is ${ahead} s ahead of this one’s there is no loop, and \`expiring\` counts`, async () => {
    await online({ ahead });
    for (let i = 0; i < 60; ++i) {
      await pass(60_000);
      if (handedIn().length > i) refreshed();
    }
    assert.ok(handedIn().length <= 2, `${handedIn().length} in an hour`);
    const before = handedIn().length;
    await pass(10_000);
    socket().say({ type: 'expiring', in_ms: 25_000 });
    await browser.pass(5_000);
    assert.equal(handedIn().length, before + 1);
  });

test('while the site gives none it is asked again, more and more rarely, and says so', async () => {
  const fails = (count) => (count === 1 ? 'token-1' : Promise.reject(new Error('no network')));
  await online({ give: fails });
  await pass(0.9 * hour * 1000);
  assert.equal(client.status.state, 'online');
  assert.ok(asked >= 8 && asked < 25, `${asked} times`);
  assert.equal(eventsOf('tokenFailed').length, asked - 1);
});

test('where the site says that nobody is signed in any more the client is signed out', async () => {
  await online({ give: (count) => (count === 1 ? 'token-1' : '') });
  await pass(0.9 * hour * 1000);
  assert.deepEqual([client.status.state, socket().closed], ['signedOut', true]);
  await browser.pass(hour * 1000);
  assert.deepEqual([environment.sockets.length, asked], [1, 2]);
});

test('a token of somebody else is not handed in again, and no message is blamed for it', async () => {
  await online();
  client.send('5', 'hi');
  await due();
  const [{ ref }] = handedIn();
  socket().say({ type: 'error', code: 'forbidden', message: 'the token is of another user', ref });
  await pass(10 * 60_000);
  assert.equal(handedIn().length, 1);
  assert.deepEqual(eventsOf('error').map(({ code }) => code), ['forbidden']);
  assert.deepEqual(eventsOf('failed'), []);
  assert.equal(client.status.state, 'online');
});

test('what the server does not answer, or cannot take just now, is handed in again', async () => {
  await online();
  await due();
  await pass(14_000);
  assert.equal(handedIn().length, 1);
  await due();
  const { ref } = handedIn()[1];
  socket().say({ type: 'error', code: 'unavailable', message: 'later', temporary: true, ref });
  await pass(10_000);
  assert.equal(handedIn().length, 3);
});

test('a token that is a text is not renewed', async () => {
  nextWindow({}, { me: {}, token: 'a.b.c' });
  client.connect();
  await settle();
  await welcomed({ project: 'shop', exp: seconds() + hour });
  await pass(0.9 * hour * 1000);
  socket().say({ type: 'expiring', in_ms: 25_000 });
  await pass(20_000);
  assert.deepEqual(handedIn(), []);
});

test('an answer that comes after another token was handed in is not taken for its own', async () => {
  await online();
  await due();
  client.setToken('other');
  await due();
  socket().say({ type: 'refreshed', exp: seconds() + hour, ref: 't1' });
  await pass(22_000);
  assert.deepEqual(
    handedIn().map(({ token }) => token),
    ['token-2', 'other', 'other'],
  );
});

test('while there is no connection the site is not asked for what nobody can be handed', async () => {
  await online();
  socket().end();
  await browser.pass(hour * 1000);
  assert.equal(asked, 1);
});

test('a site that is asked while the connection breaks is told that nobody waits any more', async () => {
  await online({ give: (count) => (count === 1 ? 'token-1' : new Promise(() => {})) });
  while (asked < 2) await pass(1_000);
  assert.equal(why.signal.aborted, false);
  socket().end();
  assert.equal(why.signal.aborted, true);
});

test('after a success the next failure is the first one again', async () => {
  let fails = false;
  await online({ give: (count) => (fails ? Promise.reject(new Error('no network')) : `token-${count}`) });
  fails = true;
  while (asked < 6) await pass(1_000);
  fails = false;
  await due();
  refreshed();
  fails = true;
  const before = asked;
  while (asked === before) await pass(1_000);
  const first = browser.now;
  while (asked === before + 1) await pass(1_000);
  assert.ok(browser.now - first <= 6_000, `${browser.now - first} ms`);
});

test('a closed client renews nothing', async () => {
  await online();
  client.close();
  await settle();
  await browser.pass(hour * 1000);
  assert.deepEqual([asked, browser.timers], [1, 0]);
});
