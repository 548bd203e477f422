#include "tests/cluster/latencies.hpp"

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <iterator>
#include <ostream>
#include <utility>

namespace klatch::clustered {

namespace {

double since_in_ms(time_point since) {
  return std::chrono::duration<double, std::milli>{std::chrono::steady_clock::now() - since}
      .count();
}

void print_quantiles(std::ostream& to, const char* what, std::vector<double> values) {
  to << "  " << what << ' ' << std::setw(6) << values.size();
  if (values.empty())
    return;
  std::sort(values.begin(), values.end());
  to << ": p50 " << std::setw(6) << values[values.size() / 2] << "  p99 " << std::setw(7)
     << values[values.size() * 99 / 100] << "  max " << std::setw(7) << values.back() << " ms";
}

} // namespace

void latencies::begin_phase(std::string name, bool calm) {
  phases_.push_back({std::move(name), calm, std::chrono::steady_clock::now(), {}, {}});
}

latencies::phase& latencies::phase_of(time_point since) {
  auto first = std::prev(phases_.end());
  while (first != phases_.begin() && first->begins > since)
    --first;
  const auto disturbed =
      std::find_if(first, phases_.end(), [](const phase& each) { return !each.calm; });
  return disturbed == phases_.end() ? phases_.back() : *disturbed;
}

void latencies::acknowledged(time_point since) {
  phase_of(since).acknowledgements.push_back(since_in_ms(since));
}

void latencies::delivered(time_point since) {
  phase_of(since).deliveries.push_back(since_in_ms(since));
}

double latencies::longest_delivery(const std::string& name) const {
  double result = 0;
  for (const auto& each : phases_)
    if (each.name.find(name) != std::string::npos && !each.deliveries.empty())
      result = std::max(result,
                        *std::max_element(each.deliveries.begin(), each.deliveries.end()) / 1000);
  return result;
}

void latencies::print(std::ostream& to) const {
  std::size_t widest = 0;
  for (const auto& each : phases_)
    widest = std::max(widest, each.name.size());
  for (const auto& each : phases_) {
    to << std::fixed << std::setprecision(1) << "  " << std::left
       << std::setw(static_cast<int>(widest)) << each.name << std::right;
    print_quantiles(to, "ack", each.acknowledgements);
    print_quantiles(to, "  delivery", each.deliveries);
    to << '\n';
  }
}

} // namespace klatch::clustered
