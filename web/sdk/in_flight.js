// The messages that are on their way: sent, and neither acknowledged nor refused yet.

/** How many at the same time, of different conversations; one if the server finds it too much. */
const usualMost = 8;
/** After this long without an answer a message is sent again. */
const answerLimitMs = 30_000;

/** One message a conversation. A suspect, which may be at fault for what the server refuses, travels alone. */
export class InFlight {
  #environment;
  #most = usualMost;
  /** { record, suspect, timer } by the conversation, `to`. */
  #flights = new Map();

  constructor(environment) {
    this.#environment = environment;
  }

  /** The records that are on their way. */
  get records() {
    return Array.from(this.#flights.values(), ({ record }) => record);
  }

  get full() {
    return this.#flights.size >= this.#most;
  }

  /** True if a message of the same conversation is on its way. */
  blocks({ to }) {
    return this.#flights.has(to);
  }

  /** True if `record` has to wait until all that is on its way has landed. */
  separates({ strikes }) {
    const [first] = this.#flights.values();
    return first !== undefined && (first.suspect || strikes > 0);
  }

  /** `record` is sent; `onSilence()` is called if nothing is heard of it for long. */
  start(record, onSilence) {
    const timer = this.#environment.setTimer(onSilence, answerLimitMs);
    this.#flights.set(record.to, { record, suspect: record.strikes > 0, timer });
  }

  /** `record` is not on its way any more. */
  land({ to, cid }) {
    const flight = this.#flights.get(to);
    if (flight?.record.cid !== cid) return;
    this.#environment.clearTimer(flight.timer);
    this.#flights.delete(to);
  }

  /** Nothing is on its way any more. */
  landAll() {
    for (const record of this.records) this.land(record);
  }

  /** The server finds it too much: one at a time, until `goFast`. */
  goSlow() {
    this.#most = 1;
  }

  goFast() {
    this.#most = usualMost;
  }
}
