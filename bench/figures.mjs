// What is shown of each case, and what it has to reach.
import { fills } from './cases.mjs';
import { openssl_version } from './machine.mjs';

/**
 * A figure: its key, what it means, its unit, how one result gives it, how many digits are printed, and the goals that
 * Klatch has to meet with it, if there are any.
 */
const figure = (key, title, unit, digits, of, ...goals) => ({ key, title, unit, digits, of, goals: goals.filter(Boolean) });

/** Goals for the median. */
const at_most = (limit) => ({ limit, sign: '≤', met: (value) => value <= limit });
const at_least = (limit) => ({ limit, sign: '≥', met: (value) => value >= limit });

/** Goals for the median of the ratios, round by round, to another server's figure or to the same figure of another case. */
const beside = (server, factor) => ({ ...at_most(factor), of_server: server });
const beside_case = (other, factor) => ({ ...at_most(factor), of_case: other });

const cpu = (title, ...goals) => figure('cpu_us_per_message', title, 'µs', 2, (r) => r.server_cpu_us_per_message, ...goals);
const cores = figure('server_cores', 'cores that the server used', '', 2, (r) => r.server_cores);
const delivered = (title, ...goals) => figure('delivered_per_second', title, '/s', 0, (r) => r.delivered_per_second, ...goals);
const kib = (value) => value / 1024;

const pairs = (...goals) => [cpu('server CPU a delivered message', ...goals), delivered('delivered messages'), cores];

const rate = (p99_goal, cpu_goal) => [
  figure('p50_ms', 'from the intended moment to the recipient, median', 'ms', 3, (r) => r.to_delivery.p50_ms),
  figure('p99_ms', 'from the intended moment to the recipient, 99th percentile', 'ms', 3, (r) => r.to_delivery.p99_ms, p99_goal),
  cpu('server CPU a message', cpu_goal),
  figure('late_p99_ms', 'how late the load program sent, 99th percentile', 'ms', 3, (r) => r.late.p99_ms),
];

const rss = (...goals) => figure('rss_bytes_per_connection', 'resident memory a connection', 'bytes', 0, (r) => r.rested.rss_bytes_per_connection, ...goals);
const pss = figure('pss_bytes_per_connection', 'the same, as Pss', 'bytes', 0, (r) => r.rested.pss_bytes_per_connection);
const opening = figure('open_cpu_us_per_connection', 'CPU to accept and register one', 'µs', 0, (r) => r.open_cpu_us_per_connection);

const idle = [
  rss(at_most(8192)),
  pss,
  figure('cpu_percent_of_a_core', 'CPU while idle, pings included', '% of a core', 2, (r) => r.idle_cpu_percent_of_a_core, at_most(1)),
  opening,
];

const storm = (title, ...goals) => [
  figure('seconds', title, 's', 3, (r) => r.seconds, ...goals),
  cpu('server CPU a client'),
];

const from_disk = figure('server_read_mib', 'that the server read from the disk meanwhile', 'MiB', 1, (r) => r.server_read_mib);

const missed = (goal) => [
  figure('seconds', 'from the registration until all are there', 's', 3, (r) => r.seconds, goal),
  cpu('server CPU a message'),
  from_disk,
];

const history = (goal) => [
  figure('page_p50_ms', 'from a request to its answer, median', 'ms', 3, (r) => r.page.p50_ms, goal),
  figure('page_p99_ms', 'from a request to its answer, 99th percentile', 'ms', 3, (r) => r.page.p99_ms, goal),
  figure('cpu_us_per_page', 'server CPU a page', 'µs', 0, (r) => r.server_cpu_us_per_page),
  from_disk,
];

