// The first row of a log: what there is before it.

import { make, setText } from './dom.js';

const sentences = {
  loading: 'Loading older messages…',
  failed: 'Older messages could not be loaded.',
  none: 'This is the beginning of the conversation.',
  full: 'There are older messages, but no more fit into this window.',
  offline: 'Older messages are loaded once you are connected.',
};
const ofAnEmptyLog = {
  loading: 'Loading messages…',
  none: 'No messages yet. Say hello!',
  unkept: 'No messages yet. Say hello!',
  offline: 'Messages are loaded once you are connected.',
};

export class OlderRow {
  #text = make('span');
  #button = make('button', { type: 'button', className: 'quiet' });

  /** `onAsk()`: the reader wants older messages, without scrolling. */
  constructor(onAsk) {
    this.#button.addEventListener('click', onAsk);
    this.element = make('div', { className: 'older' }, this.#text, this.#button);
  }

  /** `older` of a conversation, whether anything is below this row, and whether anything can be loaded. */
  show(older, empty, online) {
    const canAsk = older === 'more' || older === 'failed';
    const key = canAsk && !online ? 'offline' : older;
    setText(this.#text, (empty && ofAnEmptyLog[key]) || sentences[key] || '');
    setText(this.#button, older === 'failed' ? 'Try again' : 'Older messages');
    this.#button.hidden = !canAsk || !online;
  }
}
