// The connection to the server: one WebSocket after the other, registered, and reconnected after a loss.

import { reconnectDelay, restartDelay } from './backoff.js';
import { describeClose } from './close_codes.js';
import { isAboutToken, isTemporary } from './error_codes.js';
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
/** The shortest and the longest wait before coming back that the server is believed. */
const leastAnnouncedMs = 500;
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
 *   connecting  the site is asked for a token, a socket is being opened, or the registration is not answered yet
 *   online      frames can be sent
 *   offline     lost; the next attempt is at `retryAt` (of performance.now()), for the reason `why`; announced again
 *               once more is known of the reason
 *   signedOut   the server accepts no token that there is: connects only when asked to, or with another one
 *   closed      ended for the reason `why`, or not started: connects only when asked to
 * Every decoded frame comes as a `frame` event: the `welcome` before the state becomes online. A `signedOut` event
 * with the server's error follows that state, and `tokenFailed` says that the site gave no token this time.
 */
export class Connection extends EventTarget {
  #url;
  #signIn;
  #registration;
  #environment;
  #socket = null;
  /** There while the site is asked for a token. */
  #asking;
  /** True if the server has said anything on this socket. */
  #answered = false;
  /** Sockets in a row on which it has said nothing, and what is known of the reason. */
  #unanswered = 0;
  #obstacle = '';
  #attempt = 0;
  /** When the server wants this client back, if it has said so: in how many ms, and the moment. */
  #announcedDelay = 0;
  #notBefore = 0;
  #heardAt = 0;
  #pingMs = 0;
  #retryTimer;
  #signInTimer;
  #settleTimer;
  #pulseTimer;
  /** The server's last error about the token. */
  #refusal = { code: 'unauthorized', text: '', guests: false };
  #lifetime = new AbortController();
  #status = { state: 'closed', why: '', retryAt: 0, code: 0 };

