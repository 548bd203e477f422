import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounded, most_drafts, most_units } from '../../../web/drafts.js';

test('the latest drafts are kept, within the bounds', () => {
  const many = Array.from({ length: most_drafts + 5 }, (_, i) => [`u${i}`, 'text']);
  assert.deepEqual(
    bounded([...many]).map(([partner]) => partner),
    many.slice(5).map(([partner]) => partner),
  );
  const huge = ['huge', 'x'.repeat(most_units + 1)];
  assert.deepEqual(bounded([['a', 'b'], huge, ['c', 'd']]), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(bounded([]), []);
});
