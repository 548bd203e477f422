// Questions to the server and their answers: one question at a time, so that each answer is known for what it is.

/** How many questions may wait for their turn. */
const mostWaiting = 32;
const answerLimitMs = 15_000;
const mostAttempts = 4;
const pauseMs = 1_000;
/** The longest wait that an error of the server is believed. */
const longestPauseMs = 60_000;

/** Why a question has no answer: `code` is the server's, or offline, timeout, busy. */
export class RequestError extends Error {
  constructor(code, text = code) {
    super(text);
    this.code = code;
  }
}

/** `send(text)` hands a frame to the connection; false where that is not possible now. */
export class Requests {
  #environment;
  #send;
  #waiting = [];
  #current;

  constructor(environment, send) {
    this.#environment = environment;
    this.#send = send;
  }

  /** Sends `text`; resolves to the first frame after it that `answers` takes for its answer. */
  ask(text, answers) {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= mostWaiting) return reject(new RequestError('busy'));
      this.#waiting.push({ text, answers, resolve, reject, attempts: 0 });
      if (!this.#current) this.#next();
    });
  }

  /** Whether `frame` was the answer that is waited for. */
  answered(frame) {
    if (!this.#current?.answers(frame)) return false;
    this.#finish().resolve(frame);
    return true;
  }

  /** An error that names no message is taken to be about the question that is open; false where there is none. */
  refused({ code, text, retryMs, temporary }) {
    const current = this.#current;
    if (!current) return false;
    const again = temporary || code === 'rate_limited' || code === 'unavailable';
    if (!again || current.attempts >= mostAttempts) this.#finish().reject(new RequestError(code, text));
    else this.#arm(() => this.#try(), Math.min(retryMs || pauseMs, longestPauseMs));
    return true;
  }

  /** The connection has gone, and with it every answer. */
  offline() {
    const open = this.#current ? [this.#current, ...this.#waiting] : this.#waiting;
    this.#environment.clearTimer(this.#current?.timer);
    this.#current = undefined;
    this.#waiting = [];
    for (const { reject } of open) reject(new RequestError('offline'));
  }

  #next() {
    this.#current = this.#waiting.shift();
    if (this.#current) this.#try();
  }

  #try() {
    ++this.#current.attempts;
    this.#arm(() => this.#finish().reject(new RequestError('timeout')), answerLimitMs);
    if (!this.#send(this.#current.text)) this.#finish().reject(new RequestError('offline'));
  }

  #arm(action, ms) {
    this.#environment.clearTimer(this.#current.timer);
    this.#current.timer = this.#environment.setTimer(action, ms);
  }

  /** Ends the current question, and asks the next. */
  #finish() {
    const done = this.#current;
    this.#environment.clearTimer(done.timer);
    this.#next();
    return done;
  }
}
