// The field to write in: Enter sends, Shift+Enter begins a line, what is not sent stays.

import { by_id, set_text } from './dom.js';
import { person_name } from './safe_text.js';
import { byte_length, max_message_bytes, well_formed } from './sdk/protocol.js';

const hints = {
  connecting: 'Connecting… What you send waits for a moment.',
  online: 'Enter sends, Shift + Enter begins a new line.',
  offline: 'You are offline. What you send waits here, and goes out once you are back.',
  closed: 'You are disconnected. What you send waits here until you connect again.',
};

/** On a touch keyboard Enter is the only way to a new line. */
const touch = matchMedia('(pointer: coarse) and (hover: none)');
const touch_hint = 'Enter begins a new line, the button sends.';

export class Composer {
  #handlers;
  #state = 'closed';
  #field = by_id('message');
  #button = by_id('send');

  /** `on_send(text)` returns whether it was taken; `on_draft(text)` at each change, `on_escape()` on Escape. */
  constructor(signal, handlers) {
    this.#handlers = handlers;
    by_id('composer').addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#field.addEventListener('keydown', (event) => this.#keydown(event), { signal });
    this.#field.addEventListener('input', () => this.#edited(), { signal });
    touch.addEventListener('change', () => this.#render(), { signal });
  }

  /** Shows a conversation's draft, ready to be gone on with. */
  show(conversation) {
    this.#field.value = conversation?.draft ?? '';
    set_text(by_id('message-label'), conversation ? `Message to ${person_name(conversation)}` : 'Message');
    this.#render();
    if (!conversation) return;
    this.#fit();
    // On a touch screen the keyboard would cover what is to be read first.
    if (matchMedia('(pointer: coarse)').matches) by_id('partner-name').focus();
    else this.focus();
  }

  focus() {
    this.#field.focus();
  }

  set_state(state) {
    this.#state = state;
    this.#render();
  }

  #submit(event) {
    event.preventDefault();
    const text = well_formed(this.#field.value);
    if (this.#problem(text) || text.trim() === '' || !this.#handlers.on_send(text)) return;
    this.#field.value = '';
    this.#edited();
    this.#field.focus();
  }

  #keydown(event) {
    // While an input method is composing, Enter and Escape are its own.
    if (event.isComposing || event.keyCode === 229) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && (command || !touch.matches)) {
      this.#submit(event);
    } else if (event.key === 'Escape') {
      this.#handlers.on_escape();
    }
  }

  #edited() {
    this.#handlers.on_draft(this.#field.value);
    this.#fit();
    this.#render();
  }

  /** Why the text cannot be sent, or nothing. */
  #problem(text) {
    // No text is longer in UTF-8 than three bytes a code unit: most need no counting.
    const over = text.length * 3 > max_message_bytes ? byte_length(text) - max_message_bytes : 0;
    return over > 0 ? `Too long by ${over.toLocaleString()} bytes: 64 KiB at most.` : '';
  }

  #render() {
    const text = this.#field.value;
    const problem = this.#problem(text);
    set_text(by_id('composer-hint'), problem || (touch.matches && this.#state === 'online' ? touch_hint : hints[this.#state]));
    by_id('composer').classList.toggle('special', problem !== '' || this.#state !== 'online');
    this.#field.enterKeyHint = touch.matches ? 'enter' : 'send';
    const disabled = problem !== '' || text.trim() === '';
    // A focused button that gets disabled would drop the focus out of the page.
    if (disabled && document.activeElement === this.#button) this.#field.focus();
    this.#button.disabled = disabled;
  }

  /** As high as the text, within the limits of style.css. */
  #fit() {
    this.#field.style.setProperty('height', 'auto');
    this.#field.style.setProperty('height', `${this.#field.scrollHeight + 2}px`);
  }
}
