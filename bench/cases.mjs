// What is measured, on which servers, and what the load program is told.

import { token_key } from './secrets.mjs';

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

/** The words of a line of flags. */
const words = (line) => line.split(' ');

const all = ['klatch', 'beast', 'uwebsockets', 'ws', 'socketio', 'nats', 'php'];
const all_but_select = all.filter((name) => name !== 'php'); // select(2) ends at 1,024 descriptors

/**
 * The measurements. `group`: what --only calls it. `servers`: one or more of servers.mjs, Klatch first: the others are set beside the first. `store`: none,
 * fresh (an empty folder every time) or filled; `files`: whether those of a filled one are 'in memory' or 'on disk' when
 * the server starts. `full` and `quick`: variants of the load program's flags, of which the last
 * one's result counts; in a quick run they cover every form of length that a frame may have. `more`: further flags for some
 * servers. With `store: 'database'` there is an empty PostgreSQL database, and URL, POSTGRES (its server's first process),
 * DATA (a folder on its disk) and BUS stand for what is not known before. `starts`: the load program starts the server itself. `program`: what runs in the load program's place, and
 * without a server.
 */
export const cases = {
  pairs: {
    group: 'pairs',
    servers: all,
    full: [words('pairs --pairs 100 --window 8 --size 120 --warm-up 1 --seconds 4')],
    quick: [
      words('pairs --pairs 2 --window 2 --size 65500 --warm-up 0 --seconds 0.1'),
      words('pairs --pairs 50 --window 8 --size 120 --warm-up 0 --seconds 0.2'),
    ],
  },
  pairs_one: {
    group: 'pairs',
    servers: all,
    full: [words('pairs --pairs 100 --window 1 --size 120 --warm-up 1 --seconds 3')],
    quick: [words('pairs --pairs 50 --window 1 --size 64 --warm-up 0 --seconds 0.1')],
  },
  rate: {
    group: 'rate',
    servers: all,
    full: [words('rate --connections 200 --rate 20000 --size 120 --warm-up 1 --seconds 4')],
    quick: [words('rate --connections 50 --rate 500 --size 120 --warm-up 0 --seconds 0.2')],
  },
  rate_many: {
    group: 'rate',
    servers: ['klatch', 'uwebsockets', 'ws'],
    full: [words('rate --connections 15000 --rate 20000 --size 120 --warm-up 1.5 --seconds 4')],
    quick: [words('rate --connections 500 --rate 2000 --size 120 --warm-up 0.1 --seconds 0.2')],
  },
  fan_in: {
    group: 'fan-in',
    servers: ['klatch', 'beast', 'uwebsockets', 'ws', 'nats'],
    full: [words('fan-in --senders 200 --window 8 --size 120 --warm-up 0.5 --seconds 3')],
    quick: [words('fan-in --senders 50 --window 8 --size 120 --warm-up 0 --seconds 0.1')],
  },
  slow_reader: {
    group: 'slow-reader',
    servers: ['klatch', 'uwebsockets', 'ws', 'socketio', 'nats'],
    full: [words('slow-reader --connections 200 --rate 5000 --slow 4 --flood-size 16384 --flood-every 2 --warm-up 0.5 --seconds 3')],
    quick: [words('slow-reader --connections 20 --rate 1000 --slow 2 --flood-size 32768 --flood-every 1 --warm-up 0 --seconds 0.4')],
    more: { klatch: ['--closed-with', '4508'] },
  },
  churn: {
    group: 'churn',
    servers: all,
    full: [words('churn --at-once 50 --size 120 --warm-up 0.5 --seconds 3')],
    quick: [words('churn --at-once 20 --size 120 --warm-up 0 --seconds 0.2')],
  },
  storm: {
    group: 'storm',
    servers: ['klatch', 'uwebsockets', 'ws'],
    full: [words('storm --connections 2000 --at-once 400')],
    quick: [words('storm --connections 200 --at-once 100')],
  },
  storm_stored: {
    group: 'storm',
    servers: ['stored'],
    store: 'fresh',
    full: [words('storm --connections 2000 --at-once 400 --missed 20 --size 120')],
    quick: [words('storm --connections 100 --at-once 50 --missed 5 --size 120')],
  },
  stored_pairs: {
    group: 'stored-pairs',
    servers: ['stored'],
    store: 'fresh',
    full: [words('stored-pairs --pairs 100 --window 8 --size 120 --warm-up 2 --seconds 6')],
    quick: [
      words('stored-pairs --pairs 50 --window 1 --size 64 --warm-up 0.1 --seconds 0.2'),
      words('stored-pairs --pairs 2 --window 2 --size 65500 --warm-up 0.1 --seconds 0.2'),
      words('stored-pairs --pairs 50 --window 8 --size 120 --warm-up 0.1 --seconds 0.3'),
    ],
  },
  open_loop: {
    group: 'open-loop',
    servers: ['stored'],
    store: 'fresh',
    full: [words('open-loop --connections 200 --rate 2000 --size 120 --warm-up 1 --seconds 6 --folder DATA')],
    quick: [words('open-loop --connections 50 --rate 500 --size 120 --warm-up 0.1 --seconds 0.3 --folder DATA --appends 20')],
  },
  missed: {
    group: 'missed',
    servers: ['stored'],
    store: 'fresh',
    full: [words('missed --count 10000')],
    quick: [words('missed --count 1000')],
  },
  missed_filled: {
    group: 'missed',
    servers: ['stored'],
    store: 'filled',
    files: 'in memory',
    full: [words(`missed --filled --count ${filled.full.missed}`)],
    quick: [words(`missed --filled --count ${filled.quick.missed}`)],
  },
  missed_on_disk: {
    group: 'missed',
    servers: ['stored'],
    store: 'filled',
    files: 'on disk',
    full: [words(`missed --filled --count ${filled.full.missed}`)],
    quick: [words(`missed --filled --count ${filled.quick.missed}`)],
  },
  history: {
    group: 'history',
    servers: ['stored'],
    store: 'filled',
    files: 'in memory',
    full: [words(`history --conversation long --messages ${filled.full.long} --pages 2000`)],
    quick: [words(`history --conversation long --messages ${filled.quick.long} --pages 50`)],
  },
  history_on_disk: {
    group: 'history',
    servers: ['stored'],
    store: 'filled',
    files: 'on disk',
    full: [words(`history --conversation long --messages ${filled.full.long} --pages 2000`)],
    quick: [words(`history --conversation long --messages ${filled.quick.long} --pages 50`)],
  },
  history_short: {
    group: 'history',
    servers: ['stored'],
    store: 'filled',
    files: 'in memory',
    full: [words(`history --conversation short --messages ${filled.full.short} --pages 2000`)],
    quick: [words(`history --conversation short --messages ${filled.quick.short} --pages 50`)],
  },
  start: {
    group: 'start',
    servers: ['stored'],
    store: 'filled',
    files: 'in memory',
    starts: true,
    full: [words('start --repeat 3')],
    quick: [words('start --repeat 1')],
  },
  start_empty: {
    group: 'start',
    servers: ['stored'],
    store: 'fresh',
    starts: true,
    full: [words('start --repeat 3')],
    quick: [words('start --repeat 1')],
  },
  resident: {
    group: 'idle',
    servers: all_but_select,
    full: [words('idle --connections 10000 --settle 2 --seconds 1')],
    quick: [words('idle --connections 300 --settle 0.1 --seconds 0.1')],
  },
  worked: {
    group: 'idle',
    servers: ['klatch', 'uwebsockets'],
    full: [words('idle --connections 10000 --traffic 1000000 --settle 2 --seconds 0.5')],
    quick: [words('idle --connections 20 --traffic 100000 --settle 0.1 --seconds 0.1')],
  },
  token: {
    group: 'security',
    servers: ['klatch'],
    program: 'token_bench',
    full: [words('50')],
    quick: [words('1')],
  },
  token_churn: {
    group: 'security',
    servers: ['tokens', 'klatch', 'uwebsockets'],
    full: [words('churn --at-once 50 --size 120 --warm-up 0.3 --seconds 2')],
    quick: [words('churn --at-once 20 --size 120 --warm-up 0 --seconds 0.1')],
  },
  token_storm: {
    group: 'security',
    servers: ['tokens', 'klatch'],
    full: [words('storm --connections 2000 --at-once 400')],
    quick: [words('storm --connections 100 --at-once 50')],
  },
  tls_storm: {
    group: 'security',
    servers: ['tls_one', 'uwebsockets_tls'],
    full: [words('storm --connections 2000 --at-once 400')],
    quick: [words('storm --connections 100 --at-once 50')],
  },
  tls_resident: {
    group: 'security',
    servers: ['tls', 'klatch', 'uwebsockets_tls', 'uwebsockets_tls_low'],
    full: [words('idle --connections 10000 --settle 2 --seconds 1')],
    quick: [words('idle --connections 100 --settle 0 --seconds 0.1')],
  },
  tls_worked: {
    group: 'security',
    servers: ['tls', 'uwebsockets_tls'],
    full: [words('idle --connections 2000 --traffic 1000000 --settle 2 --seconds 0.5')],
    quick: [words('idle --connections 10 --traffic 100000 --settle 0 --seconds 0.1')],
  },
  tls_pairs: {
    group: 'security',
    servers: ['tls', 'klatch', 'uwebsockets_tls'],
    full: [words('pairs --pairs 100 --window 8 --size 120 --warm-up 0.5 --seconds 2')],
    quick: [
      words('pairs --pairs 2 --window 2 --size 65500 --warm-up 0 --seconds 0.1'),
      words('pairs --pairs 20 --window 8 --size 120 --warm-up 0 --seconds 0.1'),
    ],
  },
  tls_pairs_one: {
    group: 'security',
    servers: ['tls', 'klatch', 'uwebsockets_tls'],
    full: [words('pairs --pairs 100 --window 1 --size 120 --warm-up 0.5 --seconds 2')],
    quick: [words('pairs --pairs 20 --window 1 --size 64 --warm-up 0 --seconds 0.1')],
  },
  tls_churn: {
    group: 'security',
    servers: ['tls', 'uwebsockets_tls'],
    full: [words('churn --at-once 50 --size 120 --warm-up 0.3 --seconds 2')],
    quick: [words('churn --at-once 20 --size 120 --warm-up 0 --seconds 0.1')],
  },
  tls_churn_resumed: {
    group: 'security',
    servers: ['tls', 'uwebsockets_tls'],
    full: [words('churn --resume --at-once 50 --size 120 --warm-up 0.3 --seconds 2')],
    quick: [words('churn --resume --at-once 20 --size 120 --warm-up 0 --seconds 0.2')],
  },
  restart: {
    group: 'security',
    servers: ['passed'],
    store: 'fresh',
    starts: true,
    full: [words('restart --connections 10000 --rate 1000 --warm-up 1 --seconds 1')],
    quick: [words('restart --connections 200 --rate 500 --warm-up 0.1 --seconds 0.1')],
  },
  metrics: {
    group: 'security',
    servers: ['klatch'],
    full: [words('scrape --connections 10000 --count 200')],
    quick: [words('scrape --connections 100 --count 10')],
  },
  reload: {
    group: 'security',
    servers: ['secured'],
    full: [words(`reload --connections 200 --rate 5000 --every 0.5 --read-anew ${token_key} --warm-up 1 --seconds 6`)],
    quick: [words(`reload --connections 20 --rate 500 --every 0.2 --read-anew ${token_key} --warm-up 0.1 --seconds 0.5`)],
  },
  scraped_pairs: {
    group: 'security',
    servers: ['scraped', 'klatch'],
    full: [words('pairs --pairs 100 --window 8 --size 120 --warm-up 0.5 --seconds 3')],
    quick: [words('pairs --pairs 20 --window 8 --size 120 --warm-up 0 --seconds 0.2')],
    more: { scraped: words('--scrape-every 1') },
  },
  scraped_pairs_one: {
    group: 'security',
    servers: ['scraped', 'klatch'],
    full: [words('pairs --pairs 100 --window 1 --size 120 --warm-up 0.5 --seconds 3')],
    quick: [words('pairs --pairs 20 --window 1 --size 64 --warm-up 0 --seconds 0.2')],
    more: { scraped: words('--scrape-every 1') },
  },
  cluster_store: {
    group: 'cluster',
    servers: ['cluster_store', 'sqlite_store'],
    store: 'database',
    program: 'cluster_bench',
    full: [words('append --users 50000 --partners 5 --batch 100 --warm-up 3 --seconds 5')],
    quick: [words('append --users 200 --partners 2 --batch 20 --warm-up 0 --seconds 0.2')],
    more: { cluster_store: words('--url URL --postgres POSTGRES'), sqlite_store: words('--folder DATA') },
  },
  cluster_store_one: {
    group: 'cluster',
    servers: ['cluster_store', 'sqlite_store'],
    store: 'database',
    program: 'cluster_bench',
    full: [words('append --users 2000 --partners 5 --batch 1 --warm-up 0.5 --seconds 2')],
    quick: [words('append --users 200 --partners 2 --batch 1 --warm-up 0 --seconds 0.2')],
    more: { cluster_store: words('--url URL --postgres POSTGRES'), sqlite_store: words('--folder DATA') },
  },
  cluster_heads: {
    group: 'cluster',
    servers: ['cluster_store'],
    store: 'database',
    program: 'cluster_bench',
    full: [words('heads --url URL --postgres POSTGRES --users 50000 --partners 5 --count 1000 10000 --seconds 2')],
    quick: [words('heads --url URL --postgres POSTGRES --users 2000 --partners 2 --count 1000 10000 --seconds 0.1')],
  },
  cluster_bus: {
    group: 'cluster',
    servers: ['node_two_nats', 'node_two'],
    store: 'database',
    program: 'cluster_bench',
    full: [words('bus --url URL --batch 100 --batches 3000')],
    quick: [words('bus --url URL --batch 100 --batches 100')],
    more: { node_two_nats: words('--bus BUS') },
  },
  cluster_ack: {
    group: 'cluster',
    servers: ['node_one', 'stored'],
    store: 'database',
    full: [words('open-loop --connections 200 --rate 200 --size 120 --warm-up 1 --seconds 5 --folder DATA')],
    quick: [words('open-loop --connections 50 --rate 200 --size 120 --warm-up 0.1 --seconds 0.3 --folder DATA --appends 20')],
  },
  cluster_across_nats: {
    group: 'cluster',
    servers: ['node_two_nats'],
    store: 'database',
    full: [words('open-loop --connections 200 --rate 200 --size 120 --warm-up 1 --seconds 5 --folder DATA')],
    quick: [words('open-loop --connections 50 --rate 200 --size 120 --warm-up 0.1 --seconds 0.3 --folder DATA --appends 20')],
  },
  cluster_across: {
    group: 'cluster',
    servers: ['node_two'],
    store: 'database',
    full: [words('open-loop --connections 200 --rate 200 --size 120 --warm-up 1 --seconds 5 --folder DATA')],
    quick: [words('open-loop --connections 50 --rate 200 --size 120 --warm-up 0.1 --seconds 0.3 --folder DATA --appends 20')],
  },
  cluster_users: {
    group: 'cluster',
    servers: ['node_one'],
    store: 'database',
    full: [words('open-loop --connections 15000 --rate 8000 --size 120 --warm-up 4 --seconds 5 --folder DATA')],
    quick: [words('open-loop --connections 200 --rate 1000 --size 120 --warm-up 0.1 --seconds 0.3 --folder DATA --appends 20')],
  },
  cluster_pairs: {
    group: 'cluster',
    servers: ['node_one', 'node_two', 'node_three', 'node_three_nats', 'stored', 'centrifugo'],
    store: 'database',
    full: [words('stored-pairs --pairs 1000 --window 1 --size 120 --warm-up 2 --seconds 4')],
    quick: [words('stored-pairs --pairs 50 --window 1 --size 120 --warm-up 0.1 --seconds 0.3')],
  },
  idle: {
    group: 'idle',
    servers: ['klatch'],
    full: [words('idle --connections 10000 --settle 3 --seconds 26')],
    quick: [words('idle --connections 300 --settle 0.1 --seconds 0.1')],
  },
  idle_stored: {
    group: 'idle',
    servers: ['stored'],
    store: 'fresh',
    full: [words('idle --extended --connections 10000 --settle 3 --seconds 26')],
    quick: [words('idle --extended --connections 300 --settle 0.1 --seconds 0.1')],
  },
};

export const groups = [...new Set(Object.values(cases).map(({ group }) => group))];

/** Groups that are measured by themselves, and have a page of their own. */
export const apart = ['cluster'];

/**
 * The cases of a group, or all that are not apart, each with those of its servers that `is_wanted` says yes to; without those that
 * have none.
 */
export function cases_of(group, is_wanted) {
  const chosen = Object.entries(cases)
    .filter(([, each]) => (group === undefined ? !apart.includes(each.group) : each.group === group))
    .map(([name, each]) => [name, { ...each, servers: each.servers.filter(is_wanted) }]);
  return Object.fromEntries(chosen.filter(([, { servers }]) => servers.length > 0));
}
