/// The table of metrics: one row a metric, from which `/metrics` and the table in
/// docs/operations.md come.
#pragma once

#include "app/metrics/metric_readers.hpp"

#include <prometheus/metric_type.h>
#include <string_view>
#include <vector>

namespace klatch::app {

struct metric_row {
  std::string_view name; ///< by Prometheus' rules: base units, `_total` for counters
  prometheus::MetricType type;
  std::string_view labels; ///< their names, for people; their values are few and fixed
  std::string_view help;
  metric_reader read; ///< no sample: there is no such thing as the service runs
};

/// In the order of documents.
const std::vector<metric_row>& all_metrics();

/// `counter`, `gauge` or `histogram`.
std::string_view name_of(prometheus::MetricType type) noexcept;

} // namespace klatch::app
