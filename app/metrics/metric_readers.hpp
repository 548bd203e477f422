/// How the rows of the table of metrics read what was counted.
#pragma once

#include "actors/archive/pending_limit.hpp"
#include "app/key_set_counters.hpp"
#include "app/metrics/process_usage.hpp"
#include "app/metrics/settings_counters.hpp"
#include "app/readiness.hpp"
#include "messages/service_counters.hpp"
#include "net/loop/worker.hpp"
#include "net/tls/tls_certificates.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <prometheus/client_metric.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::app {

/// Where the values of metrics come from. What it points to outlives it.
struct metric_sources {
  std::vector<net::worker*> workers;
  const store_counters* stored;
  const actors::pending_limit* waiting; ///< null: messages are not stored
  std::filesystem::path store_file;     ///< empty: there is none
  const readiness* state;
  const settings_counters* settings;
  const net::tls_certificates* certificates; ///< null: there is no TLS
  const key_set_counters* key_set = nullptr; ///< null: there is none
  bool clustered = false;                    ///< the store may be shared with other nodes
};

using metric_samples = std::vector<prometheus::ClientMetric>;
/// Reads a metric's values. Waits for nobody.
using metric_reader = std::function<metric_samples(const metric_sources&)>;
using metric_label = prometheus::ClientMetric::Label;

/// One sample, which is a counter's and a gauge's.
prometheus::ClientMetric sample_of(double value, std::vector<metric_label> labels = {});
inline prometheus::ClientMetric sample_of(std::uint64_t value,
                                          std::vector<metric_label> labels = {}) {
  return sample_of(static_cast<double>(value), std::move(labels));
}
/// The sum of histograms that have the same bounds.
prometheus::ClientMetric sample_of(std::span<const histogram* const> all,
                                   std::vector<metric_label> labels = {});

/// None without TLS.
metric_reader of_tls(metric_reader read);
/// A value that is there always.
metric_reader value_of(std::function<double(const metric_sources&)> read);
/// A value of the store; none if messages are not stored.
metric_reader of_store(std::function<double(const metric_sources&)> read);

/// A value of what joins this node to others; none if its store is its own.
metric_reader of_cluster(std::function<double(const cluster_counters&)> read);

/// A value of the JWK set that is fetched; none if no address of one is set.
metric_reader of_key_set(std::function<double(const key_set_counters&)> read);

/// The sum over all workers of what `read` returns for one.
std::uint64_t sum_of(const metric_sources& from,
                     const std::function<std::uint64_t(const worker_counters&)>& read);
/// Of a counter of workers.
metric_reader total(counter worker_counters::*which);
/// Of their counters by an enumeration, whose values have `names`.
template<class Enum, std::size_t Size>
metric_reader total_by(std::string name, std::span<const std::string_view> names,
                       counters_by<Enum, Size> worker_counters::*which) {
  return [=](const metric_sources& from) {
    metric_samples result;
    for (std::size_t at = 0; at < Size; ++at)
      result.push_back(
          sample_of(sum_of(from, [&](const auto& each) { return (each.*which).all()[at].value(); }),
                    {{name, std::string{names[at]}}}));
    return result;
  };
}
/// Of a counter of archives.
metric_reader archive_total(counter archive_counters::*which);
/// Of a histogram of archives; none if messages are not stored.
template<class Histogram>
metric_reader archive_histogram(Histogram archive_counters::*which) {
  return [=](const metric_sources& from) -> metric_samples {
    if (from.waiting == nullptr)
      return {};
    std::vector<const histogram*> all;
    for (const auto& each : from.stored->archives)
      all.push_back(&(each.*which));
    return {sample_of(all)};
  };
}

// Those that are made of several things, or that the system counts.
metric_samples read_build(const metric_sources& from);
metric_samples read_connections(const metric_sources& from);
metric_samples read_projects(const metric_sources& from);
metric_samples read_closes(const metric_sources& from);
metric_samples read_frames_received(const metric_sources& from);
metric_samples read_messages_refused(const metric_sources& from);
metric_samples read_acks(const metric_sources& from);
metric_samples read_readers(const metric_sources& from);
metric_samples read_rounds(const metric_sources& from);
metric_samples read_reloads(const metric_sources& from);
metric_samples read_certificates(const metric_sources& from);
metric_samples read_busy(const metric_sources& from);
metric_samples read_key_set_fetches(const metric_sources& from);
metric_samples read_key_set_age(const metric_sources& from);
double file_bytes(const std::filesystem::path& file);

} // namespace klatch::app
