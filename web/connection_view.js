// How the connection is, and the button to connect at once. Read aloud is a loss, once, and the return.

import { by_id, set_text } from './dom.js';

const words = { connecting: 'Connecting…', online: 'Online', offline: 'Offline', closed: 'Disconnected' };

export class ConnectionView {
  #connection;
  #announce;
  #timer = 0;
  #signal;
  /** What was last read aloud: nothing, offline or closed. */
  #told = '';

  /** `announce(text)` has it read aloud. */
  constructor(connection, signal, announce) {
    this.#connection = connection;
    this.#announce = announce;
    this.#signal = signal;
    connection.addEventListener('state', () => this.#render(), { signal });
    by_id('connect-now').addEventListener('click', () => this.#connect_now(), { signal });
    signal.addEventListener('abort', () => clearInterval(this.#timer));
    this.#render();
  }

  #render() {
    const { state, why, retry_at } = this.#connection.status;
    by_id('chat').dataset.connection = state;
    set_text(by_id('connection-word'), words[state]);
    this.#tell(state, why);
    // While an attempt is under way after a loss, the reason stays: no flicker between attempts.
    if (state === 'connecting') return set_text(by_id('trouble-when'), 'Connecting…');
    by_id('trouble').hidden = state === 'online' || !why;
    set_text(by_id('trouble-why'), why);
    set_text(by_id('connect-now'), state === 'closed' ? 'Connect again' : 'Try now');
    clearInterval(this.#timer);
    if (this.#signal.aborted) return;
    this.#count_down(retry_at);
    if (state === 'offline') this.#timer = setInterval(() => this.#count_down(retry_at), 250);
  }

  /** However many attempts fail, a loss is told once; being refused is told after it, since that asks for something. */
  #tell(state, why) {
    if (state === 'online' && this.#told) this.#announce('Connected again.');
    if (state === 'offline' && this.#told !== 'offline') this.#announce(`${why} Trying again by itself.`);
    if (state === 'closed' && why && this.#told !== 'closed') this.#announce(`Disconnected: ${why}`);
    if (state !== 'connecting') this.#told = state === 'online' || !why ? '' : state;
  }

  /** Who asked for an attempt is told what came of it. */
  #connect_now() {
    this.#told = this.#told && 'asked';
    this.#connection.connect();
  }

  #count_down(retry_at) {
    if (this.#connection.status.state === 'connecting') return;
    const seconds = Math.max(1, Math.ceil((retry_at - performance.now()) / 1000));
    set_text(by_id('trouble-when'), retry_at ? `Trying again in ${seconds} s.` : '');
  }
}
