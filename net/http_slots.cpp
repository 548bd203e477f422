#include "net/http_slots.hpp"

#include "net/address_limit.hpp"

#include <algorithm>

namespace klatch::net {

bool http_slots::take(const boost::asio::ip::address& address,
                      const std::shared_ptr<http_slot>& arrived) {
  auto& those = by_address_[network_of(address)];
  if (most_ != 0 && those.size() >= most_ && !make_room(those))
    return false;
  those.emplace(arrived.get(), arrived);
  return true;
}

void http_slots::give_back(const boost::asio::ip::address& address, const http_slot* left) {
  const auto found = by_address_.find(network_of(address));
  if (found == by_address_.end())
    return;
  found->second.erase(left);
  if (found->second.empty())
    by_address_.erase(found);
}

bool http_slots::make_room() {
  const auto largest = std::max_element(
      by_address_.begin(), by_address_.end(),
      [](const auto& one, const auto& two) { return one.second.size() < two.second.size(); });
  return largest != by_address_.end() && make_room(largest->second);
}

bool http_slots::make_room(connections& among) {
  std::shared_ptr<http_slot> oldest;
  std::optional<http_slot::clock::time_point> since;
  for (const auto& each : among) {
    auto alive = each.second.lock();
    const auto idle = alive ? alive->idle_since() : std::nullopt;
    if (!idle || (since && *idle >= *since))
      continue;
    oldest = std::move(alive);
    since = idle;
  }
  if (!oldest)
    return false;
  among.erase(oldest.get());
  oldest->make_room();
  return true;
}

} // namespace klatch::net
