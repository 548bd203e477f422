/// What stands for PostgreSQL: the one truth that all nodes of a run share.
#pragma once

#include "store/membership.hpp"
#include "store/message_store.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace klatch::simulation {

/// A call of it is done at one moment, or not at all; on the way there and back others have theirs
/// (`database_client`). Its clock is right, whatever those of the nodes say.
class database {
public:
  database(machine& on, const options& chosen, std::uint64_t seed);

  /// For those who call it, and for those who look on.
  store::message_store& truth() noexcept { return *truth_; }
  std::int64_t wall_ms() const noexcept;
  us now() const noexcept { return machine_.now(); }

  // Leases, as node_lease has them.
  /// Ends that of the same name, which a node of before has had, and begins one.
  std::uint64_t take_lease(const store::node_row& row);
  /// Returns false if there is no such lease.
  bool renew_lease(std::uint64_t incarnation, const store::node_state& now);
  void end_lease(std::uint64_t incarnation) { leases_.erase(incarnation); }
  void end_old_leases(std::uint64_t but);
  bool has_lease(std::uint64_t incarnation) const { return leases_.contains(incarnation); }
  std::vector<store::node_row> living() const;

  // Faults.
  /// A node cannot reach it for so long.
  void go_away(std::size_t from_node, us lasts);
  bool is_away(std::size_t from_node) const { return away_until_.at(from_node) > machine_.now(); }
  us back_in(std::size_t from_node) const { return away_until_.at(from_node) - machine_.now(); }
  /// The answers of a node's next calls are lost, after they were done or before.
  void lose_answers(std::size_t of_node, std::size_t count) { lost_.at(of_node) += count; }
  bool loses_answer(std::size_t of_node);
  void lose_no_answers(std::size_t of_node) { lost_.at(of_node) = 0; }
  void mend();

  /// How long one way takes, or a commit.
  us way() { return 1 + static_cast<us>(times_.around(mean_way_)); }
  us commit() { return 1 + static_cast<us>(times_.around(mean_commit_)); }
  bool coin() { return times_.below(2) == 0; }

private:
  struct lease {
    store::node_row row;
    us seen;
  };

  machine& machine_;
  std::uint64_t mean_way_;
  std::uint64_t mean_commit_;
  random times_;
  std::unique_ptr<store::message_store> truth_;
  std::map<std::uint64_t, lease> leases_;
  std::uint64_t last_lease_ = 0;
  std::vector<us> away_until_;
  std::vector<std::size_t> lost_;
};

} // namespace klatch::simulation
