#include "store/postgres/postgres_profiles.hpp"

#include <algorithm>
#include <vector>

namespace klatch::store {

namespace {

/// Somebody without a name and a color is written only over what is there.
constexpr postgres_statement save_profiles{
    "save_profiles",
    "INSERT INTO profile AS p(project, name, shown, color) "
    "SELECT d.project, d.name, d.shown, d.color "
    "FROM (SELECT set_config('synchronous_commit', 'off', true)) unsynced, "
    "unnest($1, $2, $3, $4, $5) d(project, name, shown, color, nobody) "
    "WHERE d.nobody=0 OR EXISTS "
    "(SELECT 1 FROM profile x WHERE x.project=d.project AND x.name=d.name) "
    "ORDER BY d.project, d.name "
    "ON CONFLICT (project, name) DO UPDATE SET shown=EXCLUDED.shown, color=EXCLUDED.color "
    "WHERE p.shown<>EXCLUDED.shown OR p.color<>EXCLUDED.color"};

constexpr std::size_t most_profiles = 10'000;
constexpr std::size_t profiles_at_once = 1'000;

} // namespace

void postgres_profiles::note(const user_key& user, const profile& now) {
  if (waiting_.size() < most_profiles || waiting_.contains(user))
    waiting_.insert_or_assign(user, now);
}

std::optional<std::chrono::milliseconds> postgres_profiles::wait(time_point now) const {
  if (waiting_.empty())
    return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      saved_ + session_.node().options().profiles_interval - now);
  return std::max(left, std::chrono::milliseconds::zero());
}

void postgres_profiles::save(time_point now) {
  session_.enter();
  array_builder projects{postgres_type::bytes};
  array_builder names{postgres_type::bytes};
  array_builder shown{postgres_type::bytes};
  array_builder colors{postgres_type::bytes};
  array_builder nobody{postgres_type::number};
  auto end = waiting_.begin();
  for (; end != waiting_.end() && names.size() < profiles_at_once; ++end) {
    const auto& [user, what] = *end;
    projects.add(std::string_view{user.project.str()});
    names.add(std::string_view{user.user.str()});
    shown.add(std::string_view{what.name});
    colors.add(std::string_view{what.color});
    nobody.add(std::uint64_t{what == profile::of_nobody(user.user) ? 1U : 0U});
  }
  session_.server().run(
      save_profiles,
      statement_params{}.array(projects).array(names).array(shown).array(colors).array(nobody));
  waiting_.erase(waiting_.begin(), end);
  saved_ = now;
}

} // namespace klatch::store
