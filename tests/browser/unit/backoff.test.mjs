import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconnect_delay } from '../../../web/sdk/backoff.js';
import { describe_close } from '../../../web/sdk/close_codes.js';

const least = (attempt) => reconnect_delay(attempt, 0);
const most = (attempt) => reconnect_delay(attempt, 0.999999);

test('the ceiling doubles from one second to thirty', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 50, 5_000].map(most),
    [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000],
  );
});

test('the delay is spread over the upper half of the ceiling', () => {
  for (const attempt of [0, 1, 4, 9, 100]) {
    assert.equal(least(attempt), most(attempt) / 2);
    assert.equal(reconnect_delay(attempt, 0.5), (most(attempt) * 3) / 4);
  }
});

test('refusals and protocol errors end it, losses and restarts do not', () => {
  for (const code of [1000, 1002, 1003, 1007, 1009, 4401, 4403, 4400, 4499])
    assert.equal(describe_close(code).reconnect, false, String(code));
  for (const code of [1001, 1005, 1006, 1011, 1012, 4408, 4429, 4500])
    assert.equal(describe_close(code).reconnect, true, String(code));
});

test('who was too slow or too fast waits longer', () => {
  for (const code of [4408, 4429]) assert.equal(describe_close(code).slow_down, true);
  for (const code of [1001, 1006, 1012]) assert.equal(describe_close(code).slow_down, false);
});

test('every close has words', () => {
  for (let code = 1000; code < 5000; ++code) assert.match(describe_close(code).text, /^[A-Z].*\.$/, String(code));
});