  /** `signIn`: see sign_in.js. `registration()` returns the frame to register with, made anew for each socket. */
  constructor({ url, signIn, registration, environment }) {
    super();
    this.#url = url;
    this.#signIn = signIn;
    this.#registration = registration;
    this.#environment = environment;
    environment.onWake(() => this.#wake(), this.#lifetime.signal);
  }

  get status() {
    return this.#status;
  }

  /** Connects unless it does so already. */
  connect() {
    this.#environment.clearTimer(this.#retryTimer);
    if (this.#socket || this.#asking) return;
    if (this.#status.state === 'signedOut') this.#beginAnew();
    this.#become({ state: 'connecting' });
    if (this.#signIn.ready) this.#open();
    else this.#askFirst();
  }

  /** There is another token: begins with it, unless a connection is there, which can be handed it. */
  startAnew() {
    const { state } = this.#status;
    if (state === 'closed' || state === 'online') return;
    this.#asking?.abort();
    this.#asking = undefined;
    this.#dropSocket();
    this.connect();
  }

  /** Sends a frame. Returns false if that is not possible now. */
  send(text) {
    if (this.#status.state !== 'online' || this.#socket.readyState !== open) return false;
    this.#socket.send(text);
    return true;
  }

  /** The server accepts no token that there is, or the site has none any more: stops, for the server's `error`. */
  signOut(error) {
    this.#dropSocket();
    this.#become({ state: 'signedOut', why: 'You are signed out.', code: 4401 });
    this.dispatchEvent(new CustomEvent('signedOut', { detail: error }));
  }

  /** Ends the connection for good. */
  close() {
    this.#lifetime.abort();
    this.#asking?.abort();
    this.#asking = undefined;
    this.#dropSocket();
    this.#environment.clearTimer(this.#retryTimer);
    this.#become({ state: 'closed' });
  }

  #beginAnew() {
    this.#attempt = 0;
    this.#signIn.begin();
  }

  async #askFirst() {
    const asking = new AbortController();
    this.#asking = asking;
    let goOn;
    try {
      goOn = await this.#signIn.prepare(asking.signal);
    } catch (error) {
      if (asking === this.#asking) this.#gotNoToken(error);
      return;
    }
    if (asking !== this.#asking) return;
    this.#asking = undefined;
    if (goOn) this.#open();
    else this.signOut(this.#refusal);
  }

  /** As a lost connection: it passes, or it does not. */
  #gotNoToken(error) {
    this.#asking = undefined;
    this.#comeBack({ delay: this.#backoff(), why: 'This site could not say just now who you are.' });
    this.dispatchEvent(new CustomEvent('tokenFailed', { detail: error }));
  }

  #open() {
    const socket = this.#environment.openSocket(this.#url);
    this.#socket = socket;
    this.#answered = false;
    this.#signInTimer = this.#environment.setTimer(() => this.#lost(socket, 1006), signInLimitMs);
    socket.onopen = () => socket.send(this.#registration());
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code, event.reason);
  }

  #received(socket, data) {
    if (socket !== this.#socket || typeof data !== 'string') return;
    this.#heardAt = this.#environment.now();
    const frame = decode(data);
    if (frame.kind !== 'invalid') this.#heardFromServer();
    if (frame.kind === 'error' && isAboutToken(frame.code)) return this.#tokenRefused(frame);
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

  /** A fresh token is tried, at once if this was a connection that lasted, so that nothing goes round in circles. */
  #tokenRefused(error) {
    this.#dropSocket();
    this.#refusal = error;
    if (!this.#signIn.refused()) return this.signOut(error);
    if (this.#attempt > 0)
      return this.#comeBack({ delay: this.#backoff(), why: 'The server asks again who you are.', code: 4401 });
    this.#attempt = 1;
    this.connect();
  }

  /** The registration was not taken: the same one again would not be, unless the error says so. */
  #refused(error) {
    const { code, text } = error;
    // It came too late.
    if (code === 'not_registered') return this.#lost(this.#socket, 1006);
    if (isTemporary(error)) return this.#putOff(error);
    // The token is of somebody else than this client is for.
    if (code === 'forbidden' && this.#signIn.hasToken) return this.signOut(error);
    this.#dropSocket();
    this.#become({ state: 'closed', why: `The server did not accept the sign-in: ${text || code}.` });
  }

  /** It may be taken later: not before `retryMs`, if the server says so. */
  #putOff({ text, retryMs }) {
    if (retryMs === 0) return this.#lost(this.#socket, 1011);
    this.#dropSocket();
    const wait = Math.min(retryMs, longestAnnouncedMs);
    this.#notBefore = this.#environment.now() + wait;
    this.#comeBack({ delay: wait + this.#backoff(), why: `The server asks to wait: ${text}.` });
  }

  /** A refusal, which is one only after an answer of Klatch's own, ends it; from anything else it comes back. */
  #lost(socket, code, reason = '') {
    if (socket !== this.#socket) return;
    if (code === 4401 && isAboutToken(reason)) return this.#tokenRefused({ code: reason, text: '', guests: false });
    this.#dropSocket();
    const { refusal, slowDown, restarts, text } = describeClose(code);
    if (refusal && this.#answered)
      return this.#become({ state: 'closed', why: reason ? `${text} (${reason})` : text, code });
    if (slowDown) this.#attempt = Math.max(this.#attempt, slowDownAttempt);
    const neverThere = this.#status.state === 'connecting' && (refusal || code === 1006);
    const why = neverThere ? this.#obstacle || 'The connection could not be made.' : text;
    this.#comeBack({ delay: this.#delayAfter(restarts), why, code });
    if (!this.#answered && ++this.#unanswered >= askAfterFailures) this.#findObstacle();
  }

  /** What the server has announced, to which nothing is added: it spreads its clients itself. */
  #delayAfter(restarts) {
    const announced = this.#announcedDelay;
    this.#announcedDelay = 0;
    const own = Math.max(this.#backoff(), restarts ? restartDelay(this.#environment.random()) : 0);
    if (announced < leastAnnouncedMs) return own;
    this.#notBefore = this.#environment.now() + announced;
    return announced;
  }

  #backoff() {
    return reconnectDelay(this.#attempt++, this.#environment.random());
  }

  #comeBack({ delay, why, code }) {
    const { now, setTimer } = this.#environment;
    this.#retryTimer = setTimer(() => this.connect(), delay);
    this.#become({ state: 'offline', why, retryAt: now() + delay, code });
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

  /**
   * The network or the reader came back: no reason to wait any longer, unless the server asks for it, and to trust a
   * connection unasked.
   */
  #wake() {
    if (this.#status.state === 'offline') this.#environment.now() >= this.#notBefore && this.connect();
    else if (this.#status.state === 'online') this.#probe();
  }

  #become({ state, why = '', retryAt = 0, code = 0 }) {
    this.#status = { state, why, retryAt, code };
    this.dispatchEvent(new CustomEvent('state', { detail: this.#status }));
  }
}
