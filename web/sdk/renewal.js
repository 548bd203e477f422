// Hands the server a newer token of the same user while the last one counts, on the open connection.

import { reconnectDelay } from './backoff.js';
import { encodeRefresh } from './protocol.js';

/** Which part of what is left of a token's life passes before the next one is asked for, and its spread by chance. */
const part = 0.8;
const spread = 0.05;
/** The least time between two renewals, whatever clocks and tokens say. */
const leastPauseMs = 5_000;
/** The server says `expiring` this long before the end: what would be planned for then is left to it. */
const serverSaysMs = 25_000;
/** How long the server's answer may take. */
const answerLimitMs = 15_000;
const longestWaitMs = 2 ** 31 - 1;

/**
 * When a token runs out is said in the server's time, and this device's clock may be wrong: it makes a renewal early or
 * late, but not often, and the server's `expiring` comes in time if it makes none. If a token that was accepted has run
 * out by this clock, or is about to, `expiring` alone counts.
 */
export class Renewal {
  #environment;
  #signIn;
  #send;
  #onFailed;
  #onNobody;
  #timer;
  #asking;
  #lastAt = -Infinity;
  #failures = 0;
  #nextRef = 1;
  /** What the server has been handed and has not answered: { ref, token }. */
  #handedIn;

  /**
   * `send(text)` hands a frame to the connection. `onFailed(error)` is called when the site gives no token, which is
   * tried again; `onNobody()` when it says that nobody is signed in any more.
   */
  constructor({ environment, signIn, send, onFailed, onNobody }) {
    this.#environment = environment;
    this.#signIn = signIn;
    this.#send = send;
    this.#onFailed = onFailed;
    this.#onNobody = onNobody;
  }

  /** A connection is there, whose token runs out at `exp`; a guest's life begins anew with each use. */
  welcomed({ exp, token }) {
    this.stop();
    if (this.#signIn.isGuest && token === '') this.#after(leastPauseMs);
    else this.#plan(exp);
  }

  /** The server takes the token that it was handed. */
  refreshed({ exp, token, ref }) {
    const given = this.#handedIn;
    if (ref !== undefined && ref !== given?.ref) return;
    this.#handedIn = undefined;
    this.#failures = 0;
    if (given) this.#signIn.took(given.token);
    if (this.#signIn.isGuest) this.#signIn.took(token);
    this.#plan(exp);
  }

  /** The server says that it is time. */
  expiring() {
    if (this.#signIn.canRenew && !this.#asking && !this.#handedIn) this.#after(0);
  }

  /** There is a token from elsewhere: it is handed in at once. */
  startAnew() {
    this.stop();
    this.#after(0);
  }

  /** Returns whether an error was about a token that was handed in. One of somebody else will never be taken. */
  refused({ ref, temporary }) {
    if (ref === undefined || ref !== this.#handedIn?.ref) return false;
    this.#handedIn = undefined;
    this.#environment.clearTimer(this.#timer);
    if (temporary) this.#again();
    return true;
  }

  /** The connection has gone, or its token does not come from here any more. */
  stop() {
    this.#asking?.abort();
    this.#asking = this.#handedIn = undefined;
    this.#failures = 0;
    this.#environment.clearTimer(this.#timer);
  }

  #plan(exp) {
    const { date, random, clearTimer } = this.#environment;
    clearTimer(this.#timer);
    const left = exp * 1000 - date();
    if (this.#signIn.canRenew && left > serverSaysMs) this.#after(left * (part + spread * (2 * random() - 1)));
  }

  /** Renews in `ms`, or as soon after the last time as may be. */
  #after(ms) {
    const { clearTimer, now, setTimer } = this.#environment;
    clearTimer(this.#timer);
    const wait = Math.max(ms, this.#lastAt + leastPauseMs - now());
    this.#timer = setTimer(() => this.#renew(), Math.min(wait, longestWaitMs));
  }

  async #renew() {
    this.#lastAt = this.#environment.now();
    const asking = new AbortController();
    this.#asking = asking;
    let token;
    try {
      token = await this.#signIn.renewed(asking.signal);
    } catch (error) {
      if (asking === this.#asking) this.#failed(error);
      return;
    }
    if (asking !== this.#asking) return;
    this.#asking = undefined;
    if (token === '') return this.#onNobody();
    this.#handIn(token);
  }

  #handIn(token) {
    const ref = `t${this.#nextRef++}`;
    this.#handedIn = { ref, token };
    if (!this.#send(encodeRefresh(token, ref))) return;
    const late = () => {
      this.#handedIn = undefined;
      this.#again();
    };
    this.#timer = this.#environment.setTimer(late, answerLimitMs);
  }

  #failed(error) {
    this.#asking = undefined;
    this.#onFailed(error);
    this.#again();
  }

  #again() {
    this.#after(Math.max(leastPauseMs, reconnectDelay(this.#failures++, this.#environment.random())));
  }
}
