// My messages that the server has not acknowledged, by their cid. Pure.

export class Waiting {
  #messages = new Map();

  has(cid) {
    return this.#messages.has(cid);
  }

  add(cid, message) {
    this.#messages.set(cid, message);
  }

  /** Returns the message with this cid, if it is here, which waits no longer. */
  take(cid) {
    const message = this.#messages.get(cid);
    this.#messages.delete(cid);
    return message;
  }

  /** All of them, as a set. */
  all() {
    return new Set(this.#messages.values());
  }

  /**
   * Returns a message to `id` that waits and reads the same, if there is one. A window that did not send it itself, or
   * whose connection broke before the ack, gets it as a `message`, which does not name the cid.
   */
  like(id, text) {
    for (const message of this.#messages.values())
      if (message.conversation === id && message.text === text && message.mid === '') return message;
    return undefined;
  }
}
