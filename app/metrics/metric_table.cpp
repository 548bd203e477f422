#include "app/metrics/metric_table.hpp"

#include <chrono>
#include <iterator>
#include <prometheus/metric_type.h>
#include <utility>

namespace klatch::app {

namespace {

using enum prometheus::MetricType;

double now_ready(const metric_sources& from) {
  return from.state->reasons(std::chrono::steady_clock::now()).empty() ? 1 : 0;
}

metric_reader of_process(double (*read)(const process_usage&)) {
  return value_of([read](const metric_sources& /*from*/) { return read(usage_of_process()); });
}

metric_reader of_store_file(std::string_view ending) {
  return [ending](const metric_sources& from) -> metric_samples {
    if (from.store_file.empty())
      return {};
    auto file = from.store_file;
    return {sample_of(file_bytes(file += ending))};
  };
}

std::vector<std::string_view> error_names() {
  std::vector<std::string_view> names;
  for (const auto& row : all_errors())
    names.push_back(row.name);
  return names;
}

// What other parts of the service will bring (hooks) becomes a group of its own here.

std::vector<metric_row> service_metrics() {
  return {
      {"klatch_build_info", Gauge, "version, caf, boost, sqlite",
       "Always 1; its labels are the versions.", read_build},
      {"klatch_ready", Gauge, "", "1 if /readyz answers 200, else 0.", value_of(now_ready)},
      {"klatch_draining", Gauge, "", "1 once the service has begun to stop.",
       value_of([](const auto& from) { return from.state->draining() ? 1 : 0; })},
      {"klatch_insecure", Gauge, "", "1 if nobody is asked for a token, else 0.",
       value_of(
           [](const auto& from) { return static_cast<double>(from.settings->insecure.value()); })},
      {"klatch_config_reloads_total", Counter, "outcome",
       "Reloads of the settings; refused: they were wrong, and nothing has changed.", read_reloads},
      {"klatch_config_last_success_timestamp_seconds", Gauge, "",
       "When the settings in force were read, since 1970 UTC.", value_of([](const auto& from) {
         return static_cast<double>(from.settings->last_success.value());
       })},
  };
}

std::vector<metric_row> connection_metrics() {
  return {
      {"klatch_connections", Gauge, "dialect",
       "WebSockets that are open; dialect none: not registered yet.", read_connections},
      {"klatch_users", Gauge, "", "Users with at least one connection.",
       value_of([](const auto& from) {
         double sum = 0;
         for (const auto* each : from.workers)
           sum += static_cast<double>(each->counters().users.value());
         return sum;
       })},
      {"klatch_guests", Gauge, "", "WebSockets of guests.", value_of([](const auto& from) {
         double sum = 0;
         for (const auto* each : from.workers)
           sum += static_cast<double>(each->counters().guests.value());
         return sum;
       })},
      {"klatch_projects", Gauge, "",
       "Projects with at least one user connected, as the worker that knows of most counts them: "
       "with several workers a lower bound.",
       read_projects},
      {"klatch_connections_opened_total", Counter, "", "WebSockets that were opened.",
       total(&worker_counters::connections_opened)},
      {"klatch_connections_closed_total", Counter, "code",
       "WebSockets that have ended, by the first close code either side sent; 1006: without one; "
       "other: one of the client's own, or none given.",
       read_closes},
      {"klatch_upgrades_refused_total", Counter, "reason", "Requests for a WebSocket refused.",
       total_by("reason", upgrade_refusal_names, &worker_counters::upgrades_refused)},
      {"klatch_registrations_total", Counter, "outcome",
       "Registrations; too_old: what the client had is not in the store any more; again: a "
       "registered connection changed its name.",
       total_by("outcome", registration_outcome_names, &worker_counters::registrations)},
      {"klatch_new_guests_total", Counter, "outcome",
       "Visitors who asked to be guests; rate_limited: more than --guest-rate of one address.",
       total_by("outcome", guest_outcome_names, &worker_counters::new_guests)},
      {"klatch_slow_readers_closed_total", Counter, "",
       "Connections closed with 4508, since their clients did not read.",
       total(&worker_counters::slow_readers_closed)},
  };
}

std::vector<metric_row> key_set_metrics() {
  return {
      {"klatch_jwks_fetches_total", Counter, "outcome",
       "Fetches of the JWK set that --jwks names; unreachable: no connection, no trust, no time; "
       "refused: the answer is no set that can be used.",
       read_key_set_fetches},
      {"klatch_jwks_keys", Gauge, "", "Keys of that set that are in force.",
       of_key_set([](const auto& counted) { return static_cast<double>(counted.keys.value()); })},
      {"klatch_jwks_age_seconds", Gauge, "", "Time since that set was last fetched.",
       read_key_set_age},
  };
}

std::vector<metric_row> traffic_metrics() {
  return {
      {"klatch_frames_received_total", Counter, "type",
       "Frames of clients that were let in and decoded; other: of no known type.",
       read_frames_received},
      {"klatch_frames_sent_total", Counter, "type", "Frames to clients.",
       total_by("type", frame_type_names, &worker_counters::frames_sent)},
      {"klatch_bytes_received_total", Counter, "", "Bytes read from all sockets, HTTP included.",
       total(&worker_counters::bytes_received)},
      {"klatch_bytes_sent_total", Counter, "", "Bytes written to all sockets, HTTP included.",
       total(&worker_counters::bytes_sent)},
      {"klatch_errors_sent_total", Counter, "code", "Errors to clients, in either dialect.",
       [names = error_names()](const metric_sources& from) {
         return total_by("code", names, &worker_counters::errors_sent)(from);
       }},
  };
}

std::vector<metric_row> tls_metrics() {
  return {
      {"klatch_tls_handshakes_total", Counter, "kind",
       "Handshakes of TLS; failed: ended by a fault of either side.",
       of_tls(total_by("kind", tls_outcome_names, &worker_counters::tls_handshakes))},
      {"klatch_tls_handshakes_waiting", Gauge, "",
       "Connections that wait for their turn to shake hands.",
       of_tls(value_of([](const auto& from) {
         double sum = 0;
         for (const auto* each : from.workers)
           sum += static_cast<double>(each->counters().tls_waiting.value());
         return sum;
       }))},
      {"klatch_tls_certificate_expiry_timestamp_seconds", Gauge, "name",
       "When a certificate in force ends, since 1970 UTC; name: the first that it is for.",
       of_tls(read_certificates)},
  };
}

std::vector<metric_row> store_metrics() {
  return {
      {"klatch_messages_stored_total", Counter, "", "Messages stored.",
       archive_total(&archive_counters::stored)},
      {"klatch_messages_repeated_total", Counter, "",
       "Messages that were sent once more and had been stored.",
       archive_total(&archive_counters::repeated)},
      {"klatch_messages_refused_total", Counter, "reason",
       "Messages not stored; waiting: too many others waited.", read_messages_refused},
      {"klatch_ack_seconds", Histogram, "",
       "From the frame of a message to its acknowledgement, of extended clients.", read_acks},
      {"klatch_store_commit_seconds", Histogram, "", "How long a batch takes to be on disk.",
       archive_histogram(&archive_counters::commits)},
      {"klatch_store_batch_messages", Histogram, "", "Messages in a batch.",
       archive_histogram(&archive_counters::batches)},
      {"klatch_store_waiting_messages", Gauge, "", "Messages that wait to be stored.",
       of_store(
           [](const auto& from) { return static_cast<double>(from.waiting->waiting_messages()); })},
      {"klatch_store_waiting_bytes", Gauge, "", "Bytes of their texts.",
       of_store(
           [](const auto& from) { return static_cast<double>(from.waiting->waiting_bytes()); })},
      {"klatch_store_writable", Gauge, "", "0 if the store could not be written the last time.",
       of_store([](const auto& from) { return from.stored->writable() ? 1.0 : 0.0; })},
      {"klatch_store_size_bytes", Gauge, "", "Size of klatch.db.", of_store_file("")},
      {"klatch_store_wal_bytes", Gauge, "", "Size of klatch.db-wal.", of_store_file("-wal")},
      {"klatch_store_unindexed_messages", Gauge, "", "Messages that no index has yet.",
       of_store([](const auto& from) {
         return static_cast<double>(from.stored->archives.front().unindexed.value());
       })},
      {"klatch_reader_seconds", Histogram, "query", "How long the store takes to be read.",
       read_readers},
  };
}

metric_reader of_cluster_counter(counter cluster_counters::*which) {
  return of_cluster(
      [which](const cluster_counters& from) { return static_cast<double>((from.*which).value()); });
}

metric_reader of_cluster_gauge(gauge cluster_counters::*which) {
  return of_cluster(
      [which](const cluster_counters& from) { return static_cast<double>((from.*which).value()); });
}

std::vector<metric_row> cluster_metrics() {
  return {
      {"klatch_cluster_nodes", Gauge, "",
       "Nodes that share the store and have a lease; without a store, those that are heard.",
       of_cluster_gauge(&cluster_counters::nodes)},
      {"klatch_cluster_deaf", Gauge, "",
       "1 while not all of them are heard on the bus, and the store is looked at instead.",
       of_cluster_gauge(&cluster_counters::deaf)},
      {"klatch_cluster_looks_total", Counter, "",
       "Looks at the heads of all inboxes of users who are connected here.",
       of_cluster_counter(&cluster_counters::looks)},
      {"klatch_cluster_messages_heard_total", Counter, "",
       "Messages of other nodes for users who may be connected here.",
       of_cluster_counter(&cluster_counters::messages_heard)},
      {"klatch_bus_frames_sent_total", Counter, "", "Frames with messages or hints for the bus.",
       of_cluster_counter(&cluster_counters::frames_sent)},
      {"klatch_bus_frames_refused_total", Counter, "", "Of those, the ones that it did not take.",
       of_cluster_counter(&cluster_counters::frames_refused)},
      {"klatch_bus_frames_received_total", Counter, "", "Frames from the bus, heartbeats too.",
       of_cluster_counter(&cluster_counters::frames_received)},
      {"klatch_bus_frames_bad_total", Counter, "",
       "Frames, or records in them, that no node of the cluster has written.",
       of_cluster_counter(&cluster_counters::frames_bad)},
      {"klatch_bus_records_too_large_total", Counter, "",
       "Records that no frame has room for: the others look into the store, if there is one.",
       of_cluster_counter(&cluster_counters::too_large)},
  };
}

std::vector<metric_row> machine_metrics() {
  return {
      {"klatch_worker_round_seconds", Histogram, "worker",
       "How long a worker's round takes, which others wait for; one in 8 is timed.", read_rounds},
      {"klatch_worker_busy_seconds_total", Counter, "worker",
       "Processor time of the worker's thread.", read_busy},
      {"process_cpu_seconds_total", Counter, "", "Processor time of the process.",
       of_process([](const auto& used) { return used.cpu_seconds; })},
      {"process_resident_memory_bytes", Gauge, "", "Resident memory of the process.",
       of_process([](const auto& used) { return static_cast<double>(used.resident_bytes); })},
      {"process_open_fds", Gauge, "", "Open descriptors of the process.",
       of_process([](const auto& used) { return static_cast<double>(used.open_descriptors); })},
      {"process_max_fds", Gauge, "", "Descriptors that the process may have.",
       of_process([](const auto& used) { return static_cast<double>(used.max_descriptors); })},
      {"process_start_time_seconds", Gauge, "", "When the process was started, since 1970 UTC.",
       of_process([](const auto& used) { return used.started; })},
  };
}

std::vector<metric_row> make_metrics() {
  std::vector<metric_row> table;
  for (auto* group : {service_metrics, connection_metrics, key_set_metrics, traffic_metrics,
                      tls_metrics, store_metrics, cluster_metrics, machine_metrics}) {
    auto rows = group();
    table.insert(table.end(), std::make_move_iterator(rows.begin()),
                 std::make_move_iterator(rows.end()));
  }
  return table;
}

} // namespace

const std::vector<metric_row>& all_metrics() {
  static const auto table = make_metrics();
  return table;
}

std::string_view name_of(prometheus::MetricType type) noexcept {
  switch (type) {
  case Counter:
    return "counter";
  case Histogram:
    return "histogram";
  default:
    return "gauge";
  }
}

} // namespace klatch::app
