// What a person does on the page, and what they see, in words that tests read well with.

import assert from 'node:assert/strict';
import axe from 'axe-core';

/**
 * A window of its own: nothing shared with others. `problems` collects console errors, uncaught errors and dialogs;
 * `another()` opens a second tab of the same browser profile, whose problems are the window's; it is signed in
 * where the first one is, unless its query asks for another id.
 */
export async function openWindow(browser, url, { init, ...options } = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  if (init) await context.addInitScript(init);
  const problems = [];
  const frames = [];
  const another = async (query = '') => {
    const page = await context.newPage();
    watch(page, problems, frames);
    await page.goto(url + query);
    return page;
  };
  return { page: await another(), problems, frames, another, close: () => context.close() };
}

function watch(page, problems, frames) {
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(parsed(payload))));
}

/** Whether a problem is one: Chromium itself reports what it wanted of a server that had gone. */
export function unexpected(problem) {
  return !/^(WebSocket connection to .* failed: |Failed to load resource: net::ERR_CONNECTION_)/.test(problem);
}

function parsed(payload) {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

export async function signIn(page, me) {
  await page.fill('#sign-in-name', me.name ?? '');
  await page.fill('#sign-in-id', me.id);
  await page.fill('#sign-in-project', me.project);
  if (me.color) await page.getByRole('radio', { name: me.color }).check({ force: true });
  await page.click('#sign-in-form button[type=submit]');
  await beOnline(page);
}

/** Waits until the page says that it is online; `timeout` in milliseconds. */
export async function beOnline(page, timeout = 15_000) {
  await page.locator('[data-connection=online]').waitFor({ timeout });
}

export async function openConversation(page, partner) {
  if (await page.locator('#back').isVisible()) await page.click('#back');
  await page.fill('#write-to', partner);
  await page.press('#write-to', 'Enter');
  await page.locator('#conversation').waitFor();
}

export async function say(page, text) {
  await page.fill('#message', text);
  // On a touch keyboard Enter begins a line.
  if ((await page.getAttribute('#message', 'enterkeyhint')) === 'enter') await page.click('#send');
  else await page.press('#message', 'Enter');
}

/** Waits until the open conversation shows `count` messages of the kind, and returns their texts in order. */
export async function texts(page, count, kind = '.message') {
  await page
    .locator(`${kind} .bubble`)
    .nth(count - 1)
    .waitFor();
  return page.locator(`${kind} .bubble`).allTextContents();
}

export const mine = '.message.mine';
export const theirs = '.message:not(.mine)';

/** Fails where axe finds anything against WCAG 2.2 A and AA or its best practices. */
export async function assertAccessible(page, where) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`,
  );
  assert.deepEqual(found, [], `axe on ${where}`);
}

/** Fails where the page can be scrolled sideways. */
export async function assertNoSidewaysScroll(page, where) {
  const wide = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('*')]
      .filter((element) => element.scrollWidth > element.clientWidth && element.clientWidth > 1)
      .filter(
        (element) => element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX),
      )
      .map((element) => element.id || element.tagName),
  );
  assert.deepEqual(wide, [], `scrolls sideways on ${where}`);
}
