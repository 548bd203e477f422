#include "tests/simulation/cluster/database.hpp"

#include "store/cluster_times.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/simulation/coverage.hpp"

#include <algorithm>

namespace klatch::simulation {

database::database(machine& on, const options& chosen, std::uint64_t seed)
    : machine_(on), mean_way_(static_cast<std::uint64_t>(chosen.database_way)),
      mean_commit_(static_cast<std::uint64_t>(chosen.sync_time)), times_(seed, purpose::database),
      truth_(store::make_memory_store("e")), away_until_(chosen.nodes), lost_(chosen.nodes) {}

std::int64_t database::wall_ms() const noexcept {
  constexpr std::int64_t start = 1'763'800'000'000;
  return start + machine_.now() / ms;
}

// -- leases ---------------------------------------------------------------------------------------

std::uint64_t database::take_lease(const store::node_row& row) {
  std::erase_if(leases_, [&](const auto& each) { return each.second.row.name == row.name; });
  auto taken = row;
  taken.incarnation = ++last_lease_;
  leases_.emplace(last_lease_, lease{std::move(taken), machine_.now()});
  return last_lease_;
}

bool database::renew_lease(std::uint64_t incarnation, const store::node_state& now) {
  const auto found = leases_.find(incarnation);
  if (found == leases_.end())
    return false;
  found->second.row.state = now;
  found->second.seen = machine_.now();
  return true;
}

void database::end_old_leases(std::uint64_t but) {
  const auto oldest =
      machine_.now() -
      std::chrono::duration_cast<std::chrono::microseconds>(store::lease_time).count();
  const auto ended = std::erase_if(
      leases_, [&](const auto& each) { return each.first != but && each.second.seen < oldest; });
  if (ended > 0)
    reached("a lease runs out");
}

std::vector<store::node_row> database::living() const {
  std::vector<store::node_row> result;
  for (const auto& [incarnation, each] : leases_)
    result.push_back(each.row);
  return result;
}

// -- faults ---------------------------------------------------------------------------------------

void database::go_away(std::size_t from_node, us lasts) {
  auto& until = away_until_.at(from_node);
  until = std::max(until, machine_.now() + lasts);
}

bool database::loses_answer(std::size_t of_node) {
  auto& left = lost_.at(of_node);
  return left > 0 && left-- > 0;
}

void database::mend() {
  std::fill(away_until_.begin(), away_until_.end(), 0);
  std::fill(lost_.begin(), lost_.end(), 0);
}

} // namespace klatch::simulation
