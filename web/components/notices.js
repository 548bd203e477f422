// What the server says to everyone, or about nothing in particular: the last few lines, under the list.

import { make, part } from './dom.js';
import { KeyedList } from './keyed_list.js';
import { shownLine } from '../text/safe_text.js';
import { fullTime, timeOfDay } from '../text/times.js';

const kept = 3;

export class Notices {
  #root;
  #announce;
  #list;
  #latest = [];
  #nextKey = 1;

  /** `announce(text)` has it read aloud. */
  constructor(root, announce) {
    this.#root = root;
    this.#announce = announce;
    this.#list = new KeyedList(part(root, 'notice-list'), rowOf);
  }

  add(text, sentAt) {
    this.#root.hidden = false;
    this.#latest = [...this.#latest, { key: this.#nextKey++, text, sentAt }].slice(-kept);
    this.#list.show(this.#latest);
    this.#announce(shownLine(text));
  }

  clear() {
    this.#list.show((this.#latest = []));
    this.#root.hidden = true;
  }
}

function rowOf({ text, sentAt }) {
  const properties = { dateTime: new Date(sentAt).toISOString(), title: fullTime(sentAt) };
  const words = make('span', { dir: 'auto' }, shownLine(text));
  return { element: make('p', {}, words, ' ', make('time', properties, timeOfDay(sentAt))) };
}
