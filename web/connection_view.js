// How the connection is, for eyes and for screen readers, and the button to connect at once.

import { by_id, set_text } from './dom.js';

const words = { connecting: 'Connecting…', online: 'Online', offline: 'Offline', closed: 'Disconnected' };

export class ConnectionView {
  #connection;
  #timer = 0;
  #signal;

  constructor(connection, signal) {
    this.#connection = connection;
    this.#signal = signal;
    connection.addEventListener('state', () => this.#render(), { signal });
    by_id('connect-now').addEventListener('click', () => connection.connect(), { signal });
    signal.addEventListener('abort', () => clearInterval(this.#timer));
    this.#render();
  }

  #render() {
    const { state, why, retry_at } = this.#connection.status;
    by_id('chat').dataset.connection = state;
    set_text(by_id('connection-word'), words[state]);
    set_text(by_id('connection-detail'), spoken(state, why));
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

  #count_down(retry_at) {
    if (this.#connection.status.state === 'connecting') return;
    const seconds = Math.max(1, Math.ceil((retry_at - performance.now()) / 1000));
    set_text(by_id('trouble-when'), retry_at ? `Trying again in ${seconds} s.` : '');
  }
}

/** What a screen reader adds to the word. */
function spoken(state, why) {
  if (state === 'offline') return `: ${why} Trying again by itself.`;
  return state === 'closed' && why ? `: ${why}` : '';
}
