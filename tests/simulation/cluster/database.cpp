#include "tests/simulation/cluster/database.hpp"

#include "store/cluster_times.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/simulation/coverage.hpp"

#include <algorithm>
#include <iterator>

namespace klatch::simulation {

// -- what a writer remembers ----------------------------------------------------------------------

void acknowledged_last::add(const message_content& what, std::uint64_t n) {
  constexpr std::size_t remembered = 64; // As store::writer_session has it.
  last_.push_back({what.project, what.conversation, n, what.text});
  if (last_.size() > remembered)
    last_.pop_front();
}

std::size_t acknowledged_last::lost_in(store::message_reader& reader) const {
  return static_cast<std::size_t>(
      std::count_if(last_.begin(), last_.end(), [&reader](const place& each) {
        const auto page = reader.read_conversation(each.project, each.conversation,
                                                   {std::nullopt, each.n - 1}, {1, 1});
        return page.messages.empty() || page.messages.front().content.text != each.text;
      }));
}

// -- what is written ------------------------------------------------------------------------------

database::database(machine& on, const options& chosen, std::uint64_t seed)
    : machine_(on), mean_way_(static_cast<std::uint64_t>(chosen.database_way)),
      mean_commit_(static_cast<std::uint64_t>(chosen.sync_time)), times_(seed, purpose::database),
      truth_(store::make_memory_store("e")), away_until_(chosen.nodes), lost_(chosen.nodes) {}

std::int64_t database::wall_ms() const noexcept {
  constexpr std::int64_t start = 1'763'800'000'000;
  return start + machine_.now() / ms;
}

std::uint64_t database::log(decltype(written::what) what) {
  log_.push_back({++last_written_, std::move(what)});
  return last_written_;
}

database::done_batch database::append(std::uint64_t incarnation,
                                      std::span<const store::operation> batch) {
  // The others have looked for what it had written when its lease went, and do not look again. What
  // is thrown here an actor would die of.
  if (!has_lease(incarnation))
    machine_.after(
        0, {task::kind::fault, 4, [] { throw failure{"a node has written without a lease"}; }});
  const auto at = wall_ms();
  auto outcomes = truth_->append(batch, at);
  return {log(stored_batch{{batch.begin(), batch.end()}, at}), std::move(outcomes)};
}

std::vector<store::mark_outcome> database::apply_marks(std::span<const store::any_mark> marks) {
  log(std::vector<store::any_mark>{marks.begin(), marks.end()});
  return truth_->apply_marks(marks);
}

void database::note_profile(const user_key& user, const store::profile& now) {
  log(profile_of{user, now});
  truth_->note_profile(user, now);
}

void database::renew_epoch(const std::string& known) {
  if (epoch_ != known)
    return;
  epoch_ = 'e' + std::to_string(++epochs_);
  epoch_after_ = last_written_;
  unseen_ = false;
  machine_.tell({}, {}, "the database has a new epoch: " + epoch_);
}

// -- another server -------------------------------------------------------------------------------

bool database::has(std::uint64_t number) const {
  return std::any_of(log_.rbegin(), log_.rend(),
                     [number](const written& each) { return each.number == number; });
}

std::unique_ptr<store::message_store> database::replay(std::size_t count) const {
  auto result = store::make_memory_store("e");
  for (std::size_t at = 0; at < count; ++at) {
    const auto& what = log_[at].what;
    if (const auto* batch = std::get_if<stored_batch>(&what))
      result->append(batch->batch, batch->at);
    else if (const auto* marks = std::get_if<std::vector<store::any_mark>>(&what))
      result->apply_marks(*marks);
    else if (const auto* profile = std::get_if<profile_of>(&what))
      result->note_profile(profile->first, profile->second);
  }
  return result;
}

std::set<std::string> database::texts() const {
  std::set<std::string> result;
  for (const auto& [number, what] : log_)
    if (const auto* batch = std::get_if<stored_batch>(&what))
      for (const auto& one : batch->batch)
        result.emplace(std::get<store::new_message>(one).content.text);
  return result;
}

bool database::would_be_found(store::message_store& instead) const {
  const auto reader = instead.make_reader();
  return std::any_of(writers_.begin(), writers_.end(), [&](const auto* each) {
    return each->epoch == epoch_ && each->lost_in(*reader) > 0;
  });
}

std::vector<std::string> database::fail_over(std::size_t behind) {
  // An epoch that was told is not lost: that is more than is promised.
  const auto told = std::find_if(log_.rbegin(), log_.rend(), [this](const written& each) {
    return each.number <= epoch_after_;
  });
  behind = std::min(behind, static_cast<std::size_t>(told - log_.rbegin()));
  auto instead = replay(log_.size() - behind);
  ++servers_;
  std::vector<std::string> lost;
  if (unseen_ || !would_be_found(*instead))
    return lost;
  unseen_ = true;
  truth_ = std::move(instead);
  const auto before = texts();
  log_.resize(log_.size() - behind);
  const auto left = texts();
  std::set_difference(before.begin(), before.end(), left.begin(), left.end(),
                      std::back_inserter(lost));
  const auto last = log_.empty() ? 0 : log_.back().number;
  std::erase_if(leases_, [last](const auto& each) { return each.second.taken_after > last; });
  return lost;
}

void database::remove_writer(const acknowledged_last& one) {
  std::erase(writers_, &one);
  if (!unseen_ || would_be_found(*truth_))
    return;
  reached("nobody is left who could find a loss");
  renew_epoch(std::string{epoch_});
}

// -- leases ---------------------------------------------------------------------------------------

std::uint64_t database::take_lease(const store::node_row& row) {
  std::erase_if(leases_, [&](const auto& each) { return each.second.row.name == row.name; });
  auto taken = row;
  taken.incarnation = ++last_lease_;
  leases_.emplace(last_lease_, lease{std::move(taken), machine_.now(), last_written_});
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
