// What the SDK takes from the browser, so that a test can give it something else.

import { askHealth } from './health.js';
import { IndexedDbStore } from './indexed_db_store.js';
import { keptTokens } from './kept_tokens.js';
import { leftBehind } from './left_behind.js';
import { randomId } from './random_id.js';
import { electionOf } from './outbox_leader.js';

/** What a timer can hold: with more it goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The browser's own clocks, chance, sockets and storage. `now()` is for durations: milliseconds of a clock that never
 * jumps and is this window's own. `date()` is the time of day, milliseconds since 1970, as the device has it: right or
 * wrong. A timer goes off after 24.8 days at the latest, so what waits for longer has to look at `now()`.
 */
export function browserEnvironment() {
  return {
    now: () => performance.now(),
    date: () => Date.now(),
    random: () => Math.random(),
    newId: randomId,
    setTimer: (action, ms) => setTimeout(action, Math.min(ms, longestTimerMs)),
    clearTimer: (timer) => clearTimeout(timer),
    openSocket: (url) => new WebSocket(url),
    askHealth,
    onWake,
    onLeave,
    keptTokens,
    leftBehind,
    openStore: (owner) => IndexedDbStore.open(owner),
    openChannel: (name) => new BroadcastChannel(name),
    electionOf,
  };
}

/** Calls `action` whenever the network or the reader comes back, until `signal` is aborted. */
function onWake(action, signal) {
  window.addEventListener('online', action, { signal });
  window.addEventListener('pageshow', action, { signal });
  document.addEventListener('visibilitychange', () => document.hidden || action(), { signal });
}

/** Calls `action` when the page is closed, reloaded or left, though it may come back, until `signal` is aborted. */
function onLeave(action, signal) {
  window.addEventListener('pagehide', action, { signal });
}
