// What is shown of each case, and what it has to reach.
import { fills } from './cases.mjs';

/**
 * A figure: its key, what it means, its unit, how one result gives it, how many digits are printed, and the goal that its
 * median has to meet, where it has one.
 */
const figure = (key, title, unit, digits, of, goal) => ({ key, title, unit, digits, of, goal });
const at_most = (limit) => ({ limit, sign: '≤', met: (value) => value <= limit });
const at_least = (limit) => ({ limit, sign: '≥', met: (value) => value >= limit });

const cpu = (title, goal) => figure('cpu_us_per_message', title, 'µs', 2, (r) => r.server_cpu_us_per_message, goal);
const cores = figure('server_cores', 'cores that the server used', '', 2, (r) => r.server_cores);
const kib = (value) => value / 1024;

const idle = (goals) => [
  figure('rss_bytes_per_connection', 'resident memory a connection', 'bytes', 0, (r) => r.rested.rss_bytes_per_connection, goals && at_most(8192)),
  figure('pss_bytes_per_connection', 'the same, as Pss', 'bytes', 0, (r) => r.rested.pss_bytes_per_connection),
  figure('cpu_percent_of_a_core', 'CPU while idle, pings included', '% of a core', 2, (r) => r.idle_cpu_percent_of_a_core, goals && at_most(1)),
  figure('open_cpu_us_per_connection', 'CPU to accept and register one', 'µs', 0, (r) => r.open_cpu_us_per_connection),
];

const missed = [
  figure('seconds', 'from the registration until all are there', 's', 3, (r) => r.seconds, at_most(0.5)),
  cpu('server CPU a message'),
];

const history = (goal) => [
  figure('page_p50_ms', 'from a request to its answer, median', 'ms', 3, (r) => r.page.p50_ms, goal),
  figure('page_p99_ms', 'from a request to its answer, 99th percentile', 'ms', 3, (r) => r.page.p99_ms, goal),
  figure('cpu_us_per_page', 'server CPU a page', 'µs', 0, (r) => r.server_cpu_us_per_page),
];

const start = (goal) => [
  figure('ready_ms', 'from exec to the line that says it is ready', 'ms', 1, (r) => r.ready.p50_ms, goal),
  figure('connected_ms', 'from exec to the first upgraded connection', 'ms', 1, (r) => r.first_connection.p50_ms, goal),
  figure('registered_ms', 'from exec to the first welcome', 'ms', 1, (r) => r.first_registration.p50_ms),
  figure('cpu_ms', 'server CPU up to there', 'ms', 1, (r) => r.cpu.p50_ms),
  figure('stop_ms', 'from SIGTERM to the end', 'ms', 1, (r) => r.stop.p50_ms),
  figure('rss_mib', 'resident memory then', 'MiB', 1, (r) => kib(r.rss_kib)),
];

const count = (value) => value.toLocaleString('en-GB');

export const shown = {
  pairs: {
    title: '200 connections in pairs, 8 messages under way from each, 120 bytes of text',
    figures: [
      cpu('server CPU a delivered message'),
      figure('delivered_per_second', 'delivered messages', '/s', 0, (r) => r.delivered_per_second),
      cores,
    ],
    ratio_goal: { key: 'cpu_us_per_message', title: 'CPU a delivered message, ws : Klatch', ...at_least(2.5) },
  },
  stored_pairs: {
    title: '200 extended connections in pairs, the same messages, stored',
    figures: [
      figure('delivered_per_second', 'stored and delivered messages', '/s', 0, (r) => r.delivered_per_second, at_least(25_000)),
      cpu('server CPU a stored and delivered message', at_most(25)),
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
  missed: { title: 'Resuming after 10,000 missed messages, just written', figures: missed },
  missed_filled: { title: `Resuming after 10,000 missed messages that are spread over the ${count(fills.full.messages)} of the filled store`, figures: missed },
  history: { title: 'Pages of 50 at random places of a conversation of 1,000,000', figures: history(at_most(2)) },
  history_short: { title: 'Pages of 50 at random places of a conversation of 100', figures: history() },
  start: { title: `Start with ${count(fills.full.messages)} messages`, figures: start(at_most(300)) },
  start_empty: { title: 'Start with an empty store', figures: start() },
  idle: { title: '10,000 connections registered and idle, nothing stored', figures: idle(true) },
  idle_stored: { title: '10,000 extended connections registered and idle, with the store', figures: idle(true) },
};
