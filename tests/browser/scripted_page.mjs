// The page of one user, signed in to a scripted server: what the tests of the page begin with.

import { after, afterEach, before } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { openWindow, signIn } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { scriptedServer } from './scripted_server.mjs';

export const me = { id: '7', project: '2424', name: 'mks' };

/** What is there during a test, and is put away after it: `chat` is the server's side, made by `start` where unset. */
export const now = {};

let browser;
before(async () => void (browser = await launchBrowser()));
after(() => browser.close());
afterEach(async () => {
  await now.window?.close();
  await now.server?.stop();
  now.window = now.server = now.chat = undefined;
});

/** Starts the server, on a port of its own and with the answers of `now.chat` unless `options` say otherwise. */
export async function serve(options = {}) {
  now.server = await scriptedServer({ onClient: (...said) => now.chat.handle(...said), ...options });
}

/** Opens the page, not signed in. */
export async function open(options = {}, query = '') {
  now.window = await openWindow(browser, now.server.url + query, options);
  return now.window.page;
}

/** A signed-in page; the server does `onUser(client, frame)` for every message, and goes on where that is not true. */
export async function start(onUser, options) {
  now.chat ??= new ScriptedChat(me, { onUser });
  await serve();
  const page = await open(options);
  await signIn(page, me);
  return { page, client: [...now.server.clients][0] };
}

/** The frames of a type that the page has sent to the server that runs. */
export function received(type) {
  return now.server.received.filter((frame) => frame.type === type);
}

/** Waits until the page shows a text. */
export function shows(page, text) {
  return page.getByText(text).first().waitFor();
}

/** Waits until the message with this text has come to a state. */
export function state(page, text, wanted) {
  return page.locator(`.message[data-state=${wanted}]`, { hasText: text }).waitFor();
}

/** Waits until `check` no longer fails. */
export async function eventually(check) {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
