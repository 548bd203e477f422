/// What the lanes, the readers and the membership of one node share.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/node_lease.hpp"
#include "store/postgres/postgres_options.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace klatch::store {

/// On any thread.
class postgres_node {
public:
  /// Makes the database fit. Throws `cannot_open` if it cannot be, or cannot be reached.
  explicit postgres_node(postgres_options options);

  const postgres_options& options() const noexcept { return options_; }
  node_lease& lease() noexcept { return lease_; }

  /// As `postgres_cluster::id`.
  const std::string& cluster() const noexcept { return cluster_; }

  std::string epoch() const;
  /// The database has another one now.
  void set_epoch(std::string now);
  /// Those that this node has known before, the last 64 of them.
  std::deque<std::string> past_epochs() const;

  /// The highest mid that this node has given, or that there was when it started.
  std::uint64_t last_mid() const noexcept { return last_mid_; }
  void gave(std::uint64_t mid) noexcept;

  /// For the log; of more than 100 that nobody has taken the oldest are dropped.
  void report(store_change what);
  std::optional<store_change> take_report();

private:
  void read_state();

  postgres_options options_;
  node_lease lease_;
  std::atomic<std::uint64_t> last_mid_{0};
  std::string cluster_;
  mutable std::mutex mutex_; ///< guards what follows
  std::string epoch_;
  std::deque<std::string> past_epochs_;
  std::deque<store_change> reports_;
};

} // namespace klatch::store
