// The list that all rows of the page stand in: which rows are made, drawn, moved and left alone.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { serveFolder, webFolder } from './scripted_server.mjs';

let browser;
let server;
let page;
before(async () => {
  browser = await launchBrowser();
  const body = '<!doctype html><ul id="list"><li>the end</li></ul>';
  const instead = (path) => (path === '/list' ? { status: 200, body } : undefined);
  server = await serveFolder(webFolder, { instead });
});
after(async () => {
  await browser.close();
  server.close();
});
beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/list`);
  await page.evaluate(async () => {
    const { KeyedList } = await import('/components/keyed_list.js');
    const container = document.getElementById('list');
    const counts = { made: [], drawn: [] };
    const make = ({ key }) => {
      counts.made.push(key);
      const element = document.createElement('li');
      element.tabIndex = 0;
      element.id = `row-${key}`;
      return { element };
    };
    const update = ({ element }, { key, text }, previous) => {
      if (text === 'bad') throw new Error('cannot be drawn');
      counts.drawn.push(key);
      element.textContent = `${key}${text ?? ''}<${previous?.key ?? ''}`;
    };
    const list = new KeyedList(container, make, update);
    const observer = new MutationObserver(() => {});
    observer.observe(container, { childList: true });
    /** Shows items, given by their keys or whole, and returns what that took. */
    window.show = (items, changed) => {
      const whole = (item) => (typeof item === 'object' ? item : { key: item });
      const all = items.map(whole);
      counts.made = [];
      counts.drawn = [];
      list.show(all, changed && all.filter(({ key }) => changed.includes(key)));
      const records = observer.takeRecords();
      const moved = records.filter(({ addedNodes }) => addedNodes.length > 0).length - counts.made.length;
      return { ...counts, moved, rows: Array.from(container.children, ({ textContent }) => textContent) };
    };
  });
});
afterEach(() => page.close());

const show = (...given) => page.evaluate((all) => window.show(...all), given);
const keysOf = ({ rows }) => rows.slice(0, -1).map((row) => row.replace(/<.*/, ''));

test('rows stand in the order of their items, before what stood there, and each knows the one before it', async () => {
  const { rows, made, drawn } = await show(['a', 'b', 'c']);
  assert.deepEqual(rows, ['a<', 'b<a', 'c<b', 'the end']);
  assert.deepEqual([made, drawn], [['a', 'b', 'c'], ['a', 'b', 'c']]);
});

test('of two thousand rows none but the new one is made, drawn or moved', async () => {
  const items = Array.from({ length: 2_000 }, (_, i) => `k${i}`);
  await show(items);
  const appended = await show([...items, 'new'], []);
  assert.deepEqual([appended.made, appended.drawn, appended.moved], [['new'], ['new'], 0]);
  const prepended = await show(['old', ...items, 'new'], []);
  assert.deepEqual([prepended.made, prepended.drawn, prepended.moved], [['old'], ['old', 'k0'], 0]);
  const without = await show(['old', ...items.slice(1), 'new'], []);
  assert.deepEqual([without.made, without.drawn, without.moved], [[], ['k1'], 0]);
  assert.equal(without.rows.length, 2_002);
});

test('a keyed list draws the rows that have changed: all, unless it is told which', async () => {
  await show(['a', 'b', 'c']);
  assert.deepEqual((await show(['a', 'b', 'c'])).drawn, ['a', 'b', 'c']);
  const { drawn, rows } = await show(['a', { key: 'b', text: '!' }, 'c'], ['b']);
  assert.deepEqual([drawn, rows[1]], [['b'], 'b!<a']);
});

test('a row that goes up or down is the only one that is moved', async () => {
  const items = [...'abcdefgh'];
  for (const [from, to] of [[5, 0], [0, 5], [7, 3], [2, 7]]) {
    await show(items);
    const other = [...items];
    other.splice(to, 0, ...other.splice(from, 1));
    const { moved, ...shown } = await show(other, []);
    assert.deepEqual(keysOf(shown), other);
    assert.equal(moved, 1, `from ${from} to ${to}`);
  }
});

test('whatever comes, goes and changes places, the rows are those of the items', async () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 300; ++round) {
    const wanted = [];
    for (let n = random(9); n > 0; --n) wanted.push(String(random(12)));
    const items = [...new Set(wanted)];
    const { rows } = await show(items, []);
    assert.deepEqual(rows, [...items.map((key, at) => `${key}<${items[at - 1] ?? ''}`), 'the end']);
  }
});

test('the focus stays in a row that is moved, and is not put into another', async () => {
  await show(['a', 'b', 'c', 'd']);
  const focused = () => page.evaluate(() => document.activeElement.id);
  await page.focus('#row-d');
  await show(['d', 'a', 'b', 'c']);
  assert.equal(await focused(), 'row-d');
  await show(['a', 'b', 'c']);
  assert.equal(await focused(), '');
});

test('a row that cannot be drawn keeps no other from being drawn', async () => {
  const { rows } = await show(['a', { key: 'b', text: 'bad' }, 'c']);
  assert.deepEqual(rows, ['a<', '', 'c<b', 'the end']);
});
