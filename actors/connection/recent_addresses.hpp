/// What is known of the addresses that were heard of last.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace klatch::actors {

/// An `Entry` for each of 65,536 addresses at most; beyond, the one that has not been heard of for
/// longest is forgotten. Not thread-safe.
template<class Entry>
class recent_addresses {
public:
  static constexpr std::size_t max_addresses = 65'536;

  /// Returns the entry of `address`, a copy of `fresh` if there was none.
  Entry& touch(std::string_view address, const Entry& fresh) {
    std::string key{address};
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return found->second->second;
    }
    if (entries_.size() == max_addresses) {
      entries_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(std::move(key), fresh);
    entries_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }

  /// Null if it is not known.
  const Entry* find(std::string_view address) const {
    const auto found = entries_.find(std::string{address});
    return found == entries_.end() ? nullptr : &found->second->second;
  }

  std::size_t size() const noexcept { return entries_.size(); }

private:
  /// The latest first.
  using order = std::list<std::pair<std::string, Entry>>;

  order order_;
  std::unordered_map<std::string, typename order::iterator> entries_;
};

} // namespace klatch::actors
