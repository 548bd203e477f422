// How long a window waits for another one, whose turn it is to send, before it does so itself.

/** A window that works has news within this time; `spread_ms` more by chance, so that of several one comes first. */
const least_ms = 5_000;
const spread_ms = 3_000;

export class Patience {
  #environment;
  #on_end;
  #timer;

  /** `on_end()` is called when `renew` has not been for some seconds. */
  constructor(environment, on_end) {
    this.#environment = environment;
    this.#on_end = on_end;
  }

  get waiting() {
    return this.#timer !== undefined;
  }

  /** The other one works, or has said that it rests for `rest_ms`. */
  renew(rest_ms = 0) {
    this.stop();
    const { random, set_timer } = this.#environment;
    this.#timer = set_timer(() => this.#end(), rest_ms + least_ms + spread_ms * random());
  }

  stop() {
    this.#environment.clear_timer(this.#timer);
    this.#timer = undefined;
  }

  #end() {
    this.#timer = undefined;
    this.#on_end();
  }
}
