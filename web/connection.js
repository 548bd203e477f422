// The connection to the server: one WebSocket after the other, registered, and reconnected after a loss.

import { reconnect_delay } from './backoff.js';
import { describe_close } from './close_codes.js';
import { decode, encode_registration } from './protocol.js';

/** How long the server may take to accept the socket and acknowledge the registration. */
const sign_in_limit_ms = 15_000;
/** How long a connection has to live before the backoff starts from the beginning again. */
const settled_after_ms = 5_000;
/** The attempt that the backoff goes on from after a close that asks to slow down. */
const slow_down_attempt = 3;

/** The address of the chat's socket, on the host that the page at `location` came from. */
export function socket_url(location) {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/chat`;
}

/**
 * States, each told by a `state` event with `detail` = { state, why, retry_at }:
 *   connecting  a socket is being opened or the registration is not acknowledged yet
 *   online      frames can be sent
 *   offline     lost; the next attempt is at `retry_at` (milliseconds since 1970), for the reason `why`
 *   closed      ended for the reason `why`, or not started: connects only when asked to
 * Every decoded frame is told by a `frame` event.
 */
export class Connection extends EventTarget {
  #url;
  #me;
  #socket = null;
  #attempt = 0;
  #retry_timer = 0;
  #sign_in_timer = 0;
  #settle_timer = 0;
  #environment = new AbortController();
  #status = { state: 'closed', why: '', retry_at: 0 };

  constructor(url, me) {
    super();
    this.#url = url;
    this.#me = me;
    const listen = { signal: this.#environment.signal };
    window.addEventListener('online', () => this.#wake(), listen);
    window.addEventListener('pageshow', () => this.#wake(), listen);
    document.addEventListener('visibilitychange', () => document.hidden || this.#wake(), listen);
  }

  get status() {
    return this.#status;
  }

  /** Opens a socket unless there is one. */
  connect() {
    clearTimeout(this.#retry_timer);
    if (this.#socket) return;
    this.#become({ state: 'connecting' });
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#sign_in_timer = setTimeout(() => this.#lost(socket, 1006), sign_in_limit_ms);
    socket.onopen = () => socket.send(encode_registration(this.#me));
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code, event.reason);
  }

  /** Sends a frame; false where that is not possible now. */
  send(text) {
    if (this.#status.state !== 'online' || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Bytes taken by `send` that have not left the browser yet. */
  get buffered() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Ends the connection for good. */
  close() {
    this.#environment.abort();
    this.#drop_socket();
    clearTimeout(this.#retry_timer);
    this.#become({ state: 'closed' });
  }

  #received(socket, data) {
    if (socket !== this.#socket || typeof data !== 'string') return;
    const frame = decode(data);
    if (this.#status.state === 'connecting') {
      if (frame.kind === 'acknowledgement') this.#registered();
      else if (frame.kind === 'error') return this.#refused(frame);
    }
    this.dispatchEvent(new CustomEvent('frame', { detail: frame }));
  }

  #registered() {
    clearTimeout(this.#sign_in_timer);
    this.#settle_timer = setTimeout(() => (this.#attempt = 0), settled_after_ms);
    this.#become({ state: 'online' });
  }

  /** The registration was not taken: the same one again would not be, unless the server says so. */
  #refused(frame) {
    if (frame.code === 'unavailable') return this.#lost(this.#socket, 1011);
    this.#drop_socket();
    this.#become({ state: 'closed', why: `The server did not accept the sign-in: ${frame.text || frame.code}.` });
  }

  #lost(socket, code, reason = '') {
    if (socket !== this.#socket) return;
    this.#drop_socket();
    const row = describe_close(code);
    const never_there = code === 1006 && this.#status.state === 'connecting';
    const text = never_there ? 'The server cannot be reached.' : row.text;
    const why = !row.reconnect && reason ? `${text} (${reason})` : text;
    if (!row.reconnect) return this.#become({ state: 'closed', why });
    if (row.slow_down) this.#attempt = Math.max(this.#attempt, slow_down_attempt);
    const delay = reconnect_delay(this.#attempt++, Math.random());
    this.#retry_timer = setTimeout(() => this.connect(), delay);
    this.#become({ state: 'offline', why, retry_at: Date.now() + delay });
  }

  #drop_socket() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#sign_in_timer);
    clearTimeout(this.#settle_timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** The network or the reader came back: no reason to wait any longer. */
  #wake() {
    if (this.#status.state === 'offline') this.connect();
  }

  #become({ state, why = '', retry_at = 0 }) {
    this.#status = { state, why, retry_at };
    this.dispatchEvent(new CustomEvent('state', { detail: this.#status }));
  }
}
