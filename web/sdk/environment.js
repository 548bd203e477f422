// What the SDK takes from the browser, so that a test can give it something else.

import { ask_health } from './health.js';
import { IndexedDbStore } from './indexed_db_store.js';
import { random_id } from './random_id.js';
import { turns_of } from './turns.js';

/** What a timer can hold: with more it goes off at once. */
const longest_timer_ms = 2 ** 31 - 1;

/**
 * The browser's own clocks, chance, sockets and storage. `now()` is for durations: milliseconds of a clock that never
 * jumps and is this window's own. `date()` is the time of day, milliseconds since 1970, as the device has it: right or
 * wrong. A timer goes off after 24.8 days at the latest, so what waits for longer has to look at `now()`.
 */
export function browser_environment() {
  return {
    now: () => performance.now(),
    date: () => Date.now(),
    random: () => Math.random(),
    new_id: random_id,
    set_timer: (action, ms) => setTimeout(action, Math.min(ms, longest_timer_ms)),
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
