/// How long to wait before the next try to connect.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace klatch::net {

/// Doubles with each try that fails, from 0.1 s to 2 s, and is a part of that between half and all
/// of it: nodes that have lost the bus together do not come back together.
class reconnect_delay {
public:
  std::chrono::milliseconds next() {
    const auto whole = whole_;
    whole_ = std::min(2 * whole_, longest);
    return std::chrono::milliseconds{std::uniform_int_distribution<std::chrono::milliseconds::rep>{
        whole.count() / 2, whole.count()}(random_)};
  }

  /// A try has succeeded.
  void reset() noexcept { whole_ = shortest; }

private:
  static constexpr std::chrono::milliseconds shortest{100};
  static constexpr std::chrono::milliseconds longest{2000};

  std::chrono::milliseconds whole_ = shortest;
  std::minstd_rand random_{std::random_device{}()};
};

} // namespace klatch::net
