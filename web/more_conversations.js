// The last row of the list of conversations: whether there are more, and the way to them.

import { make, set_text } from './dom.js';

/** How near to its end, in CSS pixels, the list has to be for more to be loaded. */
const end_tolerance = 200;

const words = { loading: 'Loading conversations…', failed: 'The conversations could not be loaded.' };

export class MoreConversations {
  #list;
  #on_more;
  #state = 'needed';
  #text = make('span');
  #button = make('button', { type: 'button', className: 'quiet' });

  /** `on_more()`: the reader got to the end of `list`, an element that scrolls, or asked for more. */
  constructor(list, on_more) {
    this.#list = list;
    this.#on_more = on_more;
    this.#button.addEventListener('click', on_more);
    this.item = make('li', { className: 'more-conversations' }, this.#text, this.#button);
    this.show('needed');
  }

  get busy() {
    return this.#state === 'loading';
  }

  show(state) {
    this.#state = state;
    set_text(this.#text, words[state] ?? '');
    set_text(this.#button, state === 'failed' ? 'Try again' : 'More conversations');
    this.#button.hidden = state !== 'failed' && state !== 'more';
    this.item.hidden = state === 'needed' || state === 'whole';
    this.check();
  }

  /** Asks for more where the end of the list is near. */
  check() {
    // On small screens what is around the list scrolls, and the list with it.
    const around = this.#list.parentElement;
    const scrolls = around.scrollHeight > around.clientHeight ? around : this.#list;
    const { scrollHeight, scrollTop, clientHeight } = scrolls;
    if (this.#state === 'more' && scrollHeight - scrollTop - clientHeight < end_tolerance) this.#on_more();
  }
}
