import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconnectDelay, restartDelay } from '../../../web/sdk/backoff.js';
import { describeClose } from '../../../web/sdk/close_codes.js';

const least = (attempt) => reconnectDelay(attempt, 0);
const most = (attempt) => reconnectDelay(attempt, 0.999999);

test('the ceiling of the backoff doubles from one second to thirty', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 50, 5_000].map(most),
    [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000],
  );
});

test('the delay of the backoff is spread over the upper half of its ceiling', () => {
  for (const attempt of [0, 1, 4, 9, 100]) {
    assert.equal(least(attempt), most(attempt) / 2);
    assert.equal(reconnectDelay(attempt, 0.5), (most(attempt) * 3) / 4);
  }
});

test('the clients of a server that restarts, and says no more, come back over one to five seconds', () => {
  assert.deepEqual([0, 0.5, 0.999999].map(restartDelay), [1_000, 3_000, 5_000]);
  for (const code of [1001, 1006, 4508]) assert.equal(describeClose(code).restarts, false);
  assert.equal(describeClose(1012).restarts, true);
});

test('only 4400 to 4499, which are Klatch’s own, are refusals, but for two codes of older servers', () => {
  for (const code of [4401, 4403, 4409, 4400, 4499]) assert.equal(describeClose(code).refusal, true, String(code));
  for (const code of [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1015, 3000, 4000, 4399, 4408])
    assert.equal(describeClose(code).refusal, false, String(code));
  for (const code of [4429, 4500, 4508, 4529, 4599]) assert.equal(describeClose(code).refusal, false, String(code));
});

test('a connection that was too slow, too fast or not understood comes back later than others', () => {
  for (const code of [1002, 1003, 1007, 1008, 1009, 1013, 4408, 4429, 4508, 4529])
    assert.equal(describeClose(code).slowDown, true);
  for (const code of [1000, 1001, 1006, 1012]) assert.equal(describeClose(code).slowDown, false);
});

test('the SDK has words for every close code', () => {
  for (let code = 1000; code < 5000; ++code) assert.match(describeClose(code).text, /^[A-Z].*\.$/, String(code));
});
