// What is selected, online, delivered and read is seen in every scheme, forced colours included, by more than a tint.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast } from '../../web/text/colors.js';
import { assertAccessible, openConversation, say, texts } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { me, now, start, state } from './scripted_page.mjs';

/** What WCAG 2.2 1.4.11 asks for of what is no text. */
const least = 3;

/** The computed colour of `property`, as it is seen: [red, green, blue], or nothing where it is transparent. */
async function color(page, selector, property, pseudo = null) {
  const text = await page
    .locator(selector)
    .first()
    .evaluate((element, [name, of]) => getComputedStyle(element, of)[name], [property, pseudo]);
  const [r, g, b, alpha = 1] = text.match(/[\d.]+/g).map(Number);
  return alpha === 0 ? undefined : [r, g, b];
}

const schemes = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'forced, light': { forcedColors: 'active', colorScheme: 'light' },
  'forced, dark': { forcedColors: 'active', colorScheme: 'dark' },
};

for (const [name, options] of Object.entries(schemes))
  test(`the selected row, online, delivered and read are told apart: ${name}`, async () => {
    now.chat = new ScriptedChat(me);
    now.chat.arrive('6', 'other');
    now.chat.arrive('5', 'hello');
    const { page } = await start(undefined, options);
    await openConversation(page, '5');
    await say(page, 'first');
    await say(page, 'second');
    await state(page, 'second', 'sent');
    await texts(page, 3);
    now.chat.say({ type: 'receipt', kind: 'delivered', with: '5', n: 3, by: '5' });
    now.chat.say({ type: 'receipt', kind: 'read', with: '5', n: 2, by: '5' });
    await state(page, 'first', 'read');
    await state(page, 'second', 'delivered');

    const selected = '.row-button[aria-current=true]';
    const bar = await color(page, selected, 'backgroundColor', '::before');
    const ground = await color(page, '.sidebar', 'backgroundColor');
    const tint = await color(page, selected, 'backgroundColor');
    assert.ok(contrast(bar, tint) >= least, `bar ${bar} on ${tint}`);
    assert.ok(Math.max(contrast(bar, ground), contrast(tint, ground)) >= least, `selected on ${ground}`);
    // Where colours are forced there is room for the system's own pair, and no need of the bar's shape alone.
    if (options.forcedColors) assert.ok(contrast(tint, ground) >= least, `selected ${tint} on ${ground}`);
    const width = await page
      .locator(selected)
      .evaluate((element) => parseFloat(getComputedStyle(element, '::before').inlineSize));
    assert.ok(width >= 3);
    const other = page.locator('.row-button:not([aria-current])');
    assert.equal(await other.evaluate((element) => getComputedStyle(element, '::before').content), 'none');

    const log = (await color(page, '.log', 'backgroundColor')) ?? (await color(page, 'html', 'backgroundColor'));
    const read = await color(page, '[data-state=read] .tick', 'backgroundColor');
    assert.ok(contrast(read, log) >= least, `read ${read} on ${log}`);
    assert.ok(contrast(await color(page, '[data-state=read] .tick', 'color'), read) >= least);
    const delivered = await color(page, '[data-state=delivered] .tick', 'backgroundColor');
    assert.ok(!delivered || contrast(delivered, log) < 1.1);

    const pill = await color(page, '.pill', 'backgroundColor');
    assert.ok(contrast(await color(page, '.dot', 'backgroundColor'), pill) >= least);
    await assertAccessible(page, `a conversation, ${name}`);
    await now.server.stop();
    await page.locator('[data-connection=offline]').waitFor();
    const hollow = await color(page, '.dot', 'backgroundColor');
    const pillOffline = await color(page, '.pill', 'backgroundColor');
    assert.ok(!hollow || contrast(hollow, pillOffline) < 1.1, 'a ring');
    assert.ok(contrast(await color(page, '.dot', 'borderTopColor'), pillOffline) >= least);
  });
