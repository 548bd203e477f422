/// Who may have devices on this node, for those who have to know fast.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace klatch::actors {

/// A set of users by their hashes, which may take somebody for one of its users who is none: with
/// 50,000 users one in six. What shards add, any thread may ask for. Takes 1 MiB.
class roster {
public:
  void add(std::uint64_t hash) noexcept { at(hash).fetch_add(1, std::memory_order_relaxed); }
  /// Of one that was added.
  void remove(std::uint64_t hash) noexcept { at(hash).fetch_sub(1, std::memory_order_relaxed); }

  /// Returns false if nobody of that hash is there.
  bool may_have(std::uint64_t hash) const noexcept {
    return (*places_)[place_of(hash)].load(std::memory_order_relaxed) != 0;
  }

private:
  static constexpr std::size_t places = 1U << 18U;
  using table = std::array<std::atomic<std::uint32_t>, places>;

  static std::size_t place_of(std::uint64_t hash) noexcept { return hash % places; }
  std::atomic<std::uint32_t>& at(std::uint64_t hash) noexcept { return (*places_)[place_of(hash)]; }

  std::unique_ptr<table> places_ = std::make_unique<table>();
};

} // namespace klatch::actors