const start = (goal) => [
  figure('ready_ms', 'from exec to the line that says it is ready', 'ms', 1, (r) => r.ready.p50_ms, goal),
  figure('connected_ms', 'from exec to the first upgraded connection', 'ms', 1, (r) => r.first_connection.p50_ms, goal),
  figure('registered_ms', 'from exec to the first welcome', 'ms', 1, (r) => r.first_registration.p50_ms),
  figure('cpu_ms', 'server CPU up to there', 'ms', 1, (r) => r.cpu.p50_ms),
  figure('stop_ms', 'from SIGTERM to the end', 'ms', 1, (r) => r.stop.p50_ms),
  figure('rss_mib', 'resident memory then', 'MiB', 1, (r) => kib(r.rss_kib)),
];

/** What an idle connection with TLS may take, in bytes: OpenSSL itself takes twice as much from 3.5 on. */
const tls_limit = /^OpenSSL 3\.[0-4]\./.test(openssl_version()) ? 15_000 : 29_000;

const churn = (...goals) => [
  cpu('server CPU a cycle', ...goals),
  figure('cycles_per_second', 'cycles', '/s', 0, (r) => r.cycles_per_second),
];

const after_traffic = [
  figure('before_bytes', 'resident memory a connection before', 'bytes', 0, (r) => r.rested.rss_bytes_per_connection),
  figure('after_bytes', 'resident memory a connection after', 'bytes', 0, (r) => r.after_traffic.rss_bytes_per_connection),
  figure('after_to_before', 'the one by the other', '', 2, (r) => r.after_traffic.to_before, at_most(1.1)),
  figure('seconds', 'the traffic took', 's', 1, (r) => r.after_traffic.seconds),
];

const postgres_cpu = (title, ...goals) => figure('postgres_cpu', title, 'µs', 1, (r) => r.postgres_cpu_us_per_message ?? 0, ...goals);

const paced_cluster = ([p50, p99], across) => [
  figure('append_ms', '4 KiB appended and fdatasync on that disk, median', 'ms', 3, (r) => r.append.ms),
  figure('ack_p50_ms', 'from the intended moment to the ack, median', 'ms', 2, (r) => r.to_ack.p50_ms, p50),
  figure('ack_p99_ms', 'from the intended moment to the ack, 99th percentile', 'ms', 2, (r) => r.to_ack.p99_ms, p99),
  figure('ack_p50_in_appends', 'the ack\'s median in such appends', '', 2, (r) => r.ack_p50_in_appends),
  figure('above_p50_ms', 'from the ack to the delivery, median', 'ms', 2, (r) => r.delivery_above_ack.p50_ms, across),
  figure('above_p99_ms', 'from the ack to the delivery, 99th percentile', 'ms', 2, (r) => r.delivery_above_ack.p99_ms),
];

const cluster_messages = [
  delivered('stored and delivered messages'),
  postgres_cpu('PostgreSQL\'s CPU a message'),
  figure('nodes_cpu', 'CPU of all nodes a message', 'µs', 1, (r) => r.server_cpu_us_per_message + (r.other_nodes_cpu_us_per_message ?? 0)),
  figure('bus_cpu', 'nats-server\'s CPU a message', 'µs', 1, (r) => r.nats_cpu_us_per_message ?? 0),
  figure('batch', 'messages a transaction', '', 0, (r) => r.messages_a_batch ?? 1),
  figure('postgres_cores', 'cores that PostgreSQL used', '', 2, (r) => r.postgres_cores ?? 0),
];

const count = (value) => value.toLocaleString('en-GB');

