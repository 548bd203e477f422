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
  #owner;
  #found = [];
  #left = new Set();
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

  /** Opens store and channel, and resolves to the records that are kept, or were left behind. */
  async open(owner) {
    const { electionOf, leftBehind, openChannel, openStore } = this.#environment;
    this.#owner = owner;
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
    this.#found = leftBehind.take(owner);
    for (; this.#found.length > 0; this.#found.shift()) {
      const [record] = this.#found;
      if (records.some(({ cid }) => cid === record.cid)) continue;
      record.order = await this.add(record);
      records.push(record);
      this.post({ what: 'queued', record });
    }
    return records;
  }

  /** Resolves, once the record is kept, to its place in the order. */
  async add(record) {
    const order = await this.keeping((store) => store.add(record));
    if (this.#left.delete(record.cid)) this.#environment.leftBehind.remove(this.#owner, record.cid);
    return order;
  }

  /**
   * This window may go before the records are kept, and before those that it has found are. Until their owner is known
   * they cannot be left.
   */
  leaveBehind(records) {
    const all = [...this.#found, ...records].filter(({ cid }) => !this.#left.has(cid));
    if (this.#owner === undefined || all.length === 0) return;
    this.#environment.leftBehind.add(
      this.#owner,
      all.map(({ cid, to, text, at }) => ({ cid, to, text, at })),
    );
    for (const { cid } of all) this.#left.add(cid);
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
