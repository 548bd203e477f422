/// What few connections need, or none for long.
#pragma once

#include "actors/connection/held_acks.hpp"
#include "actors/connection/held_entries.hpp"
#include "actors/connection/id_resolution.hpp"
#include "actors/connection/introductions.hpp"
#include "actors/connection/queries.hpp"
#include "actors/connection/rate_limit.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/wire/commands.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace klatch::actors {

/// A message whose recipient the directory has been asked for.
struct pending_lookup {
  user_id to;
  frame text;
  owned_key key;
};

/// What the answer to a registration needs besides the inbox.
struct pending_registration {
  owned_key key;
  std::optional<std::int64_t> expires; ///< of its token, in seconds since 1970 UTC
  std::string token = {};              ///< a guest's next one; empty: none
};

template<class Device>
struct cold_state {
  std::unique_ptr<const resume_point> resume;               ///< until the inbox is open
  std::unique_ptr<const pending_registration> registration; ///< until it is answered
  std::unique_ptr<const std::string> upgrade_token;         ///< until the registration
  std::vector<Device> siblings; ///< the user's other devices, if messages are not stored
  std::optional<pending_lookup> lookup;
  introductions introduced; ///< to a guest, if messages are not stored
  id_resolution ids;
  queries asked;
  held_acks acks;
  held_entries entries;
  /// Since when the inbox cannot be read.
  std::optional<std::chrono::steady_clock::time_point> unreadable_since;
  /// How often `rate_limited` may be ignored before the connection is closed.
  rate_limit refusals;

  bool unused() const noexcept {
    return resume == nullptr && registration == nullptr && upgrade_token == nullptr &&
           siblings.empty() && !lookup && introduced.empty() && ids.unused() && asked.unused() &&
           acks.empty() && entries.empty() && !unreadable_since && refusals.unused();
  }
};

/// One pointer, to nothing until it is needed.
template<class State>
class cold_pointer {
public:
  State& get() {
    if (state_ == nullptr)
      state_ = std::make_unique<State>();
    return *state_;
  }
  /// Null if there is none.
  State* peek() const noexcept { return state_.get(); }
  /// Frees it if it holds nothing.
  void free_if_unused() noexcept {
    if (state_ != nullptr && state_->unused())
      state_.reset();
  }
  void reset() noexcept { state_.reset(); }

private:
  std::unique_ptr<State> state_;
};

} // namespace klatch::actors
