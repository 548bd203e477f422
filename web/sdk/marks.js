// Tells the server what has arrived and what has been read: not each time, but a few times a second at most.

import { encodeRead, encodeReceived } from './protocol.js';

const flushAfterMs = 200;
/** How many read marks are sent again after a reconnect: those that the lost connection may have swallowed. */
const mostResent = 32;

/** Marks only ever rise. `send(text)` hands a frame to the connection and returns false if that is not possible now. */
export class Marks {
  #environment;
  #send;
  #timer;
  #received = 0;
  #receivedSent = 0;
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

  /** The messages of `conversation` are read up to number `n`. */
  read(conversation, n) {
    if (n <= Math.max(this.#unsent.get(conversation) ?? 0, this.#sent.get(conversation) ?? 0)) return;
    this.#unsent.set(conversation, n);
    this.#schedule();
  }

  /** A connection to the same log: what the last one may have swallowed is said again. */
  resumed() {
    this.#receivedSent = 0;
    this.#unsent = new Map([...this.#sent, ...this.#unsent]);
    this.#sent.clear();
    this.#schedule();
  }

  /** A connection to another log, whose numbers are others. */
  startedOver() {
    this.#received = this.#receivedSent = 0;
    this.#unsent.clear();
    this.#sent.clear();
  }

  close() {
    this.#environment.clearTimer(this.#timer);
  }

  #schedule() {
    this.#timer ??= this.#environment.setTimer(() => this.#flush(), flushAfterMs);
  }

  #flush() {
    this.#timer = undefined;
    if (this.#received > this.#receivedSent && this.#send(encodeReceived(this.#received)))
      this.#receivedSent = this.#received;
    for (const [conversation, n] of this.#unsent) {
      if (!this.#send(encodeRead(conversation, n))) return;
      this.#unsent.delete(conversation);
      this.#sent.delete(conversation);
      this.#sent.set(conversation, n);
      if (this.#sent.size > mostResent) this.#sent.delete(this.#sent.keys().next().value);
    }
  }
}
