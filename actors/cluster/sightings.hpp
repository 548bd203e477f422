/// Which nodes there are, where no store says so.
#pragma once

#include "store/cluster_times.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace klatch::actors {

/// A node is there if something of it was heard within the last `store::lease_time`. Knows no
/// clock: `now` is an argument, which never goes back.
class sightings {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Whoever is on the bus may make up nodes: beyond, none is taken for new.
  static constexpr std::size_t max_nodes = 1'000;

  /// Something of that node is heard. Returns true if it was not there before.
  bool see(std::uint64_t incarnation, time_point now) {
    const auto known = heard_.find(incarnation);
    if (known != heard_.end()) {
      known->second = now;
      return false;
    }
    return heard_.size() < max_nodes && heard_.emplace(incarnation, now).second;
  }

  /// Forgets those that are not heard any more. Returns true if there were any.
  bool forget_silent(time_point now) {
    return std::erase_if(heard_, [now](const auto& each) {
             return now - each.second > store::lease_time;
           }) != 0;
  }

  std::vector<std::uint64_t> nodes() const {
    std::vector<std::uint64_t> all;
    all.reserve(heard_.size());
    for (const auto& [incarnation, at] : heard_)
      all.push_back(incarnation);
    return all;
  }

private:
  std::unordered_map<std::uint64_t, time_point> heard_;
};

} // namespace klatch::actors
