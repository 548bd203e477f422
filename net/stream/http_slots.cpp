#include "net/stream/http_slots.hpp"

#include "net/stream/address_limit.hpp"

#include <algorithm>

namespace klatch::net {

bool http_slots::take(const boost::asio::ip::address& address,
                      const std::shared_ptr<http_slot>& arrived, bool limited) {
  auto& those = by_address_[network_of(address)];
  if (limited && !has_slot(those))
    return false;
  those.connections.emplace(arrived.get(), entry{arrived});
  return true;
}

bool http_slots::has_slot(of_address& those) {
  const auto there = those.connections.size();
  if (limit_ == 0)
    return true;
  const bool has_room = there - those.asked < limit_;
  return there < 2UL * limit_ && (has_room || ask_one(those, room::idle));
}

void http_slots::give_back(const boost::asio::ip::address& address, const http_slot* left) {
  const auto found = by_address_.find(network_of(address));
  if (found == by_address_.end())
    return;
  auto& those = found->second;
  const auto gone = those.connections.find(left);
  if (gone == those.connections.end())
    return;
  if (gone->second.asked) {
    --those.asked;
    --asked_;
  }
  those.connections.erase(gone);
  if (those.connections.empty())
    by_address_.erase(found);
}

bool http_slots::any_in_use(http_slot::clock::time_point fresh) const {
  for (const auto& [address, those] : by_address_)
    for (const auto& [key, each] : those.connections) {
      const auto alive = each.who.lock();
      const auto waits = alive ? alive->waits_since(room::idle) : std::nullopt;
      if (alive && (!waits || *waits >= fresh))
        return true;
    }
  return false;
}

bool http_slots::make_room(std::size_t max_leaving) {
  const auto largest = std::max_element(
      by_address_.begin(), by_address_.end(), [](const auto& one, const auto& two) {
        return one.second.connections.size() < two.second.connections.size();
      });
  return largest != by_address_.end() && asked_ < max_leaving &&
         ask_one(largest->second, room::unfinished);
}

bool http_slots::ask_one(of_address& those, room which) {
  entry* oldest = nullptr;
  std::shared_ptr<http_slot> who;
  std::optional<http_slot::clock::time_point> since;
  for (auto& [key, each] : those.connections) {
    auto alive = each.asked ? nullptr : each.who.lock();
    const auto waits = alive ? alive->waits_since(which) : std::nullopt;
    if (!waits || (since && *waits >= *since))
      continue;
    oldest = &each;
    who = std::move(alive);
    since = waits;
  }
  if (oldest == nullptr)
    return false;
  oldest->asked = true;
  ++those.asked;
  ++asked_;
  who->make_room(which);
  return true;
}

} // namespace klatch::net
