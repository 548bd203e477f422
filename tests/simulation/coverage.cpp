#include "tests/simulation/coverage.hpp"

#include <utility>

namespace klatch::simulation {

namespace {

coverage& all_counts() {
  static coverage all;
  return all;
}

} // namespace

void reached(std::string_view branch) {
  auto& all = all_counts();
  const auto known = all.find(branch);
  if (known != all.end())
    ++known->second;
  else
    all.emplace(branch, 1);
}

coverage take_coverage() { return std::exchange(all_counts(), {}); }

} // namespace klatch::simulation
