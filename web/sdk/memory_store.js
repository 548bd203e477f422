// Where waiting messages are kept while the browser keeps nothing: in this window, and only as long as it is open.

/** Does what IndexedDbStore does, for one window. */
export class MemoryStore {
  #records = new Map();
  /** Beyond what an IndexedDbStore, which this one may stand in for half-way, can have come to. */
  #nextOrder = 2 ** 40;

  async all() {
    return Array.from(this.#records.values(), (record) => ({ ...record }));
  }

  async add(record) {
    const order = this.#nextOrder++;
    this.#records.set(order, { ...record, order });
    return order;
  }

  async remove(order) {
    this.#records.delete(order);
  }

  async noteStrikes(order, strikes) {
    const record = this.#records.get(order);
    if (record) record.strikes = strikes;
  }

  /** Nobody else is there to take it. */
  async takeLease() {
    return undefined;
  }

  async endLease() {}
}
