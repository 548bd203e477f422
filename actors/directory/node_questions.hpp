/// What a shard asks the other nodes about its users.
#pragma once

#include "messages/ids.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Questions to all living nodes, one about a user at a time. Each is over when all have answered,
/// or after `patience`: what is lost on the bus is waited for no longer. `Findings`: what has been
/// found so far. Knows no clock: `now` is an argument, which never goes back.
template<class Findings>
class node_questions {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds patience{200};

  struct outcome {
    user_key about;
    Findings found;
  };

  /// `most`: how many may be open.
  explicit node_questions(std::size_t most) noexcept : most_(most) {}

  /// Returns what has been found about `user`; null if nobody is asked.
  Findings* find(const user_key& user) {
    const auto known = open_.find(user);
    return known == open_.end() ? nullptr : &known->second.found;
  }

  /// Asks `nodes`. Returns the number of the question, or nothing if too many are open. Expects
  /// that none is about `user`.
  std::optional<std::uint64_t> ask(const user_key& user, Findings begin,
                                   std::span<const std::uint64_t> nodes, time_point now) {
    assert(find(user) == nullptr);
    if (open_.size() >= most_)
      return std::nullopt;
    open_.emplace(user, question{++last_, {nodes.begin(), nodes.end()}, std::move(begin)});
    order_.push_back({user, last_, now + patience});
    return last_;
  }

  /// `node` has answered that question. Returns what has been found so far, to be added to; null if
  /// it was not waited for.
  Findings* answered(const user_key& user, std::uint64_t number, std::uint64_t node) {
    const auto known = open_.find(user);
    if (known == open_.end() || known->second.number != number ||
        std::erase(known->second.unanswered, node) == 0)
      return nullptr;
    return &known->second.found;
  }

  /// No other nodes than `living` are waited for. Ends those that all have answered by that. Walks
  /// all that are open.
  std::vector<outcome> wait_only_for(std::span<const std::uint64_t> living) {
    std::vector<outcome> done;
    for (auto each = open_.begin(); each != open_.end();) {
      auto& unanswered = each->second.unanswered;
      std::erase_if(unanswered, [&](std::uint64_t node) {
        return std::find(living.begin(), living.end(), node) == living.end();
      });
      const auto here = each++;
      if (unanswered.empty())
        done.push_back(take(here));
    }
    return done;
  }

  /// Ends the question about `user` if all have answered.
  std::optional<outcome> take_answered(const user_key& user) {
    const auto known = open_.find(user);
    if (known == open_.end() || !known->second.unanswered.empty())
      return std::nullopt;
    return take(known);
  }

  /// Ends those that are over at `now`.
  std::vector<outcome> take_due(time_point now) {
    std::vector<outcome> due;
    for (; !order_.empty() && order_.front().due <= now; order_.pop_front()) {
      const auto known = open_.find(order_.front().user);
      if (known != open_.end() && known->second.number == order_.front().number)
        due.push_back(take(known));
    }
    return due;
  }

  /// When `take_due` has to be called next; nothing if nothing was asked lately.
  std::optional<time_point> next_due() const {
    return order_.empty() ? std::nullopt : std::optional{order_.front().due};
  }

  /// Calls `visit` with what has been found about each user.
  template<class Visitor>
  void for_each(Visitor visit) {
    for (auto& [user, each] : open_)
      visit(user, each.found);
  }

private:
  struct question {
    std::uint64_t number;
    std::vector<std::uint64_t> unanswered; ///< nodes
    Findings found;
  };
  struct turn {
    user_key user;
    std::uint64_t number;
    time_point due;
  };
  using questions = std::unordered_map<user_key, question>;

  outcome take(typename questions::iterator known) {
    outcome result{known->first, std::move(known->second.found)};
    open_.erase(known);
    return result;
  }

  std::size_t most_;
  std::uint64_t last_ = 0;
  questions open_;
  /// By time; one whose question is over is passed over. No more than are asked within `patience`.
  std::deque<turn> order_;
};

} // namespace klatch::actors
