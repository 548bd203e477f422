// Tokens of the site: when it is asked for one, and what happens where the server does not take it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './fakes.mjs';
import { browser, client, connect, environment, eventsOf, nextWindow, socket, welcome, welcomed } from './one_client.mjs';

const seconds = () => Math.floor(environment.date() / 1000);
const expired = { type: 'error', code: 'token_expired', message: 'the token has expired' };
const unauthorized = { type: 'error', code: 'unauthorized', message: 'a token is needed that this server accepts' };

/** What the site was asked, and what it gives: a function of how often, token-1, token-2 … without one. */
let asked;
/** A window whose site gives tokens. */
function withSite(give = (count) => `token-${count}`, me = {}) {
  asked = [];
  const token = (why) => give(asked.push(why));
  nextWindow({}, { me, token });
}

/** Connects as far as the registration. */
async function register() {
  client.connect();
  await settle();
  socket().onopen();
}

/** The server does not take the token. */
async function refuse(error) {
  socket().say(error);
  socket().end(4401, error.code);
  await settle();
}

const tokensSent = () => environment.sockets.flatMap((each) => each.of('system').map(({ token }) => token));

test('a token that is a text goes into the registration, with what is known beside it', async () => {
  nextWindow({}, { me: { color: '#F00' }, token: 'a.b.c' });
  await register();
  assert.deepEqual(socket().sent, [{ type: 'system', v: 2, token: 'a.b.c', color: '#F00', ref: 'r0' }]);
  assert.equal(socket().url, 'ws://chat.example/chat');
});

test('a function is asked before the socket is opened, and told that nothing was refused', async () => {
  let give;
  withSite(() => new Promise((resolve) => (give = resolve)));
  client.connect();
  client.connect();
  await browser.pass(9_000);
  assert.deepEqual([environment.sockets.length, client.status.state], [0, 'connecting']);
  give('late');
  await settle();
  socket().onopen();
  assert.deepEqual([asked.length, asked[0].refused, tokensSent()], [1, false, ['late']]);
});

test('who the token is for is known from the welcome, and insisted on from then on', async () => {
  withSite();
  await register();
  socket().say(welcome({ project: 'shop', name: 'Mia', role: 'user', exp: seconds() + 3_600 }));
  assert.deepEqual(client.me, { id: '7', project: 'shop', name: 'Mia', role: 'user' });
  assert.deepEqual(eventsOf('signedIn'), [{ type: 'signedIn', ...client.me }]);
  socket().end();
  await browser.pass(1_000);
  socket().onopen();
  const [{ id, projectId, token }] = socket().of('system');
  assert.deepEqual({ id, projectId, token }, { id: '7', projectId: 'shop', token: 'token-1' });
  assert.equal(asked.length, 1, 'a server that restarts does not send everybody to the site');
});

test('what is sent before it is known by whom waits, and is kept for them', async () => {
  withSite();
  client.send('5', 'early');
  await settle();
  assert.deepEqual(await browser.store.all(), []);
  await register();
  socket().say(welcome({ project: 'shop' }));
  await settle();
  assert.deepEqual(
    socket()
      .of('user')
      .map(({ message }) => message),
    ['early'],
  );
});

test('after token_expired the site is asked, and the client goes on where it was, at once', async () => {
  withSite();
  await register();
  await welcomed({ project: 'shop', head: 5 });
  await browser.pass(10_000);
  await refuse(expired);
  assert.equal(environment.sockets.length, 2);
  socket().onopen();
  const [{ token, resume }] = socket().of('system');
  assert.deepEqual({ token, resume }, { token: 'token-2', resume: { epoch: 'e', since: 5 } });
  assert.equal(asked[1].refused, true);
  assert.deepEqual(eventsOf('signedOut'), []);
});

test('the close alone says it, too', async () => {
  withSite();
  await register();
  await welcomed();
  await browser.pass(10_000);
  socket().end(4401, 'token_expired');
  await settle();
  assert.deepEqual([environment.sockets.length, asked.length], [2, 2]);
});

for (const error of [unauthorized, expired])
  test(`after ${error.code} a fresh token is tried once; where it is refused too the client is signed out`, async () => {
    withSite();
    client.send('5', 'kept');
    await register();
    await refuse(error);
    socket().onopen();
    await refuse({ ...error, guests: true });
    browser.wake();
    await browser.pass(3_600_000);
    assert.deepEqual(tokensSent(), ['token-1', 'token-2']);
    assert.equal(client.status.state, 'signedOut');
    assert.equal(environment.sockets.length, 2);
    assert.deepEqual(eventsOf('signedOut'), [
      { type: 'signedOut', code: error.code, text: error.message, guests: true },
    ]);
    assert.deepEqual(eventsOf('failed'), [], 'what waits is kept');
  });

test('a signed-out client that is asked to connect asks the site anew', async () => {
  withSite();
  await register();
  await refuse(unauthorized);
  socket().onopen();
  await refuse(unauthorized);
  await register();
  await refuse(unauthorized);
  assert.equal(client.status.state, 'connecting', 'a fresh one is tried again');
  await browser.pass(2_000);
  await welcomed();
  assert.deepEqual(tokensSent(), ['token-1', 'token-2', 'token-3', 'token-4']);
  assert.equal(client.status.state, 'online');
});

test('each connection that was welcomed may be refused once more', async () => {
  withSite();
  await register();
  for (let i = 0; i < 3; ++i) {
    await welcomed();
    await browser.pass(10_000);
    await refuse(expired);
  }
  await welcomed();
  assert.deepEqual([client.status.state, asked.length], ['online', 4]);
});

