// Which folder of the page may use which: the SDK stands alone, and has one door.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';

const folder = new URL('../../../web/', import.meta.url);
const modules = readdirSync(folder, { recursive: true })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.js'));
const textOf = (name) => readFileSync(new URL(name, folder), 'utf8');
const importsOf = (name) =>
  Array.from(textOf(name).matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|\bimport\(\s*'([^']+)'/gms), ([, a, b]) =>
    posix.join(posix.dirname(name), a ?? b),
  );
const wingOf = (name) => (name.includes('/') ? name.slice(0, name.indexOf('/')) : 'entry');

/** What the modules of each wing may import, besides those of their own. */
const allowed = {
  entry: /^(components|text)\/|^sdk\/index\.js$/,
  components: /^text\/|^sdk\/index\.js$/,
  sdk: /^$/,
  text: /^$/,
};

test('the wings of the page use each other in one direction, and the SDK by its one entry', () => {
  let seen = 0;
  for (const name of modules)
    for (const used of importsOf(name)) {
      ++seen;
      const wing = wingOf(name);
      assert.ok(wingOf(used) === wing || allowed[wing].test(used), `${name} uses ${used}`);
      assert.ok(modules.includes(used), `${name} uses ${used}, which is not there`);
    }
  assert.ok(seen > 50);
});

test('the model knows no page', () => {
  for (const name of modules.filter((each) => each.startsWith('sdk/model/')))
    assert.doesNotMatch(textOf(name), /\b(document|window|navigator|HTMLElement|localStorage)\./, name);
});

test('views draw into the root that they are handed: none looks for its parts in the document', () => {
  for (const name of modules.filter((each) => wingOf(each) !== 'entry'))
    assert.doesNotMatch(textOf(name), /\bdocument\.(getElement|querySelector|activeElement|body)/, name);
});

test('rows are put in, moved and taken out by the keyed list alone', () => {
  const users = modules.filter((name) => /\.(insertBefore|before|after)\(/.test(textOf(name)));
  assert.deepEqual(users, ['components/keyed_list.js']);
});
