/// One rate for each of many, in memory that does not grow.
#pragma once

#include "actors/connection/rate_limit.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string_view>

namespace klatch::actors {

/// What each user has taken of a rate over all of their connections, on every worker. The rate
/// itself is an argument, the same for all; a new one counts from then on. Thread-safe, without
/// locks.
///
/// A count-min sketch: two rows of 4,096 limits, 64 KiB in all, however many users there are. A
/// user has one limit in each row, which others may share, and waits only if both say so. So with
/// 40 users beyond their rate at once, one in 10,000 of the others waits with them. Nobody can
/// choose whom: which limits a user has depends on a random number of the process.
class rate_table {
public:
  using clock = rate::clock;

  /// `seed` decides which limits a user has; nobody else may know it.
  explicit rate_table(std::uint64_t seed = random_seed()) : seed_(seed) {}

  /// Takes `bytes` for the user if anything may be taken at `now` and returns zero; otherwise takes
  /// nothing and returns how long to wait. Of several threads that ask for one user at the same
  /// moment each may be let in.
  clock::duration take(const rate& of, std::string_view project, std::string_view user,
                       clock::time_point now, std::size_t bytes) noexcept {
    const auto hash = hash_of(project, user);
    auto& first = (*rows_)[0][hash % columns];
    auto& second = (*rows_)[1][hash / columns % columns];
    const auto wait = std::min(wait_for(of, first, now), wait_for(of, second, now));
    if (wait != clock::duration::zero())
      return wait;
    charge(of, first, now, bytes);
    charge(of, second, now, bytes);
    return wait;
  }

private:
  static constexpr std::size_t columns = 4096;

  using due = std::atomic<clock::rep>;
  using rows = std::array<std::array<due, columns>, 2>;

  static std::uint64_t random_seed() {
    std::random_device random;
    return (std::uint64_t{random()} << 32U) | random();
  }

  static clock::duration wait_for(const rate& of, const due& slot, clock::time_point now) noexcept {
    const auto ahead = clock::duration{slot.load(std::memory_order_relaxed)} -
                       now.time_since_epoch() - of.tolerance();
    return std::max(ahead, clock::duration::zero());
  }

  static void charge(const rate& of, due& slot, clock::time_point now, std::size_t bytes) noexcept {
    const auto earliest = now.time_since_epoch().count();
    const auto cost = of.cost(bytes).count();
    auto before = slot.load(std::memory_order_relaxed);
    while (!slot.compare_exchange_weak(before, std::max(before, earliest) + cost,
                                       std::memory_order_relaxed)) {
    }
  }

  /// FNV-1a, from a start that nobody knows, and mixed at the end as splitmix64 does.
  std::uint64_t hash_of(std::string_view project, std::string_view user) const noexcept {
    auto hash = seed_;
    const auto add = [&hash](char each) {
      hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001B3U;
    };
    for (const char each : project)
      add(each);
    add('\0'); // in no id
    for (const char each : user)
      add(each);
    hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9U;
    hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBU;
    return hash ^ (hash >> 31U);
  }

  std::uint64_t seed_;
  std::unique_ptr<rows> rows_ = std::make_unique<rows>();
};

} // namespace klatch::actors
