// What the server says to everyone, or about nothing in particular: the last few lines, under the list.

import { by_id, make } from './dom.js';
import { shown_line } from './safe_text.js';
import { full_time, time_of_day } from './times.js';

const kept = 3;

export class Notices {
  #list = by_id('notice-list');
  #announce;

  /** `announce(text)` has it read aloud. */
  constructor(announce) {
    this.#announce = announce;
  }

  add(text, at) {
    by_id('notices').hidden = false;
    const time = make('time', { dateTime: new Date(at).toISOString(), title: full_time(at) }, time_of_day(at));
    this.#list.append(make('p', {}, make('span', { dir: 'auto' }, shown_line(text)), ' ', time));
    this.#announce(shown_line(text));
    while (this.#list.children.length > kept) this.#list.firstChild.remove();
  }

  clear() {
    this.#list.replaceChildren();
    by_id('notices').hidden = true;
  }
}
