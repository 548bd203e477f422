// What the SDK takes from the browser, so that a test can give it something else.

import { ask_health } from './health.js';
import { IndexedDbStore } from './indexed_db_store.js';
import { random_id } from './random_id.js';
import { turns_of } from './turns.js';

/** @returns the browser's own clock, chance, sockets and storage */
export function browser_environment() {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    new_id: random_id,
    set_timer: (action, ms) => setTimeout(action, ms),
    clear_timer: (timer) => clearTimeout(timer),
    open_socket: (url) => new WebSocket(url),
    ask_health,
    on_wake,
    open_store: (owner) => IndexedDbStore.open(owner),
    open_channel: (name) => new BroadcastChannel(name),
    turns_of,
  };
}

/** Calls `action` whenever the network or the reader comes back, until `signal` is aborted. */
function on_wake(action, signal) {
  window.addEventListener('online', action, { signal });
  window.addEventListener('pageshow', action, { signal });
  document.addEventListener('visibilitychange', () => document.hidden || action(), { signal });
}
