// Where the windows of a user keep what waits, and the channel by which they hear of each other.

import { MemoryStore } from './memory_store.js';
import { LeaseElection } from './outbox_leader.js';

/**
 * The store and the channel of `owner`. If the browser keeps nothing, or no longer does, a store in memory takes their
 * place, and this window is on its own: others could not see what it keeps. `onNews(news)` is called with what another
 * window has posted, `onUnkept(error)` once nothing can be kept, with a new `election`.
 */
export class SharedStore {
  #environment;
  #handlers;
  #store;
  #channel;
  #election;

  constructor(environment, handlers) {
    this.#environment = environment;
    this.#handlers = handlers;
  }

  /** The election of the window that sends. */
  get election() {
    return this.#election;
  }

  /** Opens store and channel, and resolves to the records that are kept. */
  async open(owner) {
    const { electionOf, openChannel, openStore } = this.#environment;
    const name = `klatch outbox ${owner}`;
    let records = [];
    try {
      this.#channel = openChannel(name);
      this.#channel.onmessage = ({ data }) => this.#handlers.onNews(data);
      this.#store = await openStore(owner);
      records = await this.#store.all();
    } catch (error) {
      this.#keepInMemory(error);
    }
    this.#election ??= electionOf(name, this.#store, this.#environment);
    return records;
  }

  /** Resolves to what `action(store)` does, with the store in memory from the first failure on. */
  async keeping(action) {
    try {
      return await action(this.#store);
    } catch (error) {
      if (this.#store instanceof MemoryStore) throw error;
      this.#keepInMemory(error);
      return action(this.#store);
    }
  }

  /** Lets the other windows know. */
  post(news) {
    this.#channel?.postMessage(news);
  }

  /** Hears and says nothing from now on. */
  leave() {
    this.#channel?.close();
    this.#channel = undefined;
  }

  #keepInMemory(error) {
    this.leave();
    this.#store = new MemoryStore();
    this.#election = new LeaseElection(this.#store, this.#environment);
    this.#handlers.onUnkept(error);
  }
}
