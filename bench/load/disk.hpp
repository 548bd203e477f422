/// How fast a disk is at what a store waits for.
#pragma once

#include "bench/load/latencies.hpp"

#include <cstddef>
#include <string>

namespace load {

/// Appends 4 KiB to a file of its own in `folder` and calls fdatasync, `count` times in a row: how
/// long each took. Throws `failure` if that does not work.
latencies time_appends(const std::string& folder, std::size_t count);

} // namespace load
