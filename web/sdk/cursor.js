// How far this window has followed the user's inbox: what a reconnect goes on from.

/**
 * Lives as long as the page: a reload has lost the messages that the entries before the cursor brought, so it loads
 * conversations afresh. Keeping the cursor over a reload would be right only together with all of the messages.
 */
export class Cursor {
  #epoch = '';
  #since = 0;

  /** The number of the last entry that is here. */
  get since() {
    return this.#since;
  }

  /** What to ask for in a registration, or nothing if there is nothing to go on from. */
  resume() {
    return this.#epoch === '' ? undefined : { epoch: this.#epoch, since: this.#since };
  }

  /** A `welcome`: entries go on from the cursor where it recovered, else from the head of its log. */
  welcomed({ epoch, head, recovered }) {
    this.#epoch = epoch;
    if (!recovered) this.#since = head;
  }

  /** An entry is here. One that is repeated has an old number, and moves nothing. */
  seen(seq) {
    this.#since = Math.max(this.#since, seq);
  }
}
