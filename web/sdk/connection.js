// The connection to the server: one WebSocket after the other, registered, and reconnected after a loss.

import { reconnect_delay } from './backoff.js';
import { describe_close } from './close_codes.js';
import { describe_health } from './health.js';
import { decode, ping_frame } from './protocol.js';
import { Told } from './told.js';

/** How long the server may take to accept the socket and welcome the registration. */
const sign_in_limit_ms = 15_000;
/** How long a connection has to live before the backoff starts from the beginning again. */
const settled_after_ms = 5_000;
/** The attempt that the backoff goes on from after a close that asks to slow down. */
const slow_down_attempt = 3;
/** After this many sockets in a row on which the server said nothing it is asked what is wrong. */
const ask_after_failures = 2;
/** Errors of a registration that say nothing against it: it came too late, or the server cannot take it just now. */
const not_refusals = new Set(['not_registered', 'rate_limited', 'unavailable']);
/** The longest wait before coming back that the server is believed. */
const longest_announced_ms = 60 * 60_000;
/** How long an answer to a ping may take. */
const pong_limit_ms = 10_000;
/** WebSocket.OPEN, which a fake socket's environment need not have. */
const open = 1;

/** The address of the chat's socket for a page whose URLs are relative to `base`: it stands beside the page. */
export function socket_url(base) {
  const url = new URL('chat', base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/**
 * States, each told by a `state` event with `detail` = { state, why, retry_at, code }; `code` is that of the close:
 *   connecting  a socket is being opened or the registration is not answered yet
 *   online      frames can be sent
 *   offline     lost; the next attempt is at `retry_at` (of performance.now()), for the reason `why`; told again once
 *               more is known of the reason
 *   closed      ended for the reason `why`, or not started: connects only when asked to
 * Every decoded frame is told by a `frame` event: the `welcome` before the state becomes online.
 */
export class Connection extends EventTarget {
  #url;
  #registration;
  #environment;
  #socket = null;
  /** Whether the server has said anything on this socket. */
  #answered = false;
  /** Sockets in a row on which it has said nothing, and what is known of the reason. */
  #unanswered = 0;
  #obstacle = '';
  #attempt = 0;
  #announced_delay = 0;
  #heard_at = 0;
  #ping_ms = 0;
  #retry_timer;
  #sign_in_timer;
  #settle_timer;
  #pulse_timer;
  #lifetime = new AbortController();
  #status = { state: 'closed', why: '', retry_at: 0, code: 0 };

  /** `registration()` returns the frame to register with, made anew for each socket. */
  constructor(url, registration, environment) {
    super();
    this.#url = url;
    this.#registration = registration;
    this.#environment = environment;
    environment.on_wake(() => this.#wake(), this.#lifetime.signal);
  }

  get status() {
    return this.#status;
  }

  /** Opens a socket unless there is one. */
  connect() {
    this.#environment.clear_timer(this.#retry_timer);
    if (this.#socket) return;
    this.#become({ state: 'connecting' });
    const socket = this.#environment.open_socket(this.#url);
    this.#socket = socket;
    this.#answered = false;
    this.#sign_in_timer = this.#environment.set_timer(() => this.#lost(socket, 1006), sign_in_limit_ms);
    socket.onopen = () => socket.send(this.#registration());
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code, event.reason);
  }

  /** Sends a frame; false where that is not possible now. */
  send(text) {
    if (this.#status.state !== 'online' || this.#socket.readyState !== open) return false;
    this.#socket.send(text);
    return true;
  }

  /** Ends the connection for good. */
  close() {
    this.#lifetime.abort();
    this.#drop_socket();
    this.#environment.clear_timer(this.#retry_timer);
    this.#become({ state: 'closed' });
  }

  #received(socket, data) {
    if (socket !== this.#socket || typeof data !== 'string') return;
    this.#heard_at = this.#environment.now();
    const frame = decode(data);
    if (frame.kind !== 'invalid') this.#heard_from_server();
    if (this.#status.state === 'connecting') {
      if (frame.kind === 'error') return this.#refused(frame);
      if (frame.kind === 'acknowledgement') return this.#refused({ text: 'it speaks an older dialect than this page' });
    }
    if (frame.kind === 'reconnect') this.#announced_delay = Math.min(frame.after_ms, longest_announced_ms);
    this.dispatchEvent(new Told('frame', frame));
    if (frame.kind === 'welcome' && this.#status.state === 'connecting') this.#registered(frame);
  }

  #heard_from_server() {
    this.#answered = true;
    this.#unanswered = 0;
    this.#obstacle = '';
  }

  #registered({ ping_ms }) {
    const { clear_timer, set_timer } = this.#environment;
    clear_timer(this.#sign_in_timer);
    this.#settle_timer = set_timer(() => (this.#attempt = 0), settled_after_ms);
    this.#ping_ms = ping_ms;
    this.#watch();
    this.#become({ state: 'online' });
  }

  /** The registration was not taken: the same one again would not be, unless the error says so. */
  #refused({ code, text, temporary }) {
    if (temporary || not_refusals.has(code)) return this.#lost(this.#socket, code === 'not_registered' ? 1006 : 1011);
    this.#drop_socket();
    this.#become({ state: 'closed', why: `The server did not accept the sign-in: ${text || code}.` });
  }

  /** A refusal, which is one only after an answer of Klatch's own, ends it; from anything else it comes back. */
  #lost(socket, code, reason = '') {
    if (socket !== this.#socket) return;
    this.#drop_socket();
    const { refusal, slow_down, text } = describe_close(code);
    if (refusal && this.#answered)
      return this.#become({ state: 'closed', why: reason ? `${text} (${reason})` : text, code });
    if (slow_down) this.#attempt = Math.max(this.#attempt, slow_down_attempt);
    const { now, random, set_timer } = this.#environment;
    const delay = Math.max(reconnect_delay(this.#attempt++, random()), this.#announced_delay);
    this.#announced_delay = 0;
    this.#retry_timer = set_timer(() => this.connect(), delay);
    const never_there = this.#status.state === 'connecting' && (refusal || code === 1006);
    const why = never_there ? this.#obstacle || 'The connection could not be made.' : text;
    this.#become({ state: 'offline', why, retry_at: now() + delay, code });
    if (!this.#answered && ++this.#unanswered >= ask_after_failures) this.#find_obstacle();
  }

  /** Why no socket gets an answer; told at once where it is still so. */
  async #find_obstacle() {
    const health = await this.#environment.ask_health(this.#url);
    if (this.#unanswered === 0 || this.#lifetime.signal.aborted) return;
    this.#obstacle = describe_health(health);
    const { state, why } = this.#status;
    if (state === 'offline' && why !== this.#obstacle) this.#become({ ...this.#status, why: this.#obstacle });
  }

  #drop_socket() {
    const socket = this.#socket;
    this.#socket = null;
    for (const timer of [this.#sign_in_timer, this.#settle_timer, this.#pulse_timer])
      this.#environment.clear_timer(timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** Asks after a server that has been silent; a browser does not tell a page of the server's own pings. */
  #watch() {
    if (this.#ping_ms === 0) return;
    const silent_for = this.#environment.now() - this.#heard_at;
    if (silent_for >= this.#ping_ms) return this.#probe();
    this.#pulse_timer = this.#environment.set_timer(() => this.#watch(), this.#ping_ms - silent_for);
  }

  #probe() {
    const { clear_timer, now, set_timer } = this.#environment;
    const socket = this.#socket;
    const asked_at = now();
    this.send(ping_frame);
    clear_timer(this.#pulse_timer);
    this.#pulse_timer = set_timer(
      () => (this.#heard_at >= asked_at ? this.#watch() : this.#lost(socket, 1006)),
      pong_limit_ms,
    );
  }

  /** The network or the reader came back: no reason to wait any longer, and to trust a connection unasked. */
  #wake() {
    if (this.#status.state === 'offline') this.connect();
    else if (this.#status.state === 'online') this.#probe();
  }

  #become({ state, why = '', retry_at = 0, code = 0 }) {
    this.#status = { state, why, retry_at, code };
    this.dispatchEvent(new Told('state', this.#status));
  }
}
