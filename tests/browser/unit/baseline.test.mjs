// The browsers that README names: Firefox 115, Safari 15.4, Chrome 100. What is newer is not used without a fallback.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../../web/', import.meta.url);
const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(js|css|html)$/.test(name));

test('README names the browsers that the page itself names where it cannot start', () => {
  const named = (path) => readFileSync(new URL(path, folder), 'utf8').replace(/ \(ESR\)/, '');
  const browsers = /Firefox 115, Safari 15\.4, Chrome (and|or) Edge 100/;
  for (const path of ['../README.md', 'index.html']) assert.match(named(path), browsers, path);
});

/** What is newer, and the files that do without it where it is missing. */
const newer = [
  [/\bIntl\.(Segmenter|DurationFormat)\b/, ['components/avatar.js']],
  [/\bOffscreenCanvas\b/],
  [/\.requestSubmit\b|\.showPopover\b|\.checkVisibility\b|\bscrollend\b|\bstartViewTransition\b/],
  [/\.(to|is)WellFormed\b/, ['sdk/protocol.js']],
  [/\.to(Sorted|Reversed|Spliced)\b|\.groupBy\b|\bwithResolvers\b|\bPromise\.try\b/],
  [/\.(union|intersection|difference|isSubsetOf)\(/],
  [/\bAbortSignal\.(any|timeout)\b|\bURL\.(canParse|parse)\b|\bArray\.fromAsync\b|\bscheduler\./],
  [/\(\?<[=!]|\/[a-z]*v[a-z]*\.test/],
  [/\bstatic \{|\bawait using\b|^import .* with \{/m],
  [/:has\(|color-mix\(|light-dark\(|@layer|@container|@scope|@property|^\s+&|:popover-open|field-sizing/m],
  [/\b\d+[sl]v[hw]\b|\b\d+lh\b/],
];

for (const [pattern, withFallback = []] of newer)
  test(`nothing uses ${pattern} without a fallback`, () => {
    const users = files.filter((name) => pattern.test(readFileSync(new URL(name, folder), 'utf8')));
    assert.deepEqual(
      users.filter((name) => !withFallback.includes(name)),
      [],
    );
  });

test('every length in dvh follows the same one in vh', () => {
  for (const name of files.filter((each) => each.endsWith('.css'))) {
    const sheet = readFileSync(new URL(name, folder), 'utf8');
    for (const [declaration] of sheet.matchAll(/[a-z-]+:[^:;]*\ddvh[^;]*;/g))
      assert.ok(sheet.split(declaration)[0].trimEnd().endsWith(declaration.replaceAll('dvh', 'vh')), declaration);
  }
});

test('the first character of a name, without a segmenter too', async () => {
  const { Segmenter } = Intl;
  delete Intl.Segmenter;
  const { firstCharacter } = await import('../../../web/components/avatar.js?without');
  Intl.Segmenter = Segmenter;
  const { firstCharacter: segmented } = await import('../../../web/components/avatar.js');
  for (const [name, first] of [
    ['Ann', 'A'],
    ['é́́x', 'é́́'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧'],
    ['👍🏽x', '👍🏽'],
    ['🇵🇱🇩🇪', '🇵🇱'],
    ['한글', '한'],
    ['नि', 'नि'],
    ['❤️x', '❤️'],
    ['', '?'],
  ]) {
    assert.equal(firstCharacter(name), first, name);
    assert.equal(segmented(name), first, name);
  }
});
