#include "bench/peers/beast/registry.hpp"

#include "bench/peers/beast/session.hpp"

#include <mutex>
#include <utility>

namespace peer {

void registry::add(const klatch::user_key& user, std::shared_ptr<session> device) {
  const std::lock_guard lock(mutex_);
  devices_[user].push_back(std::move(device));
}

void registry::remove(const klatch::user_key& user, const session& device) {
  const std::lock_guard lock(mutex_);
  const auto found = devices_.find(user);
  if (found == devices_.end())
    return;
  std::erase_if(found->second, [&](const auto& each) { return each.get() == &device; });
  if (found->second.empty())
    devices_.erase(found);
}

bool registry::send(const klatch::user_key& user, const klatch::frame& text) const {
  const std::shared_lock lock(mutex_);
  const auto found = devices_.find(user);
  if (found == devices_.end())
    return false;
  for (const auto& device : found->second)
    device->send(text);
  return true;
}

} // namespace peer
