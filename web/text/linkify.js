// Finds web addresses in a text. What is found is shown as text and linked only if it is http, https or mailto.

/**
 * What ends an address: white space, controls and marks of direction, and the brackets and full-width punctuation of
 * Chinese, Japanese and Korean texts, which leave no space after an address.
 */
const ends =
  '\\s<>"\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff' +
  '\\u3001-\\u3003\\u3008-\\u3011\\u3014-\\u301f\\ufe10-\\ufe19\\ufe30-\\ufe6b' +
  '\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65';
const candidate = new RegExp(`(?:https?://|mailto:)[^${ends}]+`, 'giu');
/** Scripts that are written without spaces, or with endings put to anything: an address may follow their letters. */
const scripts = 'Han Hiragana Katakana Hangul Bopomofo Yi Thai Lao Khmer Myanmar Tibetan'.split(' ');
const unspaced = new RegExp(
  `[${scripts.map((name) => `\\p{sc=${name}}`).join('')}\\u30fc\\u3005-\\u3007\\uff66-\\uffdc]`,
  'u',
);
const word = /[\p{L}\p{M}\p{N}_]/u;
const protocols = new Set(['http:', 'https:', 'mailto:']);
const closers = { ')': '(', ']': '[', '}': '{' };

/** Splits `text` into parts { text, href? } that join to `text` again; `href` is there for a safe link only. */
export function splitLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(candidate)) {
    if (withinAWord(text, match.index)) continue;
    const found = withoutTrailingPunctuation(match[0]);
    const href = safeHref(found);
    if (!href) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: found, href });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** Returns whether the character before `at` is one that an address cannot follow: "xhttps://a.b" is none. */
function withinAWord(text, at) {
  const before = Array.from(text.slice(Math.max(0, at - 2), at)).pop() ?? '';
  return word.test(before) && !unspaced.test(before);
}

/** A fragment of parts, the links as elements that open in a new tab and tell the other side nothing. */
export function linked(parts, doc = document) {
  const fragment = doc.createDocumentFragment();
  for (const part of parts) fragment.append(part.href ? link(part, doc) : part.text);
  return fragment;
}

function link({ text, href }, doc) {
  const element = doc.createElement('a');
  element.href = href;
  element.textContent = text;
  // What stands before an address cannot turn it round: it is read as it is opened.
  element.dir = 'ltr';
  element.target = '_blank';
  element.rel = 'noopener noreferrer nofollow';
  return element;
}

/** The address as the browser will open it, or nothing if it is none that may be opened. */
function safeHref(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (!protocols.has(url.protocol)) return undefined;
  if (url.protocol === 'mailto:') return /^[^?]+@[^?]+/.test(url.pathname) ? url.href : undefined;
  return url.hostname ? url.href : undefined;
}

/** "(see https://a.b/c)." links https://a.b/c, but https://a.b/c_(d) keeps its bracket. Linear in the text. */
function withoutTrailingPunctuation(text) {
  const counts = {};
  for (const character of text) counts[character] = (counts[character] ?? 0) + 1;
  let end = text.length;
  for (; end > 0; --end) {
    const last = text[end - 1];
    const unbalanced = last in closers && counts[last] > (counts[closers[last]] ?? 0);
    if (!unbalanced && !/[.,;:!?'*_~…‥⋯・»”’›]/u.test(last)) break;
    --counts[last];
  }
  return text.slice(0, end);
}
