#include "actors/directory/departure_grace.hpp"

#include <utility>

namespace klatch::actors {

void departure_grace::left(user_key user, std::string label, time_point now) {
  const auto due = now + grace_;
  order_.push_back({user, due});
  missing_.insert_or_assign(std::move(user), entry{std::move(label), due});
}

void departure_grace::back(const user_key& user) { missing_.erase(user); }

std::vector<departure_grace::departure> departure_grace::take_due(time_point now) {
  std::vector<departure> due;
  while (!order_.empty() && order_.front().due <= now) {
    auto front = std::move(order_.front());
    order_.pop_front();
    const auto found = missing_.find(front.user);
    if (found == missing_.end() || found->second.due != front.due)
      continue;
    due.push_back({std::move(front.user), std::move(found->second.label)});
    missing_.erase(found);
  }
  return due;
}

std::optional<departure_grace::time_point> departure_grace::next_due() const {
  if (order_.empty())
    return std::nullopt;
  return order_.front().due;
}

} // namespace klatch::actors
