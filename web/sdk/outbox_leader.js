// Leader election between the windows of a user: one at a time sends what waits, so that messages keep their order.

/** How long a lease lasts that is not renewed, and how often it is renewed or asked for. */
const leaseMs = 6_000;
const leasePollMs = 2_000;

/**
 * Returns an election of the leader in `name`: by Web Locks if the browser has them (it has not on pages over plain
 * http), else by a lease in `store`. A lease is weaker: a window that was asleep may send one more message after
 * another has taken over, which the message's `cid` makes harmless.
 */
export function electionOf(name, store, environment) {
  return globalThis.navigator?.locks ? new LockElection(name) : new LeaseElection(store, environment);
}

/**
 * `stand(begin, signal)` calls `begin(leads)` once this window leads, which lasts until `signal` is aborted; `leads()`
 * returns whether it still does.
 */
class LockElection {
  #name;

  constructor(name) {
    this.#name = name;
  }

  stand(begin, signal) {
    const heldUntilAbort = () =>
      new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
        begin(() => !signal.aborted);
      });
    navigator.locks.request(this.#name, { signal }, heldUntilAbort).catch(() => {
      // Aborted while it waited: this window does not stand any more.
    });
  }
}

/**
 * The same by a lease that is renewed; `begin` is called again whenever the lease was lost and came back. A lease has
 * run out for others once they have seen it unchanged for its time: windows have no clock in common that never jumps.
 */
export class LeaseElection {
  #store;
  #environment;

  constructor(store, environment) {
    this.#store = store;
    this.#environment = environment;
  }

  stand(begin, signal) {
    const { clearTimer, newId, now, setTimer } = this.#environment;
    const holder = newId();
    let beat = 0;
    let until = -Infinity;
    let seen;
    let seenAt = 0;
    let timer;
    const leads = () => !signal.aborted && now() < until;
    const poll = async () => {
      const askedAt = now();
      const hadIt = leads();
      const stale = seen && askedAt - seenAt >= leaseMs ? seen : undefined;
      // A store that fails keeps nothing that another window could send.
      const other = await this.#store.takeLease(holder, ++beat, stale).catch(() => undefined);
      if (signal.aborted) return;
      if (other && (other.holder !== seen?.holder || other.beat !== seen.beat)) seenAt = now();
      seen = other;
      until = other ? -Infinity : askedAt + leaseMs;
      timer = setTimer(poll, leasePollMs);
      if (!other && !hadIt) begin(leads);
    };
    signal.addEventListener('abort', () => {
      clearTimer(timer);
      this.#store.endLease(holder).catch(() => {});
    });
    poll();
  }
}
