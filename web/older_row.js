// The first row of a log: what there is before it.

import { make, set_text } from './dom.js';

const sentences = {
  loading: 'Loading older messages…',
  failed: 'Older messages could not be loaded.',
  none: 'This is the beginning of the conversation.',
  full: 'There are older messages, but no more fit into this window.',
};
const of_an_empty_log = {
  none: 'No messages yet. Say hello!',
  loading: 'Loading messages…',
  unkept: 'No messages yet. Say hello!',
};

export class OlderRow {
  #text = make('span');
  #button = make('button', { type: 'button', className: 'quiet' });

  /** `on_ask()`: the reader wants older messages, without scrolling. */
  constructor(on_ask) {
    this.#button.addEventListener('click', on_ask);
    this.element = make('div', { className: 'older', 'aria-live': 'off' }, this.#text, this.#button);
  }

  /** `older` of a conversation, and whether anything is below this row. */
  show(older, empty) {
    this.element.dataset.older = older;
    set_text(this.#text, (empty && of_an_empty_log[older]) || sentences[older] || '');
    set_text(this.#button, older === 'failed' ? 'Try again' : 'Older messages');
    this.#button.hidden = older !== 'more' && older !== 'failed';
  }
}
