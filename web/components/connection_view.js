// How the connection is, and the button to connect at once. Read aloud is a loss, once, and the return.

import { part, setText } from './dom.js';

const words = {
  connecting: 'Connecting…',
  online: 'Online',
  offline: 'Offline',
  signedOut: 'Signed out',
  closed: 'Disconnected',
};
const buttons = { closed: 'Connect again', signedOut: 'Try again' };
/** Only the site can sign its people in. */
const signInAgain = 'Sign in on this site, then try again.';

export class ConnectionView {
  #root;
  #connection;
  #announce;
  #timer = 0;
  #signal;
  /** What was last read aloud: nothing, offline, signedOut or closed. */
  #told = '';

  /** `announce(text)` has it read aloud. */
  constructor(root, connection, signal, announce) {
    this.#root = root;
    this.#connection = connection;
    this.#announce = announce;
    this.#signal = signal;
    connection.addEventListener('state', () => this.#render(), { signal });
    part(root, 'connect-now').addEventListener('click', () => this.#connectNow(), { signal });
    signal.addEventListener('abort', () => clearInterval(this.#timer));
    this.#render();
  }

  #render() {
    const { state, why, retryAt } = this.#connection.status;
    this.#root.dataset.connection = state;
    setText(part(this.#root, 'connection-word'), words[state]);
    this.#tell(state, why);
    // While an attempt is under way after a loss, the reason stays: no flicker between attempts.
    if (state === 'connecting') return setText(part(this.#root, 'trouble-when'), 'Connecting…');
    part(this.#root, 'trouble').hidden = state === 'online' || !why;
    setText(part(this.#root, 'trouble-why'), why);
    setText(part(this.#root, 'connect-now'), buttons[state] ?? 'Try now');
    clearInterval(this.#timer);
    if (this.#signal.aborted) return;
    this.#countDown(retryAt);
    if (state === 'offline') this.#timer = setInterval(() => this.#countDown(retryAt), 250);
  }

  /** However many attempts fail, a loss is announced once. Being refused is, after it: that asks for something. */
  #tell(state, why) {
    if (state === 'online' && this.#told) this.#announce('Connected again.');
    if (state === 'offline' && this.#told !== 'offline') this.#announce(`${why} Trying again by itself.`);
    if (state === 'signedOut' && this.#told !== 'signedOut') this.#announce(`${why} ${signInAgain}`);
    if (state === 'closed' && why && this.#told !== 'closed') this.#announce(`Disconnected: ${why}`);
    if (state !== 'connecting') this.#told = state === 'online' || !why ? '' : state;
  }

  /** A reader who asked for an attempt hears what came of it. */
  #connectNow() {
    this.#told = this.#told && 'asked';
    this.#connection.connect();
  }

  #countDown(retryAt) {
    const { state } = this.#connection.status;
    if (state === 'connecting') return;
    const seconds = Math.max(1, Math.ceil((retryAt - performance.now()) / 1000));
    const hint = state === 'signedOut' ? signInAgain : '';
    setText(part(this.#root, 'trouble-when'), retryAt ? `Trying again in ${seconds} s.` : hint);
  }
}
