/// Which rare things have happened.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace klatch::simulation {

/// How often each named branch was reached.
using coverage = std::map<std::string, std::uint64_t, std::less<>>;

/// Counts that a branch was reached. Stands where something rare happens.
void reached(std::string_view branch);

/// Returns what was reached since the last call.
coverage take_coverage();

} // namespace klatch::simulation
