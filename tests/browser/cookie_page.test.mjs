// The page of 2015, untouched, of a site that signs its users in by a cookie alone: Chromium and the real server.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from './browser.mjs';
import { binary, startKlatch } from './klatch_server.mjs';
import { openWindow } from './page_driver.mjs';
import { serveFolder } from './scripted_server.mjs';

const project = '2424';

let browser;
let folder;
let server;
const sites = [];

/** The page of 2015 at an origin of its own. */
async function startSite() {
  const jquery = fileURLToPath(new URL('node_modules/jquery/dist/jquery.min.js', import.meta.url));
  const page = fileURLToPath(new URL('original/', import.meta.url));
  const site = await serveFolder(page, { aliases: { '/jquery.min.js': jquery } });
  sites.push(site);
  return `http://127.0.0.1:${site.address().port}`;
}

let shop;
let elsewhere;
before(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), 'klatch-cookie-'));
  execFileSync(binary, ['key', 'new', 'token', 'site', '--keys', join(folder, 'keys'), '--project', project]);
  [shop, elsewhere] = [await startSite(), await startSite()];
  server = await startKlatch({ args: ['--keys', join(folder, 'keys'), '--allow-origin', shop] });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  for (const site of sites) {
    site.closeAllConnections();
    site.close();
  }
  await rm(folder, { recursive: true });
});

/** As the shop has it after somebody has signed in there: no script reads this cookie. */
function cookieOf(id) {
  const claims = ['--sub', id, '--name', `Signed ${id}`];
  const token = execFileSync(binary, ['token', '--keys', join(folder, 'keys'), ...claims], { encoding: 'utf8' });
  return { name: 'klatch_token', value: token.trim(), url: shop, httpOnly: true, sameSite: 'Lax' };
}

/** The page of `origin` in a window of its own, which says that it is `id`. */
async function openPage(origin, { id, to, cookie }) {
  const window = await openWindow(browser, 'about:blank');
  if (cookie) await window.page.context().addCookies([cookie]);
  const address = `127.0.0.1:${server.port}`;
  const query = new URLSearchParams({ server: address, id, to_id: to, projectId: project, name: 'mks' });
  await window.page.goto(`${origin}/?${query}`);
  return { ...window, says: (text) => window.page.locator('#message_box', { hasText: text }).waitFor() };
}

test('two who are signed in by cookies chat on the untouched page, under the names that their tokens say', async () => {
  const seven = await openPage(shop, { id: '7', to: '5', cookie: cookieOf('7') });
  const five = await openPage(shop, { id: '5', to: '7', cookie: cookieOf('5') });
  for (const each of [seven, five]) await each.says('Initial message received');
  assert.equal(await seven.page.evaluate(() => document.cookie), '');
  await seven.page.fill('#message', 'hello from a cookie');
  await seven.page.click('#send-btn');
  await five.says('Signed 7 : hello from a cookie');
  for (const each of [seven, five]) {
    assert.deepEqual(each.problems, [], 'nothing on the console');
    await each.close();
  }
});

const refused = {
  'without a cookie': () => openPage(shop, { id: '7', to: '5' }),
  'with the cookie of somebody else': () => openPage(shop, { id: '7', to: '5', cookie: cookieOf('5') }),
  'on a page of another site, which the browser sends the same cookie for': () =>
    openPage(elsewhere, { id: '7', to: '5', cookie: cookieOf('7') }),
};
for (const [how, open] of Object.entries(refused))
  test(`${how} nobody is let in as 7`, async () => {
    const page = await open();
    await page.says('Connection Closed');
    assert.doesNotMatch(await page.page.locator('#message_box').innerText(), /Initial message received/);
    await page.close();
  });
