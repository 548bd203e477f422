// The connection to the server: one WebSocket after the other, registered, and reconnected after a loss.

import { reconnectDelay } from './backoff.js';
import { describeClose } from './close_codes.js';
import { isTemporary } from './error_codes.js';
import { describeHealth } from './health.js';
import { decode, pingFrame } from './protocol.js';

/** How long the server may take to accept the socket and welcome the registration. */
const signInLimitMs = 15_000;
/** How long a connection has to live before the backoff starts from the beginning again. */
const settledAfterMs = 5_000;
/** The attempt that the backoff goes on from after a close that asks to slow down. */
const slowDownAttempt = 3;
/** After this many sockets in a row on which the server said nothing it is asked what is wrong. */
const askAfterFailures = 2;
/** The longest wait before coming back that the server is believed. */
const longestAnnouncedMs = 60 * 60_000;
/** How long an answer to a ping may take. */
const pongLimitMs = 10_000;
/** WebSocket.OPEN, which a fake socket's environment need not have. */
const open = 1;

/** The address of the chat's socket for a page whose URLs are relative to `base`: it stands beside the page. */
export function socketUrl(base) {
  const url = new URL('chat', base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/**
 * States, each announced by a `state` event with `detail` = { state, why, retryAt, code }; `code` is that of the close:
 *   connecting  a socket is being opened or the registration is not answered yet
 *   online      frames can be sent
 *   offline     lost; the next attempt is at `retryAt` (of performance.now()), for the reason `why`; announced again
 *               once more is known of the reason
 *   closed      ended for the reason `why`, or not started: connects only when asked to
 * Every decoded frame comes as a `frame` event: the `welcome` before the state becomes online.
 */
export class Connection extends EventTarget {
  #url;
  #registration;
  #environment;
  #socket = null;
  /** True if the server has said anything on this socket. */
  #answered = false;
  /** Sockets in a row on which it has said nothing, and what is known of the reason. */
  #unanswered = 0;
  #obstacle = '';
  #attempt = 0;
  #announcedDelay = 0;
  #heardAt = 0;
  #pingMs = 0;
  #retryTimer;
  #signInTimer;
  #settleTimer;
  #pulseTimer;
  #lifetime = new AbortController();
  #status = { state: 'closed', why: '', retryAt: 0, code: 0 };

  /** `registration()` returns the frame to register with, made anew for each socket. */
  constructor(url, registration, environment) {
    super();
    this.#url = url;
    this.#registration = registration;
    this.#environment = environment;
    environment.onWake(() => this.#wake(), this.#lifetime.signal);
  }

  get status() {
    return this.#status;
  }

  /** Opens a socket unless there is one. */
  connect() {
    this.#environment.clearTimer(this.#retryTimer);
    if (this.#socket) return;
    this.#become({ state: 'connecting' });
    const socket = this.#environment.openSocket(this.#url);
    this.#socket = socket;
    this.#answered = false;
    this.#signInTimer = this.#environment.setTimer(() => this.#lost(socket, 1006), signInLimitMs);
    socket.onopen = () => socket.send(this.#registration());
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code, event.reason);
  }

  /** Sends a frame. Returns false if that is not possible now. */
  send(text) {
    if (this.#status.state !== 'online' || this.#socket.readyState !== open) return false;
    this.#socket.send(text);
    return true;
  }

  /** Ends the connection for good. */
  close() {
    this.#lifetime.abort();
    this.#dropSocket();
    this.#environment.clearTimer(this.#retryTimer);
    this.#become({ state: 'closed' });
  }

  #received(socket, data) {
    if (socket !== this.#socket || typeof data !== 'string') return;
    this.#heardAt = this.#environment.now();
    const frame = decode(data);
    if (frame.kind !== 'invalid') this.#heardFromServer();
    if (this.#status.state === 'connecting') {
      if (frame.kind === 'error') return this.#refused(frame);
      if (frame.kind === 'acknowledgement') return this.#refused({ text: 'it speaks an older dialect than this page' });
    }
    if (frame.kind === 'reconnect') this.#announcedDelay = Math.min(frame.afterMs, longestAnnouncedMs);
    this.dispatchEvent(new CustomEvent('frame', { detail: frame }));
    if (frame.kind === 'welcome' && this.#status.state === 'connecting') this.#registered(frame);
  }

  #heardFromServer() {
    this.#answered = true;
    this.#unanswered = 0;
    this.#obstacle = '';
  }

  #registered({ pingMs }) {
    const { clearTimer, setTimer } = this.#environment;
    clearTimer(this.#signInTimer);
    this.#settleTimer = setTimer(() => (this.#attempt = 0), settledAfterMs);
    this.#pingMs = pingMs;
    this.#watch();
    this.#become({ state: 'online' });
  }

  /** The registration was not taken: the same one again would not be, unless the error says so. */
  #refused(error) {
    const { code, text } = error;
    // It came too late.
    if (code === 'not_registered') return this.#lost(this.#socket, 1006);
    if (isTemporary(error)) return this.#lost(this.#socket, 1011);
    this.#dropSocket();
    this.#become({ state: 'closed', why: `The server did not accept the sign-in: ${text || code}.` });
  }

  /** A refusal, which is one only after an answer of Klatch's own, ends it; from anything else it comes back. */
  #lost(socket, code, reason = '') {
    if (socket !== this.#socket) return;
    this.#dropSocket();
    const { refusal, slowDown, text } = describeClose(code);
    if (refusal && this.#answered)
      return this.#become({ state: 'closed', why: reason ? `${text} (${reason})` : text, code });
    if (slowDown) this.#attempt = Math.max(this.#attempt, slowDownAttempt);
    const { now, random, setTimer } = this.#environment;
    // The server has spread its clients already: what it says is not added to.
    const delay = this.#announcedDelay || reconnectDelay(this.#attempt++, random());
    this.#announcedDelay = 0;
    this.#retryTimer = setTimer(() => this.connect(), delay);
    const neverThere = this.#status.state === 'connecting' && (refusal || code === 1006);
    const why = neverThere ? this.#obstacle || 'The connection could not be made.' : text;
    this.#become({ state: 'offline', why, retryAt: now() + delay, code });
    if (!this.#answered && ++this.#unanswered >= askAfterFailures) this.#findObstacle();
  }

  /** Why no socket gets an answer; announced at once if it is still so. */
  async #findObstacle() {
    const health = await this.#environment.askHealth(this.#url);
    if (this.#unanswered === 0 || this.#lifetime.signal.aborted) return;
    this.#obstacle = describeHealth(health);
    const { state, why } = this.#status;
    if (state === 'offline' && why !== this.#obstacle) this.#become({ ...this.#status, why: this.#obstacle });
  }

  #dropSocket() {
    const socket = this.#socket;
    this.#socket = null;
    for (const timer of [this.#signInTimer, this.#settleTimer, this.#pulseTimer])
      this.#environment.clearTimer(timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** Asks after a server that has been silent; a browser does not show a page the server's own pings. */
  #watch() {
    if (this.#pingMs === 0) return;
    const silentFor = this.#environment.now() - this.#heardAt;
    if (silentFor >= this.#pingMs) return this.#probe();
    this.#pulseTimer = this.#environment.setTimer(() => this.#watch(), this.#pingMs - silentFor);
  }

  #probe() {
    const { clearTimer, now, setTimer } = this.#environment;
    const socket = this.#socket;
    const askedAt = now();
    this.send(pingFrame);
    clearTimer(this.#pulseTimer);
    this.#pulseTimer = setTimer(
      () => (this.#heardAt >= askedAt ? this.#watch() : this.#lost(socket, 1006)),
      pongLimitMs,
    );
  }

  /** The network or the reader came back: no reason to wait any longer, and to trust a connection unasked. */
  #wake() {
    if (this.#status.state === 'offline') this.connect();
    else if (this.#status.state === 'online') this.#probe();
  }

  #become({ state, why = '', retryAt = 0, code = 0 }) {
    this.#status = { state, why, retryAt, code };
    this.dispatchEvent(new CustomEvent('state', { detail: this.#status }));
  }
}
