// The field to write in: Enter sends, Shift+Enter begins a line, what is not sent stays.

import { composing, focusedIn, part, setText } from './dom.js';
import { personName } from '../text/safe_text.js';
import { byteLength, maxMessageBytes, wellFormed } from '../sdk/index.js';

const hints = {
  connecting: 'Connecting… What you send waits for a moment.',
  online: 'Enter sends, Shift + Enter begins a new line.',
  offline: 'You are offline. What you send waits here, and goes out once you are back.',
  signedOut: 'You are signed out. What you send waits here until you are signed in again.',
  closed: 'You are disconnected. What you send waits here until you connect again.',
};

/** On a touch keyboard Enter is the only way to a new line. */
const touch = matchMedia('(pointer: coarse) and (hover: none)');
const touchHint = 'Enter begins a new line, the button sends.';

/** Texts of more UTF-16 units than this are higher than the field may become. */
const mostMeasured = 4_000;
/** Texts of more UTF-16 units than this are pasted rather than written: the browser is spared some work on them. */
const mostComposed = 16_000;

export class Composer {
  #root;
  #handlers;
  #spared = false;
  #state = 'closed';
  #field;
  #button;

  /** `onSend(text)` returns whether it was taken; `onDraft(text)` at each change, `onEscape()` on Escape. */
  constructor(root, signal, handlers) {
    this.#root = root;
    this.#field = part(root, 'message');
    this.#button = part(root, 'send');
    this.#handlers = handlers;
    root.addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#field.addEventListener('keydown', (event) => this.#keydown(event), { signal });
    this.#field.addEventListener('beforeinput', (event) => this.#comes(event), { signal });
    this.#field.addEventListener('input', () => this.#edited(), { signal });
    touch.addEventListener('change', () => this.#render(), { signal });
  }

  /** Shows a conversation's draft. */
  show(conversation) {
    const draft = conversation?.draft ?? '';
    this.#spare(draft.length > mostComposed);
    this.#field.value = draft;
    setText(part(this.#root, 'message-label'), conversation ? `Message to ${personName(conversation)}` : 'Message');
    this.#render();
    if (conversation) this.#fit(draft);
  }

  focus() {
    this.#field.focus();
  }

  setState(state) {
    this.#state = state;
    this.#render();
  }

  #submit(event) {
    event.preventDefault();
    const text = wellFormed(this.#field.value);
    if (this.#problem(text) || text.trim() === '' || !this.#handlers.onSend(text)) return;
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
      this.#handlers.onEscape();
    }
  }

  /** What is pasted is in the field before `input` comes: a long text is spared for beforehand. */
  #comes({ data, dataTransfer }) {
    const text = data ?? dataTransfer?.getData('text/plain') ?? '';
    if (text.length > mostComposed) this.#spare(true);
  }

  /** The field's text is asked for once: a browser puts it together anew each time. */
  #edited() {
    const text = this.#field.value;
    this.#handlers.onDraft(text);
    this.#fit(text);
    this.#render(text);
  }

  /** Why the text cannot be sent, or nothing. */
  #problem(text) {
    // No text is longer in UTF-8 than three bytes a code unit: most need no counting.
    const over = text.length * 3 > maxMessageBytes ? byteLength(text) - maxMessageBytes : 0;
    return over > 0 ? `Too long by ${over.toLocaleString()} bytes: 64 KiB at most.` : '';
  }

  #render(text = this.#field.value) {
    const problem = this.#problem(text);
    setText(part(this.#root, 'composer-hint'), problem || this.#hint());
    this.#root.classList.toggle('special', problem !== '' || this.#state !== 'online');
    this.#field.enterKeyHint = touch.matches ? 'enter' : 'send';
    const disabled = problem !== '' || !/\S/.test(text);
    if (problem) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
    // A focused button that gets disabled would drop the focus out of the page.
    if (disabled && focusedIn(this.#root) === this.#button) this.#field.focus();
    this.#button.disabled = disabled;
  }

  #hint() {
    return touch.matches && this.#state === 'online' ? touchHint : hints[this.#state];
  }

  /** As high as the text, within the limits of chat.css. What is far higher than they are is not measured. */
  #fit(text) {
    const { style } = this.#field;
    this.#spare(text.length > mostComposed);
    if (text.length > mostMeasured) return style.setProperty('height', '100vh');
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
