// Long messages: how much of them is shown at first. Pure.

import { splitLinks } from './linkify.js';

/** A message of more lines or characters than these is folded. */
const mostLines = 20;
export const mostCharacters = 2_000;

const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;
/** One character that is as wide as a line. */
const basmala = /\ufdfd/g;

/** Where a text is cut to be folded: the number of UTF-16 units that stay, or nothing if all is shown. */
export function foldAt(text) {
  if (text.length <= mostLines) return undefined;
  const wide = text.match(basmala);
  if (wide?.length > mostLines) return after(text, basmala, mostLines);
  const lines = after(text, lineBreak, mostLines) ?? text.length;
  const at = Math.min(lines, mostCharacters);
  if (at >= text.length) return undefined;
  // Never within a surrogate pair.
  return /[\ud800-\udbff]/.test(text[at - 1]) ? at - 1 : at;
}

/** The parts of a text (see linkify.js) up to `at`, or all. A link that is cut still leads to its whole address. */
export function partsUpTo(text, at = text.length) {
  const parts = [];
  let start = 0;
  for (const part of splitLinks(text)) {
    if (start >= at) break;
    const kept = part.text.slice(0, at - start);
    parts.push(kept === part.text ? part : { ...part, text: part.href ? `${kept}…` : kept });
    start += part.text.length;
  }
  return parts;
}

/** The index of the `count`th match, or nothing. */
function after(text, pattern, count) {
  let seen = 0;
  for (const match of text.matchAll(pattern)) if (++seen === count) return match.index;
  return undefined;
}
