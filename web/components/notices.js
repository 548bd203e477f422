// What the server says to everyone, or about nothing in particular: the last few lines, under the list.

import { byId, make } from './dom.js';
import { shownLine } from '../text/safe_text.js';
import { fullTime, timeOfDay } from '../text/times.js';

const kept = 3;

export class Notices {
  #list = byId('notice-list');
  #announce;

  /** `announce(text)` has it read aloud. */
  constructor(announce) {
    this.#announce = announce;
  }

  add(text, at) {
    byId('notices').hidden = false;
    const time = make('time', { dateTime: new Date(at).toISOString(), title: fullTime(at) }, timeOfDay(at));
    this.#list.append(make('p', {}, make('span', { dir: 'auto' }, shownLine(text)), ' ', time));
    this.#announce(shownLine(text));
    while (this.#list.children.length > kept) this.#list.firstChild.remove();
  }

  clear() {
    this.#list.replaceChildren();
    byId('notices').hidden = true;
  }
}
