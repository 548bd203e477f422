// Saves pictures of sign-in and chat, on desktop and phone, light, dark, in forced colours: node screenshots.mjs FOLDER
// The server is started from KLATCH_BIN. The pictures are for looking at; nothing is compared.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser } from './browser.mjs';
import { startKlatch } from './klatch_server.mjs';
import { openConversation, say, signIn } from './page_driver.mjs';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node screenshots.mjs FOLDER');
  process.exit(2);
}

const ada = { name: 'Ada Lovelace', id: 'ada', project: 'analytical', color: 'Teal' };
const charles = { name: 'Charles Babbage', id: 'charles', project: 'analytical', color: 'Violet' };
const grace = { name: 'Grace', id: 'grace', project: 'analytical', color: 'Orange' };

/** Who says what, in order. */
const script = [
  [charles, 'Good morning! Did you get as far as the Bernoulli numbers?'],
  [ada, 'Almost. I have written it all down as Note G.'],
  [
    ada,
    'It needs two loops, one inside the other:\n\n  1. the outer one counts n\n  2. the inner one sums the products',
  ],
  [charles, 'Splendid. Is there a fair copy I could read?'],
  [ada, 'Here: https://en.wikipedia.org/wiki/Note_G (the table is on the last page)'],
  [charles, '🎉'],
  [charles, 'Shall we go through it over coffee this afternoon?'],
  [ada, 'Gladly. Four o’clock?'],
];

const schemes = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  forced: { forcedColors: 'active' },
};
const sizes = { 1280: { width: 1280, height: 900 }, 360: { width: 360, height: 740 } };

async function sayTo(page, otherPage, text) {
  await say(page, text);
  await otherPage
    .locator('.bubble', { hasText: text.split('\n')[0] })
    .last()
    .waitFor();
}

async function take(browser, width, scheme) {
  const server = await startKlatch({ args: ['--log-level', 'warn'] });
  const context = await browser.newContext({
    viewport: sizes[width],
    ...schemes[scheme],
    deviceScaleFactor: 1,
    locale: 'en-GB',
  });
  const [mine, theirs, third] = await Promise.all([1, 2, 3].map(() => context.newPage()));
  for (const page of [mine, theirs, third]) await page.goto(`${server.url}?id=&name=`);
  const shoot = (name) => mine.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`) });
  await shoot('sign-in');
  await signIn(mine, ada);
  await shoot('start');
  for (const [page, who] of [
    [theirs, charles],
    [third, grace],
  ]) {
    await signIn(page, who);
    await openConversation(page, ada.id);
  }
  await openConversation(mine, charles.id);
  await shoot('empty-conversation');
  for (const [who, text] of script) await (who === ada ? sayTo(mine, theirs, text) : sayTo(theirs, mine, text));
  await say(third, 'I found a moth in relay 70!');
  await mine.locator('.badge', { hasText: '1' }).waitFor({ state: 'attached' });
  await mine.fill('#message', 'And bring the drawings');
  await shoot('chat');
  if (await mine.locator('#back').isVisible()) {
    await mine.click('#back');
    await shoot('list');
  }
  await openConversation(mine, 'nobody');
  await say(mine, 'Is anyone there?');
  await mine.locator('[data-state=sent]').waitFor();
  await shoot('stored');
  await server.stop();
  await mine.locator('#trouble').waitFor();
  await say(mine, 'Written on the train');
  await mine.getByText('Waiting for the connection').waitFor();
  await shoot('offline');
  await context.close();
}

await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  for (const width of Object.keys(sizes)) for (const scheme of Object.keys(schemes)) await take(browser, width, scheme);
} finally {
  await browser.close();
}
