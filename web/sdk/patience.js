// How long a window waits for another one, whose turn it is to send, before it does so itself.

/** A window that works has news within this time; `spreadMs` more by chance, so that of several one comes first. */
const leastMs = 5_000;
const spreadMs = 3_000;

export class Patience {
  #environment;
  #onEnd;
  #timer;

  /** `onEnd()` is called when `renew` has not been for some seconds. */
  constructor(environment, onEnd) {
    this.#environment = environment;
    this.#onEnd = onEnd;
  }

  get waiting() {
    return this.#timer !== undefined;
  }

  /** The other one works, or has said that it rests for `restMs`. */
  renew(restMs = 0) {
    this.stop();
    const { random, setTimer } = this.#environment;
    this.#timer = setTimer(() => this.#end(), restMs + leastMs + spreadMs * random());
  }

  stop() {
    this.#environment.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #end() {
    this.#timer = undefined;
    this.#onEnd();
  }
}
