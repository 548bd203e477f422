import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserEnvironment } from '../../../web/sdk/environment.js';

test('durations are measured by a clock that does not jump, times of day by the device’s', (context) => {
  const { now, date } = browserEnvironment();
  const [before, at] = [now(), date()];
  assert.ok(Math.abs(at - Date.now()) < 1_000);
  context.mock.method(Date, 'now', () => at - 3_600_000);
  assert.ok(now() >= before && now() - before < 1_000);
  assert.equal(date(), at - 3_600_000);
});

for (const [asked, set] of [
  [0, 0],
  [30_000, 30_000],
  [2 ** 31 - 1, 2 ** 31 - 1],
  [2 ** 31, 2 ** 31 - 1],
  [30 * 86_400_000, 2 ** 31 - 1],
  [Infinity, 2 ** 31 - 1],
])
  test(`a timer of ${asked} ms is set to what a timer can hold`, (context) => {
    const { mock } = context.mock.method(globalThis, 'setTimeout', () => 7);
    assert.equal(browserEnvironment().setTimer(() => {}, asked), 7);
    assert.equal(mock.calls[0].arguments[1], set);
  });
