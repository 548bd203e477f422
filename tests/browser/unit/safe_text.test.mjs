import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldAt, mostCharacters, partsUpTo } from '../../../web/text/folded.js';
import { isolated, personName, shownId, shownLine, shownName } from '../../../web/text/safe_text.js';

const turning = ['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'];

test('names and lines hold nothing that turns text or breaks the line, and no towers of marks', () => {
  for (const character of turning) {
    assert.equal(shownName(`an${character}na`), 'anna');
    assert.equal(shownLine(`${character}Anna disconnected`), 'Anna disconnected');
  }
  assert.equal(shownName('a\nb\u2028c\u0085d'), 'a b c d');
  assert.equal(shownName(`a${'\u0334'.repeat(500)}b`), `a${'\u0334'.repeat(6)}b`);
  for (const kept of ['ליאת', 'Đặng Thị Hồng', 'नमस्ते', 'می‌خواهم', '👩‍👩‍👧', 'ஸ்ரீ'])
    assert.equal(shownName(kept), kept);
});

test('names of which nothing is seen are none: the id stands for them', () => {
  for (const name of ['', ' ', '\u200b', '\u2800', '\u3164', '\ufeff', '\u00ad\u2060', '\u202e'])
    assert.equal(personName({ id: '5', name }), '5');
});

test('ids that differ look different', () => {
  for (const [id, shown] of [
    ['anna', 'anna'],
    ['an na', 'an na'],
    ['anna ', 'anna[U+0020]'],
    ['anna\u200b', 'anna[U+200B]'],
    ['\u202eanna', '[U+202E]anna'],
    ['anna\u200d', 'anna[U+200D]'],
    ['\u{e0041}', '[U+E0041]'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['👩\u200d👧', '👩\u200d👧'],
  ])
    assert.equal(shownId(id), shown);
});

test('somebody whose name reads like the page’s word for me stands with the id', () => {
  for (const name of ['You', 'YOU', ' you: ', 'Yo\u200bu', 'Ｙｏｕ', 'Уоu', 'Yóu', 'Notes to yourself', 'You\u202e'])
    assert.match(personName({ id: '5', name }), / \(id 5\)$/, name);
  for (const name of ['Young', 'Youssef', 'Ann', 'You and me'])
    assert.equal(personName({ id: '5', name }), name);
});

test('what stands in the middle of a sentence is isolated where it could matter', () => {
  assert.equal(isolated('anna'), 'anna');
  assert.equal(isolated('שלום'), '\u2068שלום\u2069');
  assert.equal(isolated('\u2069\u202eא'), '\u2068א\u2069');
});

test('over 20 lines or 2,000 characters are folded, whatever breaks the lines', () => {
  assert.equal(foldAt('a\n'.repeat(19)), undefined);
  assert.equal(foldAt('x'.repeat(mostCharacters)), undefined);
  assert.equal(foldAt('x'.repeat(mostCharacters + 1)), mostCharacters);
  for (const end of ['\n', '\r\n', '\r', '\u2028', '\u2029', '\v', '\f', '\u0085'])
    assert.equal(foldAt(`a${end}`.repeat(30)), 20 + 19 * end.length, JSON.stringify(end));
  assert.equal(foldAt('\ufdfd'.repeat(100)), 19);
  const pairs = `x${'😀'.repeat(1_500)}`;
  assert.equal(foldAt(pairs), 1_999, 'never within a pair');
});

test('a link that is cut leads to its whole address', () => {
  const text = `see https://a.example/${'b'.repeat(100)} and more`;
  const parts = partsUpTo(text, 30);
  assert.deepEqual(
    parts.map((part) => part.text),
    ['see ', 'https://a.example/bbbbbbbb…'],
  );
  assert.equal(parts[1].href, `https://a.example/${'b'.repeat(100)}`);
  assert.equal(
    partsUpTo(text)
      .map((part) => part.text)
      .join(''),
    text,
  );
});
