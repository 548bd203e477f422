#include "bench/load/latencies.hpp"

#include "bench/load/failure.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace load {

double latencies::quantile_ms(double share) const {
  if (values_.empty())
    throw failure("nothing was timed");
  const auto rank = std::ceil(share * static_cast<double>(values_.size()));
  const auto index = std::clamp<std::size_t>(static_cast<std::size_t>(rank), 1, values_.size()) - 1;
  auto sorted = values_;
  const auto wanted = sorted.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(sorted.begin(), wanted, sorted.end());
  return std::chrono::duration<double, std::milli>(*wanted).count();
}

nlohmann::ordered_json latencies::summary() const {
  return {{"count", count()},
          {"p50_ms", quantile_ms(0.5)},
          {"p99_ms", quantile_ms(0.99)},
          {"max_ms", quantile_ms(1)}};
}

} // namespace load
