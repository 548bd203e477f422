// The last row of the list of conversations: whether there are more, and the way to them.

import { make, setText } from './dom.js';

/** How near to its end, in CSS pixels, the list has to be for more to be loaded. */
const endTolerance = 200;

const words = { loading: 'Loading conversations…', failed: 'The conversations could not be loaded.' };

export class MoreConversations {
  #list;
  #onMore;
  #state = 'needed';
  #text = make('span');
  #button = make('button', { type: 'button', className: 'quiet' });

  /** `onMore()`: the reader got to the end of `list`, an element that scrolls, or asked for more. */
  constructor(list, onMore) {
    this.#list = list;
    this.#onMore = onMore;
    this.#button.addEventListener('click', onMore);
    this.item = make('li', { className: 'more-conversations' }, this.#text, this.#button);
    this.show('needed');
  }

  get busy() {
    return this.#state === 'loading';
  }

  show(state) {
    this.#state = state;
    setText(this.#text, words[state] ?? '');
    setText(this.#button, state === 'failed' ? 'Try again' : 'More conversations');
    this.#button.hidden = state !== 'failed' && state !== 'more';
    this.item.hidden = state === 'needed' || state === 'whole';
    this.check();
  }

  /** Asks for more if the end of the list is near. */
  check() {
    // On small screens what is around the list scrolls, and the list with it.
    const around = this.#list.parentElement;
    const scrolls = around.scrollHeight > around.clientHeight ? around : this.#list;
    const { scrollHeight, scrollTop, clientHeight } = scrolls;
    if (this.#state === 'more' && scrollHeight - scrollTop - clientHeight < endTolerance) this.#onMore();
  }
}
