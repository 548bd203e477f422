/// What is counted of the settings in force.
#pragma once

#include "messages/counters.hpp"

#include <chrono>

namespace klatch::app {

/// Counted by the thread that reloads settings; any other may read it.
struct settings_counters {
  counter reloads;
  counter refused_reloads;
  gauge last_success; ///< when the settings in force were taken over, in seconds since 1970 UTC
  gauge insecure;     ///< 1: nobody is asked for a token

  /// The settings in force are those of now.
  void note_success(std::chrono::system_clock::time_point now) noexcept {
    last_success.set(
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  }
};

} // namespace klatch::app
