// The page where files cannot be had, as when too many browsers come from one address: a sentence, and never nothing.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { assertAccessible } from './page_driver.mjs';
import { eventually, now, open, serve, shows } from './scripted_page.mjs';
import { webFolder } from './scripted_server.mjs';

const files = readdirSync(webFolder, { recursive: true }).filter((name) => /\.(js|css)$/.test(name));
const failed = /Klatch could not start/;
const waiting = /This page has not started yet/;

/** Serves the page without what is in `missing`, which the test may change. */
async function without(...names) {
  const missing = new Set(names.map((name) => `/${name}`));
  await serve({ onClient: () => {}, instead: (path) => (missing.has(path) ? { status: 429 } : undefined) });
  return missing;
}

const visibleText = (page) => page.evaluate(() => document.body.innerText.trim());

test('whichever file is refused, the page starts or says that it could not', async () => {
  const missing = await without();
  const page = await open();
  await page.locator('#sign-in').waitFor();
  const outcomes = { starts: [], says: [] };
  for (const name of files) {
    missing.clear();
    missing.add(`/${name}`);
    await page.evaluate(() => sessionStorage.clear());
    await page.goto(now.server.url);
    await page.locator('#sign-in:visible, #starting.failed:visible').waitFor();
    outcomes[(await page.locator('#sign-in').isVisible()) ? 'starts' : 'says'].push(name);
    assert.match(await visibleText(page), /Start chatting|Klatch could not start/, name);
  }
  const styleOrStart = (name) => name.endsWith('.css') || name === 'start.js';
  assert.deepEqual(outcomes.starts.filter((name) => name.endsWith('.js')), ['start.js']);
  assert.deepEqual(outcomes.says.filter(styleOrStart), []);
  assert.ok(outcomes.says.length > 30);
});

test('a module that is refused for a moment is had a little later, without a click', async () => {
  const missing = await without('sdk/client.js');
  // As late as may be: the page is seen in between.
  const page = await open({ init: () => (Math.random = () => 0.99) });
  await shows(page, failed);
  missing.clear();
  await page.locator('#sign-in').waitFor();
  assert.equal(await page.locator('#starting').count(), 0);
  assert.equal(await page.evaluate(() => sessionStorage.getItem('klatch.starts')), null);
});

test('the page that was refused a module three times waits to be asked', async () => {
  const missing = await without('components/dom.js');
  const page = await open({ init: () => (Math.random = () => 0) }, '#/with/5');
  await page.waitForFunction(() => sessionStorage.getItem('klatch.starts') === '3');
  await page.locator('#starting.failed', { hasNotText: 'Trying again' }).waitFor();
  missing.clear();
  await page.waitForTimeout(1_500);
  await shows(page, failed);
  await assertAccessible(page, 'a page that could not start'); // It stays: nothing reloads it meanwhile.
  await page.click('text=Try again');
  await page.locator('#sign-in').waitFor();
  assert.equal(new URL(page.url()).hash, '#/with/5', 'the conversation that the address names stays');
});

test('if start.js is refused too, a sentence says after a while that the page has not started', async () => {
  await without('components/dom.js', 'start.js');
  const page = await open();
  await page.getByText(waiting).waitFor({ state: 'attached' });
  assert.equal(await visibleText(page), '');
  await shows(page, waiting);
});

test('if nothing but the document can be had, a sentence says so at once', async () => {
  const missing = await without(...files);
  const page = await open();
  assert.match(await visibleText(page), waiting);
  missing.clear();
  await page.click('text=Try again');
  await page.locator('#sign-in').waitFor();
});

for (const [what, answer] of [
  ['does not come', undefined],
  ['is not understood', { contentType: 'text/javascript', body: 'let new = syntax;' }],
])
  test(`a file that ${what} leaves a sentence, too`, async () => {
    await without();
    const page = await open();
    await page.locator('#sign-in').waitFor();
    await page.route('**/sdk/client.js', (route) => (answer ? route.fulfill(answer) : route.abort()));
    await page.reload();
    await shows(page, failed);
    await page.unroute('**/sdk/client.js');
    await page.locator('#sign-in').waitFor();
  });

test('a page that fails as it starts says so', async () => {
  await without();
  const page = await open({ init: () => delete window.matchMedia });
  await shows(page, failed);
});

test('a style sheet that is refused for a moment is had a little later', async () => {
  const missing = await without('style/style.css');
  const page = await open({ init: () => (Math.random = () => 0) });
  await page.locator('#sign-in').waitFor();
  const rules = () =>
    page.locator('link[rel=stylesheet]').evaluateAll((all) => all.map(({ sheet }) => sheet?.cssRules.length ?? 0));
  assert.equal((await rules())[0], 0);
  // The first time again is in vain, too.
  await page.waitForResponse((response) => response.url().endsWith('/style/style.css') && response.status() === 429);
  missing.clear();
  await eventually(async () => assert.ok((await rules()).every((count) => count > 0)));
  assert.deepEqual(
    await page.locator('link[rel=stylesheet]').evaluateAll((all) => all.map((link) => link.getAttribute('href'))),
    ['style/style.css', 'style/chat.css', 'style/phone.css', 'style/forced.css'],
    'in their order, which says which rule counts',
  );
});

test('the page says what it needs if JavaScript is off', async () => {
  await without();
  const page = await open({ javaScriptEnabled: false });
  await page.locator('.no-script', { hasText: 'it needs JavaScript' }).waitFor();
  assert.equal(await page.locator('#starting').isVisible(), false);
});
