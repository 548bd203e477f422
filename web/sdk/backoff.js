// When to connect again: exponential backoff with jitter. Pure.

const firstCeilingMs = 1000;
const lastCeilingMs = 30_000;
const restartLeastMs = 1_000;
const restartMostMs = 5_000;

/**
 * Milliseconds to wait before reconnect attempt number `attempt` (0 is the first). The ceiling doubles with each
 * attempt up to 30 s, and `random` in [0, 1) spreads the delay over the ceiling's upper half, so that the users of a
 * server that restarts do not all come back in the same moment.
 */
export function reconnectDelay(attempt, random) {
  const doublings = Math.min(Math.max(attempt, 0), 30);
  const ceiling = Math.min(lastCeilingMs, firstCeilingMs * 2 ** doublings);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** Milliseconds to wait after a server that restarts has closed every connection and has not said when to come back. */
export function restartDelay(random) {
  return Math.round(restartLeastMs + (restartMostMs - restartLeastMs) * random);
}
