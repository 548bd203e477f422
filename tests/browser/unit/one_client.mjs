// A client in a window of a fake browser: what the tests of the SDK's client begin with.

import { beforeEach } from 'node:test';
import { KlatchClient } from '../../../web/sdk/client.js';
import { FakeBrowser, settle } from './fakes.mjs';

export const me = { id: '7', project: '2424', name: 'mks', color: '#F00' };
export const welcome = (more = {}) => ({
  type: 'welcome',
  v: 2,
  id: '7',
  epoch: 'e',
  head: 0,
  floor: 1,
  recovered: false,
  ping_s: 25,
  limits: { frame_bytes: 131072, message_bytes: 65536 },
  ...more,
});
export const usermsg = (seq, text = `m${seq}`) => ({
  type: 'usermsg',
  from: '5',
  to: '7',
  name: 'N',
  message: text,
  mid: `${seq}`,
  n: seq,
  seq,
  ts: 9,
});
export const noConversations = { type: 'conversations', conversations: [], more: false };

/** The browser of the test, and its latest window: its environment, its client, and what the client has events. */
export let browser;
export let environment;
export let client;
let events;
beforeEach(() => {
  browser = new FakeBrowser();
  nextWindow();
});

/** Opens one more window of the browser; `changes` are to its environment, `options` to those of its client. */
export function nextWindow(changes, options) {
  ({ environment, client, events } = openWindow(changes, options));
}

function openWindow(changes, options) {
  const environment = browser.window(changes);
  const client = new KlatchClient({ url: 'ws://chat.example/chat', me, environment, ...options });
  const events = [];
  for (const type of [
    'state',
    'signedIn',
    'signedOut',
    'tokenFailed',
    'welcome',
    'message',
    'queued',
    'sent',
    'failed',
    'receipt',
    'notice',
    'error',
    'unkept',
  ])
    client.addEventListener(type, ({ detail }) => events.push({ type, ...detail }));
  return { environment, client, events };
}

export const socket = () => environment.sockets.at(-1);
export const eventsOf = (type) => events.filter((each) => each.type === type);

/** Connects, and is welcomed. */
export async function connect(more) {
  client.connect();
  await welcomed(more);
}

export async function welcomed(more) {
  socket().onopen();
  socket().say(welcome(more));
  await settle();
}

/** The connection breaks, and the next one is there. */
export async function reconnect(more) {
  socket().end();
  await browser.pass(30_000);
  await welcomed(more);
}
