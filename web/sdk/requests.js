// Requests to the server and their answers.

import { isTemporary } from './error_codes.js';

/** How many requests are under way at a time: more than one only if the server says which one it answers. */
const mostSideBySide = 8;
/** How many more may wait. */
const mostWaiting = 32;
const answerLimitMs = 15_000;
const mostAttempts = 4;
const pauseMs = 1_000;
/** The longest wait that an error of the server is believed. */
const longestPauseMs = 60_000;

/** Why a request has no answer: `code` is the server's, or offline, timeout, busy. */
export class RequestError extends Error {
  constructor(code, text = code) {
    super(text);
    this.code = code;
  }
}

/**
 * Each request carries a `ref`, by which a server names what it answers. One of an older version does not: then there
 * is one request at a time, and an answer is known by what it is. `send(text)` hands a frame to the connection and
 * returns false if that is not possible now.
 */
export class Requests {
  #environment;
  #send;
  #nextRef = 1;
  #sideBySide = 1;
  #waiting = [];
  /** By ref, the oldest first. */
  #underWay = new Map();

  constructor(environment, send) {
    this.#environment = environment;
    this.#send = send;
  }

  /** A connection is there; `echoes` is whether its server returns the `ref` of what it answers. */
  online(echoes) {
    this.#sideBySide = echoes ? mostSideBySide : 1;
  }

  /** Sends `encode(ref)`; resolves to the answer, a frame that `answers(frame)` takes for one. */
  ask(encode, answers) {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= mostWaiting) return reject(new RequestError('busy'));
      const ref = `r${this.#nextRef++}`;
      this.#waiting.push({ ref, text: encode(ref), answers, resolve, reject, attempts: 0 });
      this.#next();
    });
  }

  /** Returns whether `frame` was an answer that is waited for. */
  answered(frame) {
    const request = this.#concerned(frame);
    if (!request?.answers(frame)) return false;
    this.#finish(request).resolve(frame);
    return true;
  }

  /**
   * Returns whether an error was about a request that is under way: the one that its `ref` names. A server that names
   * none means the only one.
   */
  refused(error) {
    const request = this.#concerned(error);
    if (!request) return false;
    const { code, text, retryMs } = error;
    if (!isTemporary(error) || request.attempts >= mostAttempts) this.#finish(request).reject(new RequestError(code, text));
    else this.#arm(request, () => this.#try(request), Math.min(retryMs || pauseMs, longestPauseMs));
    return true;
  }

  /** The connection has gone, and with it every answer. */
  offline() {
    const open = [...this.#underWay.values(), ...this.#waiting];
    for (const { timer } of open) this.#environment.clearTimer(timer);
    this.#underWay.clear();
    this.#waiting = [];
    for (const { reject } of open) reject(new RequestError('offline'));
  }

  #concerned({ ref }) {
    if (ref !== undefined) return this.#underWay.get(ref);
    return this.#sideBySide === 1 ? this.#underWay.values().next().value : undefined;
  }

  #next() {
    if (this.#underWay.size >= this.#sideBySide) return;
    const request = this.#waiting.shift();
    if (!request) return;
    this.#underWay.set(request.ref, request);
    this.#try(request);
  }

  #try(request) {
    ++request.attempts;
    this.#arm(request, () => this.#finish(request).reject(new RequestError('timeout')), answerLimitMs);
    if (!this.#send(request.text)) this.#finish(request).reject(new RequestError('offline'));
  }

  #arm(request, action, ms) {
    this.#environment.clearTimer(request.timer);
    request.timer = this.#environment.setTimer(action, ms);
  }

  /** Ends a request, and sends the next. */
  #finish(request) {
    this.#environment.clearTimer(request.timer);
    this.#underWay.delete(request.ref);
    this.#next();
    return request;
  }
}
