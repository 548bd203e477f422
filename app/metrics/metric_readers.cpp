#include "app/metrics/metric_readers.hpp"

#include "app/help.hpp"
#include "messages/wire/command_table.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <map>
#include <system_error>
#include <utility>

namespace klatch::app {

prometheus::ClientMetric sample_of(double value, std::vector<metric_label> labels) {
  prometheus::ClientMetric result;
  result.label = std::move(labels);
  result.counter.value = value; // The type of its family decides which of the two is written.
  result.gauge.value = value;
  return result;
}

prometheus::ClientMetric sample_of(std::span<const histogram* const> all,
                                   std::vector<metric_label> labels) {
  prometheus::ClientMetric result;
  result.label = std::move(labels);
  const auto bounds = all.front()->bounds();
  const auto unit = all.front()->unit();
  std::uint64_t cumulative = 0;
  double sum = 0;
  for (std::size_t at = 0; at <= bounds.size(); ++at) {
    for (const auto* each : all)
      cumulative += each->counts()[at].value();
    const auto upper = at < bounds.size() ? static_cast<double>(bounds[at]) * unit
                                          : std::numeric_limits<double>::infinity();
    result.histogram.bucket.push_back({cumulative, upper});
  }
  for (const auto* each : all)
    sum += static_cast<double>(each->sum()) * unit;
  result.histogram.sample_count = cumulative;
  result.histogram.sample_sum = sum;
  return result;
}

metric_reader of_tls(metric_reader read) {
  return [read = std::move(read)](const metric_sources& from) -> metric_samples {
    if (from.certificates == nullptr)
      return {};
    return read(from);
  };
}

metric_reader value_of(std::function<double(const metric_sources&)> read) {
  return [read = std::move(read)](const metric_sources& from) -> metric_samples {
    return {sample_of(read(from))};
  };
}

metric_reader of_store(std::function<double(const metric_sources&)> read) {
  return [read = std::move(read)](const metric_sources& from) -> metric_samples {
    if (from.waiting == nullptr)
      return {};
    return {sample_of(read(from))};
  };
}

metric_reader of_cluster(std::function<double(const cluster_counters&)> read) {
  return [read = std::move(read)](const metric_sources& from) -> metric_samples {
    if (!from.clustered)
      return {};
    return {sample_of(read(from.stored->cluster))};
  };
}

metric_reader of_key_set(std::function<double(const key_set_counters&)> read) {
  return [read = std::move(read)](const metric_sources& from) -> metric_samples {
    if (from.key_set == nullptr || from.key_set->in_use.value() == 0)
      return {};
    return {sample_of(read(*from.key_set))};
  };
}

std::uint64_t sum_of(const metric_sources& from,
                     const std::function<std::uint64_t(const worker_counters&)>& read) {
  std::uint64_t sum = 0;
  for (const auto* each : from.workers)
    sum += read(each->counters());
  return sum;
}

metric_reader total(counter worker_counters::*which) {
  return [=](const metric_sources& from) -> metric_samples {
    return {sample_of(sum_of(from, [=](const auto& each) { return (each.*which).value(); }))};
  };
}

metric_reader archive_total(counter archive_counters::*which) {
  return [=](const metric_sources& from) -> metric_samples {
    return {sample_of(from.stored->total(which))};
  };
}

metric_samples read_build(const metric_sources& /*from*/) {
  std::vector<metric_label> labels;
  for (const auto& [name, version] : versions())
    labels.push_back({name, version});
  return {sample_of(1.0, std::move(labels))};
}

metric_samples read_connections(const metric_sources& from) {
  metric_samples result;
  for (std::size_t at = 0; at < spoken_names.size(); ++at) {
    std::int64_t sum = 0;
    for (const auto* each : from.workers)
      sum += each->counters().connections[at].value();
    result.push_back(
        sample_of(static_cast<double>(sum), {{"dialect", std::string{spoken_names[at]}}}));
  }
  return result;
}

metric_samples read_projects(const metric_sources& from) {
  std::int64_t most = 0;
  for (const auto* each : from.workers)
    most = std::max(most, each->counters().projects.value());
  return {sample_of(static_cast<double>(most))};
}

metric_samples read_closes(const metric_sources& from) {
  metric_samples result;
  const auto add = [&](std::string code, const auto& read) {
    result.push_back(
        sample_of(sum_of(from, [&](const auto& each) { return read(each.connections_closed); }),
                  {{"code", std::move(code)}}));
  };
  add("1006", [](const auto& closed) { return closed.abnormals(); });
  for (std::size_t at = 0; at < all_closes().size(); ++at)
    add(std::to_string(static_cast<unsigned>(all_closes()[at].code)),
        [at](const auto& closed) { return closed.at_row(at); });
  add("other", [](const auto& closed) { return closed.others(); });
  return result;
}

metric_samples read_frames_received(const metric_sources& from) {
  metric_samples result;
  const auto add = [&](std::string_view type, std::size_t row) {
    result.push_back(sample_of(
        sum_of(from, [row](const auto& each) { return each.frames_received[row].value(); }),
        {{"type", std::string{type}}}));
  };
  const auto rows = command_table();
  for (std::size_t at = 0; at < rows.size(); ++at)
    add(rows[at].type, at);
  add("other", rows.size());
  return result;
}

metric_samples read_messages_refused(const metric_sources& from) {
  metric_samples result;
  for (std::size_t at = 0; at < message_refusal_names.size(); ++at) {
    std::uint64_t count = 0;
    for (const auto& each : from.stored->archives)
      count += each.refused.all()[at].value();
    if (at == static_cast<std::size_t>(message_refusal::waiting))
      count += sum_of(from, [](const auto& each) { return each.messages_refused.value(); });
    result.push_back(sample_of(count, {{"reason", std::string{message_refusal_names[at]}}}));
  }
  return result;
}

metric_samples read_acks(const metric_sources& from) {
  if (from.waiting == nullptr)
    return {};
  std::vector<const histogram*> all;
  for (const auto* each : from.workers)
    all.push_back(&each->counters().acks);
  return {sample_of(all)};
}

metric_samples read_readers(const metric_sources& from) {
  metric_samples result;
  if (from.waiting == nullptr)
    return result;
  for (std::size_t at = 0; at < reader_query_names.size(); ++at) {
    std::vector<const histogram*> all{&from.stored->queries.answers[at]};
    for (const auto& each : from.stored->inboxes)
      all.push_back(&each.answers[at]);
    result.push_back(sample_of(all, {{"query", std::string{reader_query_names[at]}}}));
  }
  return result;
}

metric_samples read_rounds(const metric_sources& from) {
  metric_samples result;
  for (const auto* each : from.workers) {
    const histogram* const only = &each->counters().rounds;
    result.push_back(sample_of(std::span{&only, 1}, {{"worker", std::to_string(each->index())}}));
  }
  return result;
}

metric_samples read_reloads(const metric_sources& from) {
  return {sample_of(from.settings->reloads.value(), {{"outcome", "taken_over"}}),
          sample_of(from.settings->refused_reloads.value(), {{"outcome", "refused"}})};
}

/// Of several certificates with one name the first that ends.
metric_samples read_certificates(const metric_sources& from) {
  std::map<std::string, double> ends;
  for (const auto& each : from.certificates->expiries()) {
    const auto end = std::chrono::duration<double>{each.end.time_since_epoch()}.count();
    const auto [at, is_new] = ends.try_emplace(each.name, end);
    at->second = is_new ? end : std::min(at->second, end);
  }
  metric_samples result;
  for (const auto& [name, end] : ends)
    result.push_back(sample_of(end, {{"name", name}}));
  return result;
}

metric_samples read_busy(const metric_sources& from) {
  metric_samples result;
  for (auto* each : from.workers)
    result.push_back(sample_of(std::chrono::duration<double>{each->busy()}.count(),
                               {{"worker", std::to_string(each->index())}}));
  return result;
}

metric_samples read_key_set_fetches(const metric_sources& from) {
  metric_samples result;
  if (from.key_set == nullptr || from.key_set->in_use.value() == 0)
    return result;
  for (std::size_t at = 0; at < fetch_outcome_names.size(); ++at)
    result.push_back(sample_of(from.key_set->fetches.all()[at].value(),
                               {{"outcome", std::string{fetch_outcome_names[at]}}}));
  return result;
}

metric_samples read_key_set_age(const metric_sources& from) {
  if (from.key_set == nullptr || from.key_set->in_use.value() == 0 ||
      from.key_set->good_at.value() == 0)
    return {};
  const std::chrono::nanoseconds good_at{from.key_set->good_at.value()};
  const auto age = std::chrono::steady_clock::now().time_since_epoch() - good_at;
  return {sample_of(std::chrono::duration<double>{age}.count())};
}

double file_bytes(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<double>(size);
}

} // namespace klatch::app
