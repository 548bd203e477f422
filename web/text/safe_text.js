// Names, ids and notices as they are shown: nothing in them turns, hides or covers what stands around them. Pure.

/** Embeddings, overrides and isolates (UAX #9): they turn what follows them round. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;
const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** No script stacks more marks on one letter; what does covers the lines above. */
const stacked = /(\p{M}{6})\p{M}+/gu;
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const joiners = new Set(['\u200c', '\u200d', '\ufe0f']);
const letterOrEmoji = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]/u;

/** What the page itself calls the reader, and letters that look like those of it. */
const reserved = new Set(['you', 'notes to yourself']);
const lookAlikes = { у: 'y', ү: 'y', γ: 'y', ý: 'y', о: 'o', ο: 'o', օ: 'o', υ: 'u', ս: 'u', ꭎ: 'u' };

/** A line of text that others have written into, without what would turn or break it. */
export function shownLine(text) {
  return text.replace(turning, '').replace(breaks, ' ').replace(stacked, '$1').trim();
}

/** A name as it is shown: '' if nothing of it could be seen. */
export function shownName(name) {
  const line = shownLine(name);
  return line.replace(invisible, '').trim() === '' ? '' : line;
}

/** An id as it is shown: two that differ look different, so invisible characters stand as their numbers. */
export function shownId(id) {
  const written = (character, at) => (joins(id, at) ? character : numbered(character));
  return id.replace(invisible, written).replace(/^ +| +$/g, numbered).replace(stacked, '$1…');
}

/** What somebody is called: the name if there is one, with the id if it reads like the page's word for me. */
export function personName({ id, name }) {
  const shown = shownName(name);
  if (shown === '') return shownId(id);
  return reserved.has(skeleton(shown)) ? `${shown} (id ${shownId(id)})` : shown;
}

/** `text` for the middle of a sentence: its direction changes nothing around it. */
export function isolated(text) {
  return /^[ -~]*$/.test(text) ? text : `\u2068${text.replace(turning, '')}\u2069`;
}

function numbered(characters) {
  const number = (each) => each.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
  return Array.from(characters, (each) => `[U+${number(each)}]`).join('');
}

/** Returns whether the character at `at` joins two letters or the parts of an emoji, and so is seen in their shape. */
function joins(text, at) {
  if (!joiners.has(text[at])) return false;
  const before = Array.from(text.slice(Math.max(0, at - 2), at)).pop() ?? '';
  return letterOrEmoji.test(before) && (text[at] === '\ufe0f' || letterOrEmoji.test(text.slice(at + 1, at + 3)));
}

function skeleton(text) {
  const bare = text.normalize('NFKD').toLowerCase().replace(invisible, '').replace(/\p{M}/gu, '');
  const latin = Array.from(bare, (letter) => lookAlikes[letter] ?? letter).join('');
  return latin.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}
