// The first row of a log: what there is before it.

import { make, set_text } from './dom.js';

const sentences = {
  loading: 'Loading older messages…',
  failed: 'Older messages could not be loaded.',
  none: 'This is the beginning of the conversation.',
  full: 'There are older messages, but no more fit into this window.',
  offline: 'Older messages are loaded once you are connected.',
};
const of_an_empty_log = {
  loading: 'Loading messages…',
  none: 'No messages yet. Say hello!',
  unkept: 'No messages yet. Say hello!',
  offline: 'Messages are loaded once you are connected.',
};

export class OlderRow {
  #text = make('span');
  #button = make('button', { type: 'button', className: 'quiet' });

  /** `on_ask()`: the reader wants older messages, without scrolling. */
  constructor(on_ask) {
    this.#button.addEventListener('click', on_ask);
    this.element = make('div', { className: 'older' }, this.#text, this.#button);
  }

  /** `older` of a conversation, whether anything is below this row, and whether anything can be loaded. */
  show(older, empty, online) {
    const can_ask = older === 'more' || older === 'failed';
    const key = can_ask && !online ? 'offline' : older;
    set_text(this.#text, (empty && of_an_empty_log[key]) || sentences[key] || '');
    set_text(this.#button, older === 'failed' ? 'Try again' : 'Older messages');
    this.#button.hidden = !can_ask || !online;
  }
}
