import assert from 'node:assert/strict';
import { test } from 'node:test';
import { split_links } from '../../../web/linkify.js';

/** The text with its links in brackets. */
function marked(text) {
  const parts = split_links(text);
  assert.equal(parts.map((part) => part.text).join(''), text, 'no character is lost');
  return parts.map((part) => (part.href ? `[${part.text}]` : part.text)).join('');
}

test('finds addresses within a text', () => {
  assert.equal(
    marked('see https://a.example/b?c=1&d#e and http://b.example'),
    'see [https://a.example/b?c=1&d#e] and [http://b.example]',
  );
  assert.equal(marked('mailto:ada@example.org'), '[mailto:ada@example.org]');
  assert.equal(marked('HTTPS://A.EXAMPLE/'), '[HTTPS://A.EXAMPLE/]');
  assert.equal(marked('nothing here'), 'nothing here');
  assert.equal(marked(''), '');
});

test('leaves the punctuation of the sentence out', () => {
  assert.equal(marked('(see https://a.example/b).'), '(see [https://a.example/b]).');
  assert.equal(marked('https://a.example/b_(c), and'), '[https://a.example/b_(c)], and');
  assert.equal(marked('“https://a.example”!'), '“[https://a.example]”!');
  assert.equal(marked('<https://a.example/>'), '<[https://a.example/]>');
});

test('links nothing but http, https and mailto', () => {
  for (const text of [
    'javascript:alert(1)',
    'JaVaScRiPt://a.example/%0aalert(1)',
    'data:text/html,<b>x</b>',
    'file:///etc/passwd',
    'vbscript:x',
    'https://',
    'http://:80',
    'xhttps://a.example',
    'mailto:',
    'mailto:nobody',
    'java\nscript:alert(1)',
    ' \u0001javascript:alert(1)',
  ])
    assert.equal(marked(text), text);
});

test('hrefs are what the browser would open, without anything of another protocol', () => {
  const hrefs = split_links('https://bücher.example/ä http://a.example:80/../b').flatMap(({ href }) => href ?? []);
  assert.deepEqual(hrefs, ['https://xn--bcher-kva.example/%C3%A4', 'http://a.example/b']);
});

test('marks that turn the direction of text end an address', () => {
  assert.equal(marked('https://a.example/\u202egpj.exe'), '[https://a.example/]\u202egpj.exe');
});

test('hostile texts take linear time', () => {
  const started = performance.now();
  for (const text of [
    `https://a.example/${')'.repeat(65_000)}`,
    'https://'.repeat(8_000),
    'https://a '.repeat(6_500),
    `mailto:${'@'.repeat(65_000)}`,
    `http://a${'.'.repeat(65_000)}`,
  ])
    marked(text);
  assert.ok(performance.now() - started < 2_000);
});
