/// What stands for PostgreSQL: the one truth that all nodes of a run share.
#pragma once

#include "store/membership.hpp"
#include "store/message_store.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace klatch::simulation {

/// What a writer has acknowledged last: it looks for that when it comes to another server.
class acknowledged_last {
public:
  void add(const message_content& what, std::uint64_t n);
  void clear() noexcept { last_.clear(); }
  bool empty() const noexcept { return last_.empty(); }
  /// How many are not there, or other messages now.
  std::size_t lost_in(store::message_reader& reader) const;

  std::string epoch{}; ///< as it is known, when the last of them was acknowledged or later

private:
  struct place {
    project_id project;
    conversation_id conversation;
    std::uint64_t n;
    std::string
        text; ///< which tells messages apart as a mid does, of which PostgreSQL gives none twice
  };

  std::deque<place> last_;
};

/// A call of it is done at one moment, or not at all; on the way there and back others have theirs
/// (`database_client`). Its clock is right, whatever those of the nodes say.
class database {
public:
  database(machine& on, const options& chosen, std::uint64_t seed);

  /// For those who look on, and for those who read, until another server takes over.
  store::message_store& truth() noexcept { return *truth_; }

  // What is written, by whom has a lease.
  struct done_batch {
    std::uint64_t number; ///< no two have the same
    std::vector<store::outcome> outcomes;
  };
  done_batch append(std::uint64_t incarnation, std::span<const store::operation> batch);
  std::vector<store::mark_outcome> apply_marks(std::span<const store::any_mark> marks);
  void note_profile(const user_key& user, const store::profile& now);
  const std::string& epoch() const noexcept { return epoch_; }
  /// Begins another epoch, unless somebody has since `known`.
  void renew_epoch(const std::string& known);

  // A standby that takes over may lack what was written last.
  /// How often that has happened.
  std::uint64_t servers() const noexcept { return servers_; }
  /// Was it written, and is it there still?
  bool has(std::uint64_t number) const;
  /// Lacks the last `behind` of what was written, but nothing if no writer that lives would find
  /// out. Returns the texts of the messages that are lost.
  std::vector<std::string> fail_over(std::size_t behind);
  /// A loss that no writer has found yet: the epoch is the one of before.
  bool is_loss_unseen() const noexcept { return unseen_; }
  /// Who remembers what it has acknowledged. When the last one goes who could find out, it has
  /// found out.
  void add_writer(const acknowledged_last& one) { writers_.push_back(&one); }
  void remove_writer(const acknowledged_last& one);

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
    std::uint64_t taken_after; ///< the last that was written by then
  };
  struct stored_batch {
    std::vector<store::operation> batch;
    std::int64_t at;
  };
  using profile_of = std::pair<user_key, store::profile>;
  struct written {
    std::uint64_t number;
    std::variant<stored_batch, std::vector<store::any_mark>, profile_of> what;
  };

  std::uint64_t log(decltype(written::what) what);
  std::unique_ptr<store::message_store> replay(std::size_t count) const;
  std::set<std::string> texts() const;
  bool would_be_found(store::message_store& instead) const;

  machine& machine_;
  std::uint64_t mean_way_;
  std::uint64_t mean_commit_;
  random times_;
  std::unique_ptr<store::message_store> truth_;
  std::vector<written> log_;
  std::uint64_t last_written_ = 0;
  std::uint64_t servers_ = 0;
  std::string epoch_ = "e";
  std::uint64_t epochs_ = 0;
  std::uint64_t epoch_after_ = 0; ///< the last that was written by then
  bool unseen_ = false;
  std::vector<const acknowledged_last*> writers_;
  std::map<std::uint64_t, lease> leases_;
  std::uint64_t last_lease_ = 0;
  std::vector<us> away_until_;
  std::vector<std::size_t> lost_;
};

} // namespace klatch::simulation
