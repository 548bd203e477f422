// Tells the server what has arrived and what has been read: not each time, but a few times a second at most.

import { encode_read, encode_received } from './protocol.js';

const flush_after_ms = 200;
/** How many read marks are sent again after a reconnect: those that the lost connection may have swallowed. */
const most_resent = 32;

/** Marks only ever rise. `send(text)` hands a frame to the connection; false where that is not possible now. */
export class Marks {
  #environment;
  #send;
  #timer;
  #received = 0;
  #received_sent = 0;
  #unsent = new Map();
  #sent = new Map();

  constructor(environment, send) {
    this.#environment = environment;
    this.#send = send;
  }

  /** All entries up to `seq` are here. */
  received(seq) {
    this.#received = Math.max(this.#received, seq);
    this.#schedule();
  }

  /** The messages with `partner` are read up to number `n`. */
  read(partner, n) {
    if (n <= Math.max(this.#unsent.get(partner) ?? 0, this.#sent.get(partner) ?? 0)) return;
    this.#unsent.set(partner, n);
    this.#schedule();
  }

  /** A connection to the same log: what the last one may have swallowed is said again. */
  resumed() {
    this.#received_sent = 0;
    this.#unsent = new Map([...this.#sent, ...this.#unsent]);
    this.#sent.clear();
    this.#schedule();
  }

  /** A connection to another log, whose numbers are others. */
  started_over() {
    this.#received = this.#received_sent = 0;
    this.#unsent.clear();
    this.#sent.clear();
  }

  close() {
    this.#environment.clear_timer(this.#timer);
  }

  #schedule() {
    this.#timer ??= this.#environment.set_timer(() => this.#flush(), flush_after_ms);
  }

  #flush() {
    this.#timer = undefined;
    if (this.#received > this.#received_sent && this.#send(encode_received(this.#received)))
      this.#received_sent = this.#received;
    for (const [partner, n] of this.#unsent) {
      if (!this.#send(encode_read(partner, n))) return;
      this.#unsent.delete(partner);
      this.#sent.delete(partner);
      this.#sent.set(partner, n);
      if (this.#sent.size > most_resent) this.#sent.delete(this.#sent.keys().next().value);
    }
  }
}