test('where the site says that nobody is signed in the server is asked once, and that is the end', async () => {
  withSite(() => null);
  await register();
  assert.deepEqual(tokensSent(), [undefined]);
  await refuse(unauthorized);
  assert.deepEqual([client.status.state, environment.sockets.length, asked.length], ['signedOut', 1, 2]);
});

for (const error of [unauthorized, expired])
  for (const [what, token] of [
    ['a text', 'a.b.c'],
    ['nothing', undefined],
  ])
    test(`with ${what} for a token ${error.code} signs out at once`, async () => {
      nextWindow({}, { token });
      await register();
      await refuse(error);
      await browser.pass(3_600_000);
      assert.deepEqual([client.status.state, environment.sockets.length], ['signedOut', 1]);
    });

test('setToken starts anew: signed out, or on the connection that is there', async () => {
  nextWindow({}, { token: 'old' });
  await register();
  await refuse(expired);
  client.setToken('new');
  await settle();
  await welcomed({ exp: seconds() + 3_600 });
  client.setToken('newer');
  await browser.pass(5_000);
  assert.deepEqual(tokensSent(), ['old', 'new']);
  const [{ token, ref }] = socket().of('refresh');
  assert.equal(token, 'newer');
  socket().say({ type: 'refreshed', exp: seconds() + 3_600, ref });
  socket().end();
  await browser.pass(1_000);
  socket().onopen();
  assert.equal(tokensSent().at(-1), 'newer');
});

test('setToken while the site is asked, or the server, takes the place of what was', async () => {
  withSite(() => new Promise(() => {}));
  client.connect();
  await settle();
  client.setToken('second');
  await settle();
  assert.equal(asked[0].signal.aborted, true);
  const [first] = environment.sockets;
  first.onopen();
  client.setToken('third');
  await settle();
  socket().onopen();
  assert.deepEqual([first.closed, tokensSent()], [true, ['second', 'third']]);
});

test('a token of somebody else than before signs out, and sends nobody’s messages', async () => {
  withSite();
  await register();
  await welcomed({ project: 'shop' });
  await browser.pass(10_000);
  await refuse(expired);
  socket().onopen();
  socket().say({ type: 'system', message: 'the token is of another user', error: 'forbidden' });
  await browser.pass(3_600_000);
  assert.deepEqual([client.status.state, environment.sockets.length], ['signedOut', 2]);
});

for (const [how, give] of [
  ['throws', () => { throw new Error('no network'); }],
  ['rejects', () => Promise.reject(new Error('no network'))],
  ['gives something else', () => 7],
])
  test(`a site’s function that ${how} is asked again, as after a lost connection`, async () => {
    let works = false;
    withSite((count) => (works ? `token-${count}` : give()));
    client.connect();
    await settle();
    assert.equal(client.status.state, 'offline');
    assert.equal(client.status.retryAt, browser.now + 750);
    assert.match(eventsOf('tokenFailed')[0].text, /no network|not a text/);
    await browser.pass(60_000);
    const failures = asked.length;
    assert.ok(failures >= 4 && failures <= 8, `${failures} in a minute`);
    assert.equal(environment.sockets.length, 0);
    works = true;
    while (environment.sockets.length === 0) await browser.pass(1_000);
    await welcomed();
    assert.equal(client.status.state, 'online');
  });

test('a site’s function that never answers is given up after 10 s, and told so', async () => {
  withSite(() => new Promise(() => {}));
  client.connect();
  await browser.pass(9_999);
  assert.equal(client.status.state, 'connecting');
  await browser.pass(1);
  assert.deepEqual([client.status.state, asked[0].signal.aborted], ['offline', true]);
  assert.match(eventsOf('tokenFailed')[0].text, /within 10 s/);
});

test('a server that welcomes and refuses in turn is not asked in a circle', async () => {
  withSite();
  await register();
  for (const end = browser.now + 60_000; browser.now < end; ) {
    await welcomed();
    await refuse(unauthorized);
    const { length } = environment.sockets;
    while (environment.sockets.length === length && browser.now < end && socket().closed) await browser.pass(100);
  }
  assert.ok(environment.sockets.length < 10, `${environment.sockets.length} connections in a minute`);
});

test('a closed client asks no more, and leaves no timer', async () => {
  withSite(() => new Promise(() => {}));
  client.connect();
  await settle();
  client.close();
  assert.equal(asked[0].signal.aborted, true);
  await browser.pass(60_000);
  assert.deepEqual([asked.length, environment.sockets.length], [1, 0]);
  assert.equal(browser.timers, 0);
});

test('what cannot be a token, and who is nobody, are wrong from the start', () => {
  for (const options of [{ token: 7 }, { token: null }, { me: {} }, { me: { id: '7' } }, { guest: true, me: {} }])
    assert.throws(() => nextWindow({}, options), TypeError);
  for (const options of [{ token: 'x', me: {} }, { token: () => '' }, { guest: true, me: { project: 'shop' } }])
    nextWindow({}, options);
});

test('no token is in an address, in what is kept, or in the console', async (context) => {
  const said = ['log', 'info', 'warn', 'error', 'debug'].map((level) => context.mock.method(console, level));
  withSite(() => 'secret');
  client.send('5', 'hi');
  await register();
  await welcomed({ project: 'shop' });
  await refuse(expired);
  await browser.pass(10_000);
  const seen = [environment.sockets.map(({ url }) => url), await browser.store.all(), browser.keptTokens];
  assert.doesNotMatch(JSON.stringify(seen), /secret/);
  for (const { mock } of said) assert.equal(mock.callCount(), 0);
});
