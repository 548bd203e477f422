// What is measured, on which servers, and what the load program is told.

/** Counts of a store that is filled once and used by several cases; `fill` of the load program has the same flags. */
const filled = {
  full: { long: 1_000_000, short: 100, missed: 10_000, others: 3_989_900, conversations: 10_000 },
  quick: { long: 10_000, short: 100, missed: 1_000, others: 8_900, conversations: 100 },
};

const fill_flags = (counts) => ['fill', ...Object.entries(counts).flatMap(([name, count]) => [`--${name}`, String(count)])];

/** The flags that fill the store, and how many messages it has then. */
export const fills = Object.fromEntries(Object.entries(filled).map(([size, counts]) => [size, {
  flags: fill_flags(counts),
  messages: counts.long + counts.short + counts.missed + counts.others,
}]));

/**
 * The measurements. `group`: what --only calls it. `servers`: one or more of servers.mjs. `store`: none, fresh (an empty
 * folder every time) or filled. `full` and `quick`: variants of the load program's flags, of which the last one's result
 * counts; in a quick run they cover every form of length that a frame may have. `starts`: the load program starts the
 * server itself.
 */
export const cases = {
  pairs: {
    group: 'pairs',
    servers: ['klatch', 'ws'],
    full: [['pairs', '--pairs', '100', '--window', '8', '--size', '120', '--warm-up', '2', '--seconds', '10']],
    quick: [
      ['pairs', '--pairs', '50', '--window', '8', '--size', '120', '--warm-up', '0.1', '--seconds', '0.7'],
      ['pairs', '--pairs', '50', '--window', '1', '--size', '64', '--warm-up', '0.1', '--seconds', '0.3'],
      ['pairs', '--pairs', '2', '--window', '2', '--size', '65500', '--warm-up', '0.1', '--seconds', '0.3'],
    ],
  },
  stored_pairs: {
    group: 'stored-pairs',
    servers: ['stored'],
    store: 'fresh',
    full: [['stored-pairs', '--pairs', '100', '--window', '8', '--size', '120', '--warm-up', '2', '--seconds', '10']],
    quick: [
      ['stored-pairs', '--pairs', '50', '--window', '8', '--size', '120', '--warm-up', '0.1', '--seconds', '0.7'],
      ['stored-pairs', '--pairs', '50', '--window', '1', '--size', '64', '--warm-up', '0.1', '--seconds', '0.3'],
      ['stored-pairs', '--pairs', '2', '--window', '2', '--size', '65500', '--warm-up', '0.1', '--seconds', '0.3'],
    ],
  },
  open_loop: {
    group: 'open-loop',
    servers: ['stored'],
    store: 'fresh',
    full: [['open-loop', '--connections', '200', '--rate', '2000', '--size', '120', '--warm-up', '2', '--seconds', '10', '--folder', 'DATA']],
    quick: [['open-loop', '--connections', '50', '--rate', '500', '--size', '120', '--warm-up', '0.1', '--seconds', '0.5', '--folder', 'DATA',
      '--appends', '20']],
  },
  missed: {
    group: 'missed',
    servers: ['stored'],
    store: 'fresh',
    full: [['missed', '--count', '10000']],
    quick: [['missed', '--count', '1000']],
  },
  missed_filled: {
    group: 'missed',
    servers: ['stored'],
    store: 'filled',
    full: [['missed', '--filled', '--count', String(filled.full.missed)]],
    quick: [['missed', '--filled', '--count', String(filled.quick.missed)]],
  },
  history: {
    group: 'history',
    servers: ['stored'],
    store: 'filled',
    full: [['history', '--conversation', 'long', '--messages', String(filled.full.long), '--pages', '2000']],
    quick: [['history', '--conversation', 'long', '--messages', String(filled.quick.long), '--pages', '50']],
  },
  history_short: {
    group: 'history',
    servers: ['stored'],
    store: 'filled',
    full: [['history', '--conversation', 'short', '--messages', String(filled.full.short), '--pages', '2000']],
    quick: [['history', '--conversation', 'short', '--messages', String(filled.quick.short), '--pages', '50']],
  },
  start: {
    group: 'start',
    servers: ['stored'],
    store: 'filled',
    starts: true,
    full: [['start', '--repeat', '3']],
    quick: [['start', '--repeat', '1']],
  },
  start_empty: {
    group: 'start',
    servers: ['stored'],
    store: 'fresh',
    starts: true,
    full: [['start', '--repeat', '3']],
    quick: [['start', '--repeat', '1']],
  },
  idle: {
    group: 'idle',
    servers: ['klatch', 'ws'],
    full: [['idle', '--connections', '10000', '--settle', '3', '--seconds', '26']],
    quick: [['idle', '--connections', '500', '--settle', '0.1', '--seconds', '0.3']],
  },
  idle_stored: {
    group: 'idle',
    servers: ['stored'],
    store: 'fresh',
    full: [['idle', '--extended', '--connections', '10000', '--settle', '3', '--seconds', '26']],
    quick: [['idle', '--extended', '--connections', '500', '--settle', '0.1', '--seconds', '0.3']],
  },
};

export const groups = [...new Set(Object.values(cases).map(({ group }) => group))];

/** The cases of a group, or all of them. */
export function cases_of(group) {
  return Object.fromEntries(Object.entries(cases).filter(([, each]) => group === undefined || each.group === group));
}
