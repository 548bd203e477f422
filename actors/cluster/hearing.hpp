/// Whether all that other nodes store is heard here.
#pragma once

#include "store/cluster_times.hpp"
#include "store/membership.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

namespace klatch::actors {

/// The count with which a node begins to tell under a new lease; `before`: the lease that it had,
/// 0: none. Under that one it may have told what the bus has lost, and counts no more: so the
/// others miss one frame of the new lease, and look.
constexpr std::uint64_t first_count(std::uint64_t before) noexcept { return before == 0 ? 0 : 1; }

/// Every node counts the frames in which it tells what it has stored, and says the count every half
/// second. Who misses one, or begins to hear, looks once where the inboxes of its users stand; who
/// does not hear one of the living writers looks again and again until it does. So nothing that is
/// lost on the bus is missed for longer than that takes.
///
/// Knows neither actors nor threads nor clocks: `now` is an argument, which never goes back.
class hearing {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The bus is up, or down. When it comes up, what was told before has not been heard.
  void link_changed(bool up) noexcept {
    if (up && !up_)
      missed();
    up_ = up;
  }

  /// Something was lost, of whomever.
  void missed() noexcept { missed_ = true; }

  /// The frame `count` of `incarnation` has come: it tells of what was stored.
  void told(std::uint64_t incarnation, std::uint64_t count, time_point now) {
    if (auto* of = heard(incarnation, now); of != nullptr)
      follow(*of, count, count == of->count + 1);
  }

  /// `incarnation` is there, and has sent `count` frames.
  void beats(std::uint64_t incarnation, std::uint64_t count, time_point now) {
    if (auto* of = heard(incarnation, now); of != nullptr)
      follow(*of, count, count == of->count);
  }

  /// The nodes that have a lease now; `own`: which of them is this one.
  void living(std::span<const store::node_row> rows, std::uint64_t own, time_point now) {
    if (own_ != own && own_ != 0)
      missed(); // What was told under the old lease ended somewhere.
    own_ = own;
    for (auto& [incarnation, of] : known_)
      of.row = std::nullopt;
    for (const auto& each : rows)
      if (each.incarnation != own)
        known_.try_emplace(each.incarnation, publisher{.heard_at = now}).first->second.row =
            each.state;
    // Whoever is gone may have stored what it has told nobody.
    for (auto& [incarnation, of] : known_)
      if (!of.row && std::exchange(of.lived, false))
        missed();
      else if (of.row)
        of.lived = true;
    std::erase_if(known_, [&](const auto& each) {
      return !each.second.row && now - each.second.heard_at > forget_after;
    });
  }

  /// Returns true if what others store has to be looked for, since not all of it is heard.
  bool is_deaf(time_point now) const {
    return !up_ || std::any_of(known_.begin(), known_.end(), [now](const auto& each) {
      const auto& of = each.second;
      return of.row && (!of.row->hears || now - of.heard_at > store::deaf_after);
    });
  }

  /// Returns true if it has to be looked where inboxes stand.
  bool wants_look(time_point now) const { return missed_ || is_deaf(now); }

  /// Inboxes are looked at: what was missed before is seen there.
  void look_begins() noexcept { missed_ = false; }

  bool is_up() const noexcept { return up_; }

private:
  struct publisher {
    std::uint64_t count = 0; ///< of the last frame that was heard, or told of
    time_point heard_at;
    std::optional<store::node_state> row = std::nullopt; ///< if it has a lease
    bool lived = false;                                  ///< it has had one
  };

  /// Publishers without a lease that are remembered: whoever is on the bus may make them up.
  static constexpr std::size_t max_known = 1'000;
  static constexpr std::chrono::seconds forget_after{60};

  publisher* heard(std::uint64_t incarnation, time_point now) {
    if (incarnation == own_)
      return nullptr;
    const auto found = known_.find(incarnation);
    if (found == known_.end() && known_.size() >= max_known) {
      missed();
      return nullptr;
    }
    auto& of = found == known_.end() ? known_[incarnation] : found->second;
    of.heard_at = now;
    return &of;
  }

  /// One that comes late or twice has been missed before, if at all.
  void follow(publisher& of, std::uint64_t count, bool in_turn) noexcept {
    if (!in_turn && count > of.count)
      missed();
    of.count = std::max(of.count, count);
  }

  bool up_ = false;
  bool missed_ = false;
  std::uint64_t own_ = 0; ///< 0: has had no lease
  std::unordered_map<std::uint64_t, publisher> known_;
};

} // namespace klatch::actors
