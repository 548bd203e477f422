import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { colorOfId, contrast, palette, readable, rgbOfHex } from '../../../web/text/colors.js';

const css = readFileSync(new URL('../../../web/style/style.css', import.meta.url), 'utf8');
/** A token's value in the light scheme (0) or the dark one (1). */
const token = (name, scheme) => rgbOfHex([...css.matchAll(new RegExp(`--${name}: (#[0-9a-f]{6});`, 'g'))][scheme][1]);

test('every colour is made readable on every ground that names stand on, in both schemes', () => {
  const channels = [0, 64, 128, 192, 255];
  for (const r of channels)
    for (const g of channels)
      for (const b of channels)
        ['light', 'dark'].forEach((scheme, at) => {
          for (const ground of ['ground', 'surface', 'raised'])
            assert.ok(
              contrast(readable([r, g, b], scheme), token(ground, at)) >= 4.5,
              `${r} ${g} ${b} on the ${scheme} ${ground}`,
            );
        });
});

test('a colour that is readable already stays as it is', () => {
  assert.deepEqual(readable([0, 0, 128], 'light'), [0, 0, 128]);
  assert.deepEqual(readable([200, 230, 200], 'dark'), [200, 230, 200]);
});

test('the contrast of two colours is that of WCAG', () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.ok(Math.abs(contrast([119, 119, 119], [255, 255, 255]) - 4.478) < 0.01);
});

test('texts have a contrast of 4.5 on their grounds, controls of 3', () => {
  const texts = [
    ['text', 'ground'],
    ['text', 'surface'],
    ['text', 'raised'],
    ['quiet', 'ground'],
    ['quiet', 'surface'],
    ['quiet', 'raised'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
    ['on-mine', 'mine'],
    ['link', 'surface'],
    ['link', 'ground'],
    ['danger', 'ground'],
    ['danger', 'surface'],
    ['text', 'danger-ground'],
    ['on-warn', 'warn-ground'],
    ['accent', 'surface'],
  ];
  const controls = [
    ['control-line', 'surface'],
    ['control-line', 'ground'],
    ['accent', 'ground'],
    ['good', 'ground'],
  ];
  for (const scheme of [0, 1]) {
    for (const [on, ground] of texts)
      assert.ok(contrast(token(on, scheme), token(ground, scheme)) >= 4.5, `${on} on ${ground}, ${scheme}`);
    for (const [on, ground] of controls)
      assert.ok(contrast(token(on, scheme), token(ground, scheme)) >= 3, `${on} on ${ground}, ${scheme}`);
  }
});

test('an id always has the same colour, one of the palette', () => {
  assert.equal(colorOfId('7'), colorOfId('7'));
  const used = new Set(Array.from({ length: 200 }, (_, i) => colorOfId(String(i))));
  assert.deepEqual([...used].sort(), palette.map(({ value }) => value).sort());
});
