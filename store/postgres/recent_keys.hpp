/// Which keys of messages were stored lately: one that comes again is worth a look-up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace klatch::store {

/// Forgets some of them early, and never takes a new one for an old one but for a chance of 2^-64.
class recent_keys {
public:
  recent_keys() : hashes_(slots) {}

  void add(const std::string& key) {
    const auto hash = std::hash<std::string>{}(key);
    hashes_[hash % slots] = hash;
  }
  bool has(const std::string& key) const {
    const auto hash = std::hash<std::string>{}(key);
    return hashes_[hash % slots] == hash;
  }

private:
  static constexpr std::size_t slots = 65'536;
  std::vector<std::size_t> hashes_;
};

} // namespace klatch::store
