// Whose turn it is to send what waits: one window of a user at a time, so that messages keep their order.

/** How long a leased turn lasts that is not renewed, and how often it is renewed or asked for. */
const leaseMs = 6_000;
const leasePollMs = 2_000;

/**
 * A way to take turns on `name`: by Web Locks where the browser has them (it has not on pages over plain http), else by
 * a lease in `store`. A lease is weaker: a window that was asleep may send one more message after another has taken
 * over, which the message's `cid` makes harmless.
 */
export function turnsOf(name, store, environment) {
  return globalThis.navigator?.locks ? new LockTurns(name) : new LeasedTurns(store, environment);
}

/**
 * `request(begin, signal)` calls `begin(held)` once it is this window's turn, which lasts until `signal` is aborted;
 * `held()` says whether it still is.
 */
export class LockTurns {
  #name;

  constructor(name) {
    this.#name = name;
  }

  request(begin, signal) {
    const heldUntilAbort = () =>
      new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
        begin(() => !signal.aborted);
      });
    navigator.locks.request(this.#name, { signal }, heldUntilAbort).catch(() => {
      // Aborted while it waited: the turn is not wanted any more.
    });
  }
}

/**
 * The same by a lease that is renewed; `begin` is called again whenever the turn was lost and came back. A lease has
 * run out for others once they have seen it unchanged for its time: windows have no clock in common that never jumps.
 */
export class LeasedTurns {
  #store;
  #environment;

  constructor(store, environment) {
    this.#store = store;
    this.#environment = environment;
  }

  request(begin, signal) {
    const { clearTimer, newId, now, setTimer } = this.#environment;
    const holder = newId();
    let beat = 0;
    let until = -Infinity;
    let seen;
    let seenAt = 0;
    let timer;
    const held = () => !signal.aborted && now() < until;
    const poll = async () => {
      const askedAt = now();
      const hadIt = held();
      const stale = seen && askedAt - seenAt >= leaseMs ? seen : undefined;
      // A store that fails keeps nothing that another window could send.
      const other = await this.#store.takeTurn(holder, ++beat, stale).catch(() => undefined);
      if (signal.aborted) return;
      if (other && (other.holder !== seen?.holder || other.beat !== seen.beat)) seenAt = now();
      seen = other;
      until = other ? -Infinity : askedAt + leaseMs;
      timer = setTimer(poll, leasePollMs);
      if (!other && !hadIt) begin(held);
    };
    signal.addEventListener('abort', () => {
      clearTimer(timer);
      this.#store.endTurn(holder).catch(() => {});
    });
    poll();
  }
}
