// A clock, chance, sockets and storage in the test's hands: what web/sdk/environment.js gives in a browser.

import assert from 'node:assert/strict';
import { MemoryStore } from '../../../web/sdk/memory_store.js';

/** Node 18 has no CustomEvent of its own; browsers have had it since before modules. */
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail = null, ...options } = {}) {
    super(type, options);
    this.detail = detail;
  }
};

/** Lets everything that was promised happen. */
export async function settle() {
  for (let i = 0; i < 100; ++i) await Promise.resolve();
}

/** What the windows of one browser share: the time, a store, a channel, and an election. */
export class FakeBrowser {
  #now = 1_000;
  #date = Date.UTC(2026, 0, 15, 12);
  #timers = new Map();
  #nextId = 1;
  #channels = new Set();
  #queue = [];
  #tokens = new Map();
  #wakes = new Set();
  #leaves = new Set();
  #left = [];
  store = new MemoryStore();

  get now() {
    return this.#now;
  }

  /** Somebody, or the network, sets the device's clock. */
  setClock(ms) {
    this.#date += ms;
  }

  /** Lets `ms` pass, and what is due happen in its order. */
  async pass(ms) {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].action();
      await settle();
    }
    this.#now = end;
  }

  /** The network, or the reader, comes back to every window. */
  wake() {
    for (const action of this.#wakes) action();
  }

  /** Every window is closed, reloaded or left; it may come back. */
  leave() {
    for (const action of this.#leaves) action();
  }

  /** They do not come back. */
  forgetWindows() {
    this.#leaves.clear();
  }

  /** The texts that windows had to leave behind, and that none has found yet. */
  get left() {
    return this.#left.map(({ text }) => text);
  }

  /** The tokens of guests that the browser keeps. */
  get keptTokens() {
    return [...this.#tokens.values()];
  }

  /** How many timers are set. */
  get timers() {
    return this.#timers.size;
  }

  /** The environment of a window. */
  window(changes = {}) {
    const sockets = [];
    return {
      sockets,
      now: () => this.#now,
      date: () => this.#date + this.#now,
      random: () => 0.5,
      newId: () => `id${this.#nextId++}`,
      setTimer: (action, ms) => {
        const timer = this.#nextId++;
        assert.ok(ms >= 0 && ms < 2 ** 53, `a timer of ${ms} ms`);
        this.#timers.set(timer, { action, at: this.#now + Math.min(ms, 2 ** 31 - 1) });
        return timer;
      },
      clearTimer: (timer) => this.#timers.delete(timer),
      openSocket: (url) => sockets[sockets.push(new FakeSocket(url)) - 1],
      askHealth: async () => ({ status: 0, text: '' }),
      onWake: (action, signal) => {
        this.#wakes.add(action);
        signal.addEventListener('abort', () => this.#wakes.delete(action));
      },
      onLeave: (action, signal) => {
        this.#leaves.add(action);
        signal.addEventListener('abort', () => this.#leaves.delete(action));
      },
      leftBehind: {
        add: (owner, records) => this.#left.push(...structuredClone(records)),
        take: () => this.#left.splice(0),
        remove: (owner, cid) => (this.#left = this.#left.filter((record) => record.cid !== cid)),
      },
      keptTokens: {
        get: (owner) => this.#tokens.get(owner) ?? '',
        set: (owner, token) => this.#tokens.set(owner, token),
        remove: (owner) => this.#tokens.delete(owner),
      },
      openStore: async () => this.store,
      openChannel: () => this.#openChannel(),
      electionOf: () => ({ stand: (begin, signal) => this.#stand(begin, signal) }),
      ...changes,
    };
  }

  /** As BroadcastChannel: to all but the sender, later, as copies. */
  #openChannel() {
    const channel = {
      postMessage: (data) => {
        const others = [...this.#channels].filter((other) => other !== channel);
        const copy = structuredClone(data);
        for (const other of others) queueMicrotask(() => other.onmessage({ data: copy }));
      },
      close: () => this.#channels.delete(channel),
    };
    this.#channels.add(channel);
    return channel;
  }

  /** As Web Locks: the first in the queue leads, until it is aborted. */
  #stand(begin, signal) {
    const candidate = { begin, signal };
    this.#queue.push(candidate);
    signal.addEventListener('abort', () => {
      const first = this.#queue[0] === candidate;
      this.#queue = this.#queue.filter((other) => other !== candidate);
      if (first) this.#elect();
    });
    if (this.#queue.length === 1) this.#elect();
  }

  #elect() {
    const [candidate] = this.#queue;
    if (candidate) queueMicrotask(() => candidate.begin(() => !candidate.signal.aborted));
  }
}

export class FakeSocket {
  readyState = 1;
  sent = [];
  closed = false;

  constructor(url) {
    this.url = url;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
    this.readyState = 3;
  }

  /** The server says something. */
  say(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The server, or the network, ends it. */
  end(code = 1006, reason = '') {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** The frames of a type that were sent. */
  of(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

/** A store that fails from the `n`th operation on, counted from 0. */
export function failingStore(n) {
  const store = new MemoryStore();
  let count = 0;
  const guarded =
    (method) =>
    async (...given) => {
      if (count++ >= n) throw new Error('no room');
      return store[method](...given);
    };
  return { all: guarded('all'), add: guarded('add'), remove: guarded('remove'), noteStrikes: guarded('noteStrikes') };
}
