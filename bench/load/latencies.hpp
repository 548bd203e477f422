/// Durations of one kind, and where their quantiles are.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

namespace load {

class latencies {
public:
  void reserve(std::size_t count) { values_.reserve(count); }
  void add(std::chrono::nanoseconds value) { values_.push_back(value); }
  std::size_t count() const { return values_.size(); }

  /// The least value that at least this share (0 to 1) of them does not exceed; in ms. Throws
  /// `failure` if there are none.
  double quantile_ms(double share) const;

  /// `count`, `p50_ms`, `p99_ms`, `max_ms`.
  nlohmann::ordered_json summary() const;

private:
  std::vector<std::chrono::nanoseconds> values_;
};

} // namespace load
