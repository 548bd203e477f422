/// Whether the service does what it is there for.
#pragma once

#include "messages/service_counters.hpp"
#include "net/loop/worker.hpp"

#include <atomic>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace klatch::app {

/// Answers from what others have noted, and waits for nobody. All functions may be called on any
/// thread.
class readiness {
public:
  /// A worker whose loop has not turned for so long is stuck. It notes the time every
  /// `net::worker::beat_interval`.
  static constexpr std::chrono::seconds stuck_after{10};

  /// `workers` and `stored` outlive it.
  readiness(std::vector<net::worker*> workers, const store_counters& stored)
      : workers_(std::move(workers)), stored_(stored) {}

  /// The service stops: it is not ready any more.
  void begin_drain() noexcept { draining_.store(true, std::memory_order_relaxed); }
  bool draining() const noexcept { return draining_.load(std::memory_order_relaxed); }

  /// Returns true if no worker is stuck.
  bool all_alive(std::chrono::steady_clock::time_point now) const noexcept;

  /// Returns why the service is not ready, in words for programs; nothing: it is. A store that
  /// could not be written is tried again each second, so that the reason goes by itself.
  std::vector<std::string_view> reasons(std::chrono::steady_clock::time_point now) const;

private:
  std::vector<net::worker*> workers_;
  const store_counters& stored_;
  std::atomic<bool> draining_{false};
};

} // namespace klatch::app
