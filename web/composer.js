// The field to write in: Enter sends, Shift+Enter begins a line, what is not sent stays.

import { by_id, composing, set_text } from './dom.js';
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

/** Texts of more UTF-16 units than this are higher than the field may become. */
const most_measured = 4_000;
/** Texts of more UTF-16 units than this are pasted rather than written: the browser is spared some work on them. */
const most_composed = 16_000;

export class Composer {
  #handlers;
  #spared = false;
  #state = 'closed';
  #field = by_id('message');
  #button = by_id('send');

  /** `on_send(text)` returns whether it was taken; `on_draft(text)` at each change, `on_escape()` on Escape. */
  constructor(signal, handlers) {
    this.#handlers = handlers;
    by_id('composer').addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#field.addEventListener('keydown', (event) => this.#keydown(event), { signal });
    this.#field.addEventListener('beforeinput', (event) => this.#comes(event), { signal });
    this.#field.addEventListener('input', () => this.#edited(), { signal });
    touch.addEventListener('change', () => this.#render(), { signal });
  }

  /** Shows a conversation's draft, ready to be gone on with. */
  show(conversation) {
    const draft = conversation?.draft ?? '';
    this.#spare(draft.length > most_composed);
    this.#field.value = draft;
    set_text(by_id('message-label'), conversation ? `Message to ${person_name(conversation)}` : 'Message');
    this.#render();
    if (!conversation) return;
    this.#fit(draft);
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
    if (composing(event)) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && (command || !touch.matches)) {
      this.#submit(event);
    } else if (event.key === 'Escape') {
      this.#handlers.on_escape();
    }
  }

  /** What is pasted is in the field before `input` tells of it: a long text is spared for beforehand. */
  #comes({ data, dataTransfer }) {
    const text = data ?? dataTransfer?.getData('text/plain') ?? '';
    if (text.length > most_composed) this.#spare(true);
  }

  /** The field's text is asked for once: a browser puts it together anew each time. */
  #edited() {
    const text = this.#field.value;
    this.#handlers.on_draft(text);
    this.#fit(text);
    this.#render(text);
  }

  /** Why the text cannot be sent, or nothing. */
  #problem(text) {
    // No text is longer in UTF-8 than three bytes a code unit: most need no counting.
    const over = text.length * 3 > max_message_bytes ? byte_length(text) - max_message_bytes : 0;
    return over > 0 ? `Too long by ${over.toLocaleString()} bytes: 64 KiB at most.` : '';
  }

  #render(text = this.#field.value) {
    const problem = this.#problem(text);
    set_text(by_id('composer-hint'), problem || this.#hint());
    by_id('composer').classList.toggle('special', problem !== '' || this.#state !== 'online');
    this.#field.enterKeyHint = touch.matches ? 'enter' : 'send';
    const disabled = problem !== '' || !/\S/.test(text);
    if (problem) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
    // A focused button that gets disabled would drop the focus out of the page.
    if (disabled && document.activeElement === this.#button) this.#field.focus();
    this.#button.disabled = disabled;
  }

  #hint() {
    return touch.matches && this.#state === 'online' ? touch_hint : hints[this.#state];
  }

  /** As high as the text, within the limits of chat.css. What is far higher than they are is not measured. */
  #fit(text) {
    const { style } = this.#field;
    this.#spare(text.length > most_composed);
    if (text.length > most_measured) return style.setProperty('height', '100vh');
    style.setProperty('height', 'auto');
    style.setProperty('height', `${this.#field.scrollHeight + 2}px`);
  }

  /** Spares the browser what takes it long with a long text: finding each paragraph's direction, and spelling. */
  #spare(long) {
    if (long === this.#spared) return;
    this.#spared = long;
    this.#field.dir = long ? getComputedStyle(this.#field).direction : 'auto';
    this.#field.spellcheck = !long;
  }
}
