// A round picture of someone: the first character of the name on the name's colour.

import { paintName } from '../text/colors.js';
import { make, setText } from './dom.js';
import { shownId, shownName } from '../text/safe_text.js';

/** Firefox before 125 has no segmenter: a pattern, then, that knows marks, flags and joined emoji. */
const characters = Intl.Segmenter && new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const first =
  /^(?:\p{Regional_Indicator}{2}|.(?:[\p{M}\p{Emoji_Modifier}\ufe0f]|\u200d\p{Extended_Pictographic})*)/su;

export function avatar() {
  return make('span', { className: 'avatar', 'aria-hidden': 'true' });
}

/** Shows `person`, who has `id`, `name` and `color`. */
export function paintAvatar(element, { id, name, color }) {
  setText(element, firstCharacter(shownName(name) || shownId(id)).toLocaleUpperCase());
  // Painting costs a canvas read: only when something changed.
  const paint = `${color} ${id}`;
  if (element.dataset.paint === paint) return;
  element.dataset.paint = paint;
  paintName(element, color, id);
}

/** What a reader takes for the first character of `text`, however many code points it has. */
export function firstCharacter(text) {
  if (!characters) return text.slice(0, 40).match(first)?.[0] ?? '?';
  for (const { segment } of characters.segment(text.slice(0, 40))) return segment;
  return '?';
}
