/// The senders' keys of the messages of the tail.
#pragma once

#include "store/record_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace klatch::store {

/// Positions by sender and key. The writer's alone.
class tail_cids {
public:
  std::optional<std::uint64_t> find(row_id sender, std::string_view cid) const {
    const auto found = positions_.find(view{sender, cid});
    return found == positions_.end() ? std::nullopt : std::optional{found->second};
  }

  /// Returns the key, which stays where it is until it is erased.
  const std::string* add(row_id sender, const std::string& cid, std::uint64_t pos) {
    return &positions_.emplace(key{sender, cid}, pos).first->first.cid;
  }

  void erase(row_id sender, std::string_view cid) {
    if (const auto found = positions_.find(view{sender, cid}); found != positions_.end())
      positions_.erase(found);
  }

private:
  struct view {
    row_id sender;
    std::string_view cid;
  };
  struct key {
    row_id sender;
    std::string cid;
    operator view() const noexcept { return {sender, cid}; } // NOLINT: so that one hash does
  };
  struct hash {
    using is_transparent = void;
    // Not noexcept: then libstdc++ keeps the codes, and a look at a neighbour costs no hash of it.
    std::size_t operator()(view of) const {
      return std::hash<std::string_view>{}(of.cid) + of.sender * 0x9E3779B97F4A7C15U;
    }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(view one, view other) const noexcept {
      return one.sender == other.sender && one.cid == other.cid;
    }
  };

  std::unordered_map<key, std::uint64_t, hash, equal> positions_;
};

} // namespace klatch::store
