// Where messages wait that the server has not acknowledged: an IndexedDB that all windows of the page share.

const databaseName = 'klatch-outbox';
const messages = 'messages';
/** Named when what it holds was called a turn. */
const leases = 'turns';
/** Opening takes this long only if another window's database is in the way. */
const openLimitMs = 3_000;

/**
 * The waiting messages of one owner: a user of a project on a server. Every method rejects if the browser does not
 * let the page keep things, or no longer does.
 */
export class IndexedDbStore {
  #database;
  #owner;

  constructor(database, owner) {
    this.#database = database;
    this.#owner = owner;
  }

  /** Opens the store, made if there is none. */
  static async open(owner) {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => create(request.result);
    const late = new Promise((_, reject) => setTimeout(reject, openLimitMs, new Error('IndexedDB does not open')));
    const database = await Promise.race([resultOf(request), late]);
    // A later version of the page may want to change the database: do not stand in its way.
    database.onversionchange = () => database.close();
    return new IndexedDbStore(database, owner);
  }

  /** All records, with `strikes` if there are any, in the order in which they were added by whichever window. */
  all() {
    return resultOf(this.#begin(messages, 'readonly').index('owner').getAll(this.#owner));
  }

  /** Adds { cid, to, text, at } and resolves, once it is kept, to its place in the order. */
  async add({ cid, to, text, at }) {
    const store = this.#begin(messages, 'readwrite');
    const order = await resultOf(store.add({ owner: this.#owner, cid, to, text, at }));
    await committed(store.transaction);
    return order;
  }

  /** Removes the record at a place; one that has gone already is no error. */
  remove(order) {
    const store = this.#begin(messages, 'readwrite');
    store.delete(order);
    return committed(store.transaction);
  }

  /** Notes how often the record at a place was in the way; one that has gone already is no error. */
  async noteStrikes(order, strikes) {
    const store = this.#begin(messages, 'readwrite');
    const record = await resultOf(store.get(order));
    if (record) store.put({ ...record, strikes });
    await committed(store.transaction);
  }

  /**
   * Gives `holder` the lease, or renews it: `beat` is another number each time. Not if another holder has it, unless
   * that is `stale`, an earlier answer of this method, still. Resolves to nothing if it was given, else to the
   * { holder, beat } that has it.
   */
  async takeLease(holder, beat, stale) {
    const store = this.#begin(leases, 'readwrite');
    const current = await resultOf(store.get(this.#owner));
    const free = !current || current.holder === holder || sameLease(current, stale);
    if (free) store.put({ owner: this.#owner, holder, beat });
    await committed(store.transaction);
    return free ? undefined : current;
  }

  /** Ends the lease of `holder`, if it has it. */
  async endLease(holder) {
    const store = this.#begin(leases, 'readwrite');
    const current = await resultOf(store.get(this.#owner));
    if (current?.holder === holder) store.delete(this.#owner);
  }

  #begin(name, mode) {
    return this.#database.transaction(name, mode).objectStore(name);
  }
}

function sameLease(one, other) {
  return other !== undefined && one.holder === other.holder && one.beat === other.beat;
}

function create(database) {
  database.createObjectStore(messages, { keyPath: 'order', autoIncrement: true }).createIndex('owner', 'owner');
  database.createObjectStore(leases, { keyPath: 'owner' });
}

function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