export const shown = {
  pairs: {
    title: '200 connections in pairs, 8 messages under way from each, 120 bytes of text',
    figures: pairs(at_most(3), beside('ws', 0.4)),
  },
  pairs_one: {
    title: 'The same with 1 message under way from each: a wake-up for every message',
    figures: pairs(beside('uwebsockets', 0.75)),
  },
  rate: { title: '20,000 messages a second between 200 connections', figures: rate(beside('uwebsockets', 1)) },
  rate_many: { title: '20,000 messages a second between 15,000 connections', figures: rate(undefined, beside_case('rate', 1.3)) },
  fan_in: { title: '200 connections that write to one, 8 messages under way from each', figures: pairs() },
  slow_reader: {
    title: '5,000 messages a second between 200 connections, while 4 more stop reading 40 MB a second',
    figures: [
      figure('p99_before_ms', 'the others\' 99th percentile before', 'ms', 3, (r) => r.before.p99_ms),
      figure('p99_during_ms', 'the others\' 99th percentile meanwhile', 'ms', 3, (r) => r.during.p99_ms),
      figure('p99_ratio', 'the one by the other', '', 2, (r) => r.p99_during_to_before, at_most(1.5)),
      figure('rss_growth_mib', 'memory that the server took meanwhile', 'MiB', 1, (r) => kib(r.rss_growth_kib), at_most(4)),
      figure('slow_closed', 'slow readers that it closed, of 4', '', 0, (r) => r.slow_closed),
    ],
  },
  churn: {
    title: '50 at a time connect, register, write a message and leave, again and again',
    figures: churn(beside('uwebsockets', 1)),
  },
  storm: { title: '2,000 connections lost and back', figures: storm('until all are registered again') },
  storm_stored: {
    title: '2,000 connections lost and back, each with 20 stored messages to catch up on',
    figures: storm('until all have all of them'),
  },
  stored_pairs: {
    title: '200 extended connections in pairs, 8 messages under way from each, stored',
    figures: [
      delivered('stored and delivered messages', at_least(50_000), at_least(25_000)),
      cpu('server CPU a stored and delivered message', at_most(15), at_most(25)),
      cores,
    ],
  },
  open_loop: {
    title: '2,000 messages a second from 200 connections, stored',
    figures: [
      figure('append_ms', '4 KiB appended and fdatasync on that disk, median', 'ms', 3, (r) => r.append.ms),
      figure('ack_p50_ms', 'from the intended moment to the ack, median', 'ms', 3, (r) => r.to_ack.p50_ms),
      figure('ack_p99_ms', 'from the intended moment to the ack, 99th percentile', 'ms', 3, (r) => r.to_ack.p99_ms),
      figure('ack_p50_in_appends', 'the ack\'s median in such appends', '', 2, (r) => r.ack_p50_in_appends, at_most(2)),
      figure('ack_p99_in_appends', 'the ack\'s 99th percentile in such appends', '', 2, (r) => r.ack_p99_in_appends, at_most(5)),
      figure('delivery_p50_ms', 'from the intended moment to the recipient, median', 'ms', 3, (r) => r.to_delivery.p50_ms),
      figure('delivery_p99_ms', 'from the intended moment to the recipient, 99th percentile', 'ms', 3, (r) => r.to_delivery.p99_ms),
      figure('late_p99_ms', 'how late the load program sent, 99th percentile', 'ms', 3, (r) => r.late.p99_ms),
      cpu('server CPU a message'),
    ],
  },
  missed: { title: 'Resuming after 10,000 missed messages, just written', figures: missed(at_most(0.5)) },
  missed_filled: { title: `Resuming after 10,000 missed messages that are spread over the ${count(fills.full.messages)} of the filled store`, figures: missed(at_most(0.5)) },
  missed_on_disk: { title: 'The same with nothing of the files in memory, as after a start of the machine', figures: missed() },
  history: { title: 'Pages of 50 at random places of a conversation of 1,000,000', figures: history(at_most(2)) },
  history_on_disk: { title: 'The same with nothing of the files in memory at first', figures: history() },
  history_short: { title: 'Pages of 50 at random places of a conversation of 100', figures: history() },
  start: { title: `Start with ${count(fills.full.messages)} messages`, figures: start(at_most(300)) },
  start_empty: { title: 'Start with an empty store', figures: start(at_most(20)) },
  resident: { title: '10,000 connections registered and idle', figures: [rss(at_most(1000)), pss, opening] },
  worked: {
    title: '10,000 connections, each of which sends and receives 1 MB and rests again',
    figures: after_traffic,
  },
  token: {
    title: 'A token verified, by itself',
    figures: [
      figure('hs256_us', 'HS256', 'µs', 2, (r) => r.hs256_us, at_most(4)),
      figure('rs256_us', 'RS256 of 2048 bits', 'µs', 1, (r) => r.rs256_us),
      figure('es256_us', 'ES256', 'µs', 1, (r) => r.es256_us),
    ],
  },
  token_churn: {
    title: '50 at a time connect, register with a token, write a message and leave, again and again',
    figures: churn(beside('uwebsockets', 1)),
  },
  token_storm: {
    title: '2,000 connections lost and back, each with its token',
    figures: storm('until all are registered again', beside('klatch', 1.05)),
  },
  tls_storm: {
    title: '2,000 connections with TLS lost and back',
    figures: storm('until all are registered again', at_most(0.6)),
  },
  tls_resident: {
    title: '10,000 connections with TLS registered and idle',
    figures: [rss(at_most(tls_limit), beside('uwebsockets_tls', 1), beside('uwebsockets_tls_low', 1)), pss, opening],
  },
  tls_worked: {
    title: '2,000 connections with TLS, each of which sends and receives 1 MB and rests again',
    figures: after_traffic,
  },
  tls_pairs: {
    title: '200 connections with TLS in pairs, 8 messages under way from each, 120 bytes of text',
    figures: pairs(beside('klatch', 1.5)),
  },
  tls_pairs_one: {
    title: 'The same with 1 message under way from each',
    figures: pairs(beside('klatch', 1.3)),
  },
  tls_churn: {
    title: '50 at a time connect with a full TLS handshake, register, write a message and leave, again and again',
    figures: churn(at_most(230), beside('uwebsockets_tls', 1)),
  },
  tls_churn_resumed: {
    title: 'The same with TLS sessions of before, which handshakes go on with',
    figures: churn(),
  },
  restart: {
    title: 'Restart behind a passed socket with 10,000 extended connections and 1,000 stored messages a second, each delivered once',
    figures: [
      figure('refused', 'connections refused, or ended without a time to come back', '', 0, (r) => r.refused, at_most(0)),
      figure('stopped_seconds', 'from SIGTERM until the old process has ended', 's', 3, (r) => r.stopped_seconds),
      figure('first_back_seconds', 'from SIGTERM until the first one is registered again', 's', 3, (r) => r.first_back_seconds, at_most(0.6)),
      figure('last_back_seconds', 'from SIGTERM until the last one is', 's', 3, (r) => r.last_back_seconds, at_most(6)),
      figure('server_cores', 'cores that both processes used meanwhile', '', 2, (r) => r.server_cores, at_most(0.6)),
      figure('sent_again', 'messages that were sent again, since they were not acknowledged', '', 0, (r) => r.sent_again),
    ],
  },
  metrics: {
    title: '/metrics with 10,000 connections',
    figures: [
      figure('p50_ms', 'from the request to its answer, median', 'ms', 3, (r) => r.scrape.p50_ms, at_most(2)),
      figure('p99_ms', 'from the request to its answer, 99th percentile', 'ms', 3, (r) => r.scrape.p99_ms),
      figure('kib', 'size of the answer', 'KiB', 1, (r) => kib(r.bytes), at_most(64)),
      figure('cpu_us_per_scrape', 'server CPU an answer', 'µs', 0, (r) => r.server_cpu_us_per_scrape),
    ],
  },
  reload: {
    title: '5,000 messages a second between 200 connections, settings, keys and certificates reloaded twice a second',
    figures: [
      figure('after_ms', 'from the intended moment to the recipient, the worst around a reload', 'ms', 3, (r) => r.after_reload.max_ms),
      figure('between_ms', 'the worst in as long a time between two', 'ms', 3, (r) => r.between_reloads.max_ms),
      figure('later_ms', 'the one less the other', 'ms', 3, (r) => r.later_ms, at_most(5)),
      cpu('server CPU a message'),
    ],
  },
  scraped_pairs: {
    title: '200 connections in pairs, 8 messages under way from each, /metrics read once a second',
    figures: pairs(beside('klatch', 1.01)),
  },
  scraped_pairs_one: {
    title: 'The same with 1 message under way from each and /metrics read once a second',
    figures: pairs(beside('klatch', 1.01)),
  },
  cluster_store: {
    title: 'One writer of the store, batches of 100 messages of 50,000 users with 250,000 conversations',
    figures: [
      postgres_cpu('PostgreSQL\'s CPU a message', at_most(30)),
      figure('own_cpu', 'the writing thread\'s CPU a message', 'µs', 2, (r) => r.own_cpu_us_per_message, at_most(2)),
      figure('all_cpu', 'CPU a message in all', 'µs', 1, (r) => r.cpu_us_per_message, beside('sqlite_store', 3)),
      figure('per_second', 'messages', '/s', 0, (r) => r.messages_per_second),
      figure('p50_ms', 'a batch, median', 'ms', 2, (r) => r.append.p50_ms),
      figure('p99_ms', 'a batch, 99th percentile', 'ms', 2, (r) => r.append.p99_ms),
      figure('wal', 'PostgreSQL\'s WAL a message', 'bytes', 0, (r) => r.wal_bytes_per_message ?? 0),
    ],
  },
  cluster_store_one: {
    title: 'One writer of the store, one message after the other',
    figures: [
      figure('p50_ms', 'a message, median', 'ms', 2, (r) => r.append.p50_ms),
      figure('p99_ms', 'a message, 99th percentile', 'ms', 2, (r) => r.append.p99_ms),
      postgres_cpu('PostgreSQL\'s CPU a message'),
    ],
  },
  cluster_heads: {
    title: 'How far the inboxes of connected users go, asked as a node does that does not hear the others',
    figures: [
      figure('of_1000', 'PostgreSQL\'s CPU a user, 1,000 users', 'µs', 2, (r) => r.of_1000.postgres_cpu_us_per_head, at_most(3)),
      figure('of_10000', 'PostgreSQL\'s CPU a user, 10,000 users', 'µs', 2, (r) => r.of_10000.postgres_cpu_us_per_head, at_most(3)),
      figure('own', 'the reader\'s own CPU a user', 'µs', 2, (r) => r.of_10000.own_cpu_us_per_head),
      figure('ms', '10,000 users, median', 'ms', 1, (r) => r.of_10000.read.p50_ms),
    ],
  },
  cluster_bus: {
    title: 'The bus alone: 100 messages told together, 1,000 times a second, to a node that has none of their users',
    figures: [
      figure('cpu', 'CPU a message and node', 'µs', 2, (r) => r.node_cpu_us_per_message, at_most(1)),
      figure('bytes', 'a message on the bus', 'bytes', 0, (r) => r.bytes_per_message),
    ],
  },
  cluster_ack: {
    title: '200 messages a second between 200 connections of one node',
    figures: paced_cluster([at_most(1), at_most(3)]),
  },
  cluster_across_nats: {
    title: 'The same between connections of two nodes, told over NATS',
    figures: paced_cluster([], at_most(0.5)),
  },
  cluster_across: {
    title: 'The same, told by PostgreSQL\'s NOTIFY',
    figures: paced_cluster([], at_most(2)),
  },
  cluster_users: {
    title: '8,000 messages a second between 15,000 connections of one node',
    figures: cluster_messages,
  },
  cluster_pairs: {
    title: '2,000 connections in pairs, 1 message under way from each, partners at different nodes',
    figures: cluster_messages,
  },
  idle: { title: '10,000 connections registered and idle for 26 s, nothing stored', figures: idle },
  idle_stored: { title: '10,000 extended connections registered and idle for 26 s, with the store', figures: idle },
};

/** The release binary, stripped, with all that the page needs inside. */
export const binary_goal = { of: 'The release binary', title: 'stripped', unit: 'MiB', digits: 2, ...at_most(8) };
