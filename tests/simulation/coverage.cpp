#include "tests/simulation/coverage.hpp"

#include <utility>

namespace klatch::simulation {

namespace {

coverage& counts() {
  static coverage all;
  return all;
}

} // namespace

void reached(std::string_view branch) {
  auto& all = counts();
  const auto known = all.find(branch);
  if (known != all.end())
    ++known->second;
  else
    all.emplace(branch, 1);
}

coverage take_coverage() { return std::exchange(counts(), {}); }

} // namespace klatch::simulation
