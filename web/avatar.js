// A round picture of someone: the first character of the name on the name's colour.

import { paint_name } from './colors.js';
import { make, set_text } from './dom.js';
import { shown_id, shown_name } from './safe_text.js';

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export function avatar() {
  return make('span', { className: 'avatar', 'aria-hidden': 'true' });
}

/** Shows `person`, who has `partner` (the id), `name` and `color`. */
export function paint_avatar(element, { partner, name, color }) {
  set_text(element, first_character(shown_name(name) || shown_id(partner)).toLocaleUpperCase());
  // Painting costs a canvas read: only when something changed.
  const paint = `${color} ${partner}`;
  if (element.dataset.paint === paint) return;
  element.dataset.paint = paint;
  paint_name(element, color, partner);
}

function first_character(text) {
  for (const { segment } of characters.segment(text.slice(0, 40))) return segment;
  return '?';
}
