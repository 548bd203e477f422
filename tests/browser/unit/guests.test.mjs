// Visitors without a token of the site: the server gives them one, and the browser keeps it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './fakes.mjs';
import { browser, client, environment, eventsOf, nextWindow, socket, welcomed } from './one_client.mjs';

const visitor = { project: 'shop', name: 'Visitor' };
const asGuest = (more) => ({ id: 'g-1', project: 'shop', role: 'guest', token: 'guest-1', ...more });
const unauthorized = { type: 'error', code: 'unauthorized', message: 'no', guests: true };

/** A window of a visitor, connected as far as the registration. */
async function visit(options) {
  nextWindow({}, { me: visitor, guest: true, ...options });
  client.connect();
  await settle();
  socket().onopen();
}

/** The visitor is here, and then the window is closed. */
async function visitBefore() {
  await visit();
  await welcomed(asGuest());
  client.close();
}

const registration = () => socket().of('system').at(-1);

test('a visitor says so, and is who the server says', async () => {
  await visit();
  assert.deepEqual(registration(), {
    type: 'system',
    v: 2,
    guest: true,
    projectId: 'shop',
    name: 'Visitor',
    ref: 'r0',
  });
  await welcomed(asGuest());
  assert.deepEqual(client.me, { id: 'g-1', project: 'shop', name: 'Visitor', role: 'guest' });
});

test('after a reload it is the same visitor, by the token that the browser keeps', async () => {
  await visitBefore();
  await visit();
  const { guest, token, id } = registration();
  assert.deepEqual({ guest, token, id }, { guest: undefined, token: 'guest-1', id: undefined });
});

test('a visitor of another project, or of another service, is another one', async () => {
  await visitBefore();
  for (const options of [{ me: { project: 'other' } }, { url: 'ws://chat.example/elsewhere/chat' }]) {
    await visit(options);
    assert.equal(registration().token, undefined);
  }
});

test('each use makes the visitor’s life longer: the next token comes with the answer to a refresh', async () => {
  await visitBefore();
  await visit();
  await welcomed(asGuest({ token: undefined }));
  await browser.pass(10_000);
  const [{ token, ref }] = socket().of('refresh');
  assert.equal(token, 'guest-1');
  socket().say({ type: 'refreshed', exp: 0, token: 'guest-2', ref });
  assert.deepEqual(browser.keptTokens, ['guest-2']);
});

test('a visitor whose token has run out comes as a new one', async () => {
  await visitBefore();
  await visit();
  socket().say(unauthorized);
  await settle();
  socket().onopen();
  assert.deepEqual([registration().guest, registration().token], [true, undefined]);
  await welcomed(asGuest({ id: 'g-2', token: 'guest-2' }));
  assert.deepEqual([client.me.id, browser.keptTokens], ['g-2', ['guest-2']]);
});

test('where a new visitor is refused too that is the end, and nothing is kept', async () => {
  await visitBefore();
  await visit();
  for (let i = 0; i < 2; ++i) {
    socket().say(unauthorized);
    await settle();
    socket().onopen?.();
  }
  await browser.pass(3_600_000);
  assert.deepEqual([client.status.state, environment.sockets.length], ['signedOut', 2]);
  assert.deepEqual([eventsOf('signedOut').length, browser.keptTokens], [1, []]);
});

test('a visitor who was welcomed does not become another one in the same window', async () => {
  await visit();
  await welcomed(asGuest());
  await browser.pass(10_000);
  socket().say(unauthorized);
  await browser.pass(60_000);
  assert.deepEqual([client.status.state, environment.sockets.length], ['signedOut', 1]);
  client.connect();
  await settle();
  socket().onopen();
  assert.equal(registration().guest, undefined);
});

test('whoever is signed in at the site is no guest, and whoever is not is one', async () => {
  await visitBefore();
  await visit({ token: () => 'a.b.c' });
  assert.equal(registration().token, 'a.b.c');
  await welcomed({ project: 'shop', token: undefined });
  assert.deepEqual(browser.keptTokens, ['guest-1']);
  await visit({ token: () => '' });
  assert.equal(registration().token, 'guest-1');
});

test('signing out forgets the visitor, closing does not', async () => {
  await visitBefore();
  assert.deepEqual(browser.keptTokens, ['guest-1']);
  await visit();
  await welcomed(asGuest());
  client.signOut();
  assert.deepEqual(browser.keptTokens, []);
});

test('a visitor who is one too many waits as long as the server says', async () => {
  await visit();
  socket().say({ type: 'error', code: 'rate_limited', message: 'too many', temporary: true, retry_ms: 12_000 });
  assert.equal(client.status.state, 'offline');
  assert.match(client.status.why, /too many/);
  environment.wake?.();
  await browser.pass(11_999);
  assert.equal(environment.sockets.length, 1);
  await browser.pass(5_000);
  assert.equal(environment.sockets.length, 2);
});
