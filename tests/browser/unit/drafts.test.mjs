import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounded, mostDrafts, mostUnits } from '../../../web/components/drafts.js';

test('the latest drafts are kept, within the bounds', () => {
  const many = Array.from({ length: mostDrafts + 5 }, (_, i) => [`u${i}`, 'text']);
  assert.deepEqual(
    bounded([...many]).map(([id]) => id),
    many.slice(5).map(([id]) => id),
  );
  const huge = ['huge', 'x'.repeat(mostUnits + 1)];
  assert.deepEqual(bounded([['a', 'b'], huge, ['c', 'd']]), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(bounded([]), []);
});
