import assert from "node:assert/strict";
import { test } from "node:test";

import { long_lines, most_columns } from "./width.mjs";

const words = (columns) => "word ".repeat(columns / 5 + 1).slice(0, columns - 1) + ".";

test("a line may have 120 columns, and no more", () => {
  assert.deepEqual(long_lines(words(most_columns)), []);
  assert.deepEqual(long_lines(`short\n${words(most_columns + 1)}\nshort`), [2]);
});

test("columns are characters, not bytes", () => {
  assert.deepEqual(long_lines("…".repeat(most_columns)), []);
  assert.deepEqual(long_lines("😀".repeat(most_columns)), []);
  assert.deepEqual(long_lines("😀 ".repeat(most_columns)), [1]);
});

test("table rows and code blocks may be longer, what follows them may not", () => {
  const long = words(200);
  assert.deepEqual(long_lines(`| ${long} |\n\`\`\`\n${long}\n\`\`\`\n${long}`), [5]);
});

test("a URL that stands alone may be longer, a text around it may not", () => {
  const url = `https://example.org/${"a".repeat(120)}`;
  for (const line of [url, `- ${url}`, `[1]: ${url}`, `(${url}).`]) assert.deepEqual(long_lines(line), []);
  assert.deepEqual(long_lines(`see what it says at ${url}`), [1]);
});
