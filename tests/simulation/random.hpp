/// Random numbers that are the same on every machine and with every compiler.
#pragma once

#include <array>
#include <cstdint>

namespace klatch::simulation {

/// A well mixed number for each number: splitmix64 (Steele, Lea and Flood, 2014).
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

/// What random numbers are for. Each has a stream of its own, so that what one draws does not
/// change what another gets.
enum class purpose : std::uint64_t {
  options,
  plan,
  turns,
  disk,
  entropy,
  calls,
  wire,
  event,
  device,
  checks,
  tokens,
  cluster,
  database,
  bus
};

/// xoshiro256** (Blackman and Vigna, 2018). Neither <random>'s distributions nor the mathematics
/// library are used: both differ from machine to machine.
class random {
public:
  random(std::uint64_t seed, purpose what, std::uint64_t which = 0) noexcept {
    auto value = mix(seed) ^ mix(mix(static_cast<std::uint64_t>(what) + 1) + which);
    for (auto& each : state_)
      each = value = mix(value);
  }

  std::uint64_t next() noexcept {
    const auto rotated = [](std::uint64_t value, unsigned by) {
      return (value << by) | (value >> (64 - by));
    };
    const auto result = rotated(state_[1] * 5, 7) * 9;
    const auto shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotated(state_[3], 45);
    return result;
  }

  /// A number below `end`, which is not 0; 2^32 at most.
  std::uint64_t below(std::uint64_t end) noexcept { return ((next() >> 32U) * end) >> 32U; }
  /// A number from `low` to `high`.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept {
    return low + below(high - low + 1);
  }
  /// A number from 0 to below 1.
  double unit() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  bool chance(double probability) noexcept { return unit() < probability; }
  template<class Value, std::size_t size>
  Value one_of(const std::array<Value, size>& values) noexcept {
    return values[below(size)];
  }
  /// A number around `mean`, now and then many times that: a sum of as many parts as heads come up.
  std::uint64_t around(std::uint64_t mean) noexcept {
    auto result = below(mean + 1);
    while (below(2) == 0 && result < mean * 16)
      result += below(mean + 1);
    return result;
  }

private:
  std::array<std::uint64_t, 4> state_{};
};

} // namespace klatch::simulation
