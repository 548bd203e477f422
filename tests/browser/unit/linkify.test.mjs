import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitLinks } from '../../../web/text/linkify.js';

/** The text with its links in brackets. */
function marked(text) {
  const parts = splitLinks(text);
  assert.equal(parts.map((part) => part.text).join(''), text, 'no character is lost');
  return parts.map((part) => (part.href ? `[${part.text}]` : part.text)).join('');
}

test('linkify finds addresses within a text', () => {
  assert.equal(
    marked('see https://a.example/b?c=1&d#e and http://b.example'),
    'see [https://a.example/b?c=1&d#e] and [http://b.example]',
  );
  assert.equal(marked('mailto:ada@example.org'), '[mailto:ada@example.org]');
  assert.equal(marked('HTTPS://A.EXAMPLE/'), '[HTTPS://A.EXAMPLE/]');
  assert.equal(marked('nothing here'), 'nothing here');
  assert.equal(marked(''), '');
});

test('linkify leaves the punctuation of the sentence out of an address', () => {
  assert.equal(marked('(see https://a.example/b).'), '(see [https://a.example/b]).');
  assert.equal(marked('https://a.example/b_(c), and'), '[https://a.example/b_(c)], and');
  assert.equal(marked('“https://a.example”!'), '“[https://a.example]”!');
  assert.equal(marked('<https://a.example/>'), '<[https://a.example/]>');
});

test('linkify makes links of http, https and mailto only', () => {
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
  const hrefs = splitLinks('https://bücher.example/ä http://a.example:80/../b').flatMap(({ href }) => href ?? []);
  assert.deepEqual(hrefs, ['https://xn--bcher-kva.example/%C3%A4', 'http://a.example/b']);
});

test('marks that turn the direction of text end an address', () => {
  assert.equal(marked('https://a.example/\u202egpj.exe'), '[https://a.example/]\u202egpj.exe');
});

test('linkify takes linear time for hostile texts', () => {
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

/** Text with its links in brackets ⟦ ⟧; what stands within is the whole address. */
const unspaced = [
  // Chinese
  '请看⟦https://a.example/b⟧。谢谢',
  '请看⟦https://a.example/b⟧，谢谢',
  '（⟦https://a.example/b⟧）',
  '（见⟦https://a.example/b_(c)⟧）。',
  '《⟦https://a.example/b⟧》、《⟦https://a.example/c⟧》',
  '【⟦https://a.example/b⟧】',
  '地址：⟦https://a.example/b?c=1&d=2⟧；密码：x',
  '真的？⟦http://a.example⟧！',
  '“⟦https://a.example/b⟧”',
  '𠀀⟦https://a.example/⟧',
  '网址⟦https://例え.example/路径⟧，看',
  'ㄅㄆ⟦https://a.example/⟧',
  // Japanese
  'これは⟦https://a.example/b⟧。',
  'リンク⟦https://a.example/b⟧、どうぞ',
  'サーバー⟦https://a.example/b⟧」と言う',
  '「⟦https://a.example/b⟧」『⟦https://a.example/c⟧』',
  '〈⟦https://a.example/b⟧〉〔⟦https://a.example/c⟧〕',
  '人々⟦https://a.example/b⟧・ ・⟦https://a.example/ジョン・レノン⟧',
  'ﾘﾝｸ⟦https://a.example/b⟧｡',
  '｢⟦https://a.example/b⟧｣',
  '参照（⟦https://ja.wikipedia.example/wiki/日本語⟧）。',
  '〝⟦https://a.example/b⟧〟',
  '［⟦https://a.example/b⟧］',
  '﹁⟦https://a.example/b⟧﹂⟦https://a.example/c⟧︒',
  // Korean
  '여기⟦https://a.example/b⟧.',
  '주소는⟦https://a.example/b⟧, 끝',
  '（⟦https://a.example/b⟧）입니다',
  '메일⟦mailto:ada@example.org⟧。',
  '“⟦https://ko.example/한국어⟧”',
  // Others without spaces, and marks at the end of a letter
  'ดู⟦https://a.example/b⟧',
  'ကြည့်⟦https://a.example/b⟧',
  'មើល⟦https://a.example/b⟧',
  'ເບິ່ງ⟦https://a.example/b⟧',
  'ལྟ⟦https://a.example/b⟧',
  'ꆈꌠ⟦https://a.example/b⟧',
  // Still within a word
  'xhttps://a.example',
  'éhttps://a.example',
  'яhttps://a.example',
  '7https://a.example',
];

for (const expected of unspaced)
  test(`links ${expected}`, () => {
    const text = expected.replace(/[⟦⟧]/g, '');
    const got = splitLinks(text)
      .map((part) => (part.href ? `⟦${part.text}⟧` : part.text))
      .join('');
    assert.equal(got, expected);
  });
