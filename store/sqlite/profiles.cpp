#include "store/sqlite/profiles.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>

namespace klatch::store {

namespace {

constexpr std::size_t most_waiting = 10'000;
constexpr std::size_t most_at_once = 1'000;

} // namespace

profile_rows::profile_rows(database& source)
    : by_user_(source, "SELECT name, color FROM profiles WHERE project=? AND user=?") {}

std::optional<profile> profile_rows::find(const user_key& user) {
  auto row = by_user_.query(user.project.str(), user.user.str());
  if (!row.next())
    return std::nullopt;
  return profile{std::string{row.text(0)}, std::string{row.text(1)}};
}

profile find_profile(live_state& live, profile_rows& rows, const user_key& user) {
  {
    const std::lock_guard guard{live.mutex};
    if (const auto found = live.profiles.find(user); found != live.profiles.end())
      return found->second;
  }
  return rows.find(user).value_or(profile::of_nobody(user.user));
}

profile_writer::profile_writer(database& target, live_state& live)
    : live_(live), rows_(target),
      save_(target, "INSERT OR REPLACE INTO profiles(project, user, name, color) VALUES(?,?,?,?)") {
}

// What is in memory is this thread's to read without the mutex.
void profile_writer::note(const user_key& user, const profile& now) {
  const auto waiting = live_.profiles.find(user);
  if (waiting == live_.profiles.end() &&
      rows_.find(user).value_or(profile::of_nobody(user.user)) == now)
    return;
  if (waiting == live_.profiles.end() && live_.profiles.size() >= most_waiting)
    return;
  const std::lock_guard guard{live_.mutex};
  live_.profiles.insert_or_assign(user, now);
}

std::optional<std::chrono::milliseconds>
profile_writer::wait(time_point now, std::chrono::milliseconds interval) const {
  if (live_.profiles.empty())
    return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(written_ + interval - now);
  return std::max(left, std::chrono::milliseconds::zero());
}

void profile_writer::save() {
  saved_ = 0;
  for (const auto& [user, what] : live_.profiles) {
    if (saved_ == most_at_once)
      break;
    save_.run(user.project.str(), user.user.str(), what.name, what.color);
    ++saved_;
  }
}

void profile_writer::publish(time_point now) {
  written_ = now;
  const std::lock_guard guard{live_.mutex};
  const auto first = live_.profiles.begin();
  live_.profiles.erase(first, std::next(first, static_cast<std::ptrdiff_t>(saved_)));
  saved_ = 0;
}

} // namespace klatch::store
