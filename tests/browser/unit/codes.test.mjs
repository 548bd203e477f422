// The one table of error and close codes, which the server's golden file is made from, and what SDK and page make of it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeClose } from '../../../web/sdk/close_codes.js';
import { isTemporary } from '../../../web/sdk/error_codes.js';
import { describeError } from '../../../web/text/errors.js';

const { errors, closes } = JSON.parse(readFileSync(new URL('../../golden/codes.json', import.meta.url), 'utf8'));

test('errors that the server calls temporary are so for the SDK, whether a frame says it or not', () => {
  assert.ok(errors.length >= 10);
  for (const { code, temporary } of errors) assert.equal(isTemporary({ code }), temporary, code);
  assert.ok(isTemporary({ code: 'of a later version', temporary: true }));
});

test('the page has words of its own for each error of the server', () => {
  for (const { code } of errors) assert.doesNotMatch(describeError({ code, text: '' }), /reported a problem/, code);
});

test('what the server advises after a close is what the SDK does', () => {
  assert.ok(closes.length >= 10);
  const advised = {
    give_up: { refusal: true },
    sign_in: { refusal: true },
    reconnect: { refusal: false },
    reconnect_later: { refusal: false, slowDown: true },
  };
  for (const { code, advice } of closes) {
    // The answer to a close of the page's own, after which nobody asks what to do.
    if (code === 1000) continue;
    const { text, ...does } = describeClose(code);
    for (const [what, wanted] of Object.entries(advised[advice])) assert.equal(does[what], wanted, `${what} of ${code}`);
    assert.doesNotMatch(text, /\(code/, `the page has words of its own for ${code}`);
  }
});

test('an error that ends the connection is a refusal if the server’s advice for it is to give up', () => {
  for (const { code, closes_with: closesWith, advice } of errors)
    if (closesWith !== null) assert.equal(describeClose(closesWith).refusal, /give_up|sign_in/.test(advice), code);
});
