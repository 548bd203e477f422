/// The service on its machine: started, stopped, killed, without power.
#pragma once

#include "actors/chat.hpp"
#include "actors/connection/rate_table.hpp"
#include "messages/wire/decoder.hpp"
#include "store/message_store.hpp"
#include "tests/simulation/cluster/database.hpp"
#include "tests/simulation/cluster/model_bus.hpp"
#include "tests/simulation/coordinator.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/link.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/threads.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace klatch::simulation {

/// Where the store's file lies on the simulated disk.
inline constexpr const char* store_file = "/data/klatch.db";

/// Which node of a cluster a service is.
struct place_in_cluster {
  database& shared;
  model_bus& air;
  std::size_t number;
};

class server {
public:
  /// Without a place it is alone.
  server(machine& on, disk& files, const options& chosen, std::uint64_t seed,
         const std::optional<place_in_cluster>& place = std::nullopt);
  ~server();
  server(server&&) = delete;
  server& operator=(server&&) = delete;

  /// Starts, if it is not up. A disk that fails keeps it from that: it is tried again.
  void start();
  /// As SIGTERM does: everybody is closed with 1012, what is under way is stored, and it is started
  /// again.
  void stop();
  /// All at once; what becomes of the disk is not its business.
  void die(bool wires_stay);

  bool is_up() const noexcept { return running_ != nullptr; }
  /// The process of a cluster's node is no more, and leaves its lease.
  void kill();
  /// Of a cluster's node: nothing of it happens, until it goes on.
  void stand_still();
  void go_on();

  /// Takes connections.
  bool accepts() const noexcept {
    return is_up() && !stopping_ && (host_ == 0 || !machine_.stands_still(host_));
  }
  /// Has one of its actors ended that must not?
  bool has_failed() const noexcept;
  /// Goes up with each start; no two nodes have the same.
  std::uint64_t incarnation() const noexcept { return incarnation_; }

  /// A new connection; null if none is taken.
  std::shared_ptr<link> connect(link_user& user, std::uint64_t number);

  // Faults.
  void kill_shard(std::uint64_t which);
  void kill_connection(std::uint64_t which);
  void kill_reader(bool of_queries);
  void kill_archive();

  // For those who look on.
  /// As a trace calls it.
  const std::string& name() const noexcept { return name_; }
  store::message_store* messages() const noexcept;
  /// Of a cluster's node: it tells clients the epoch that the database has, and nothing is lost in
  /// that.
  bool knows_epoch() const;
  /// Is the archive in the middle of a commit?
  bool is_storing() const;
  /// Is anything read or written in the middle?
  bool is_busy() const noexcept { return threads_.any(); }
  threads& blocking() noexcept { return threads_; }
  std::size_t actor_count() const;
  /// How many there are without any connection.
  std::size_t least_actors() const;
  /// Returns true if nothing waits for the archive or its readers.
  bool nothing_waits() const;
  /// ms since 1970 UTC.
  std::int64_t wall_ms() const noexcept;
  void set_clock(std::int64_t by_ms) noexcept { clock_is_off_ += by_ms; }

  /// Is called when it is up.
  std::function<void()> on_start;
  /// Is called when it ends in order.
  std::function<void()> on_stop;

private:
  struct process;

  void start_actors();
  std::vector<caf::actor_id> archive_actors() const;
  bool open_store();
  void end_actors();
  void look_after_files();
  void wait_for_drain(us until);
  std::vector<std::shared_ptr<link>> links() const;
  clock time();
  void start_later();

  machine& machine_;
  disk& disk_;
  const options& chosen_;
  std::uint64_t seed_;
  std::optional<place_in_cluster> place_;
  unsigned host_; ///< 0: it is alone
  std::string name_;
  threads threads_;
  std::shared_ptr<store::message_store> memory_; ///< outlives a start
  std::unique_ptr<process> running_;
  std::vector<std::weak_ptr<link>> links_;
  std::uint64_t incarnation_;
  bool stopping_ = false;
  bool ending_ = false;
  std::int64_t clock_is_off_ = 0;
};

/// Once a process, before there is a disk.
void prepare_stores();

/// Puts an empty store on the disk, of an epoch of its own.
void put_empty_store(disk& files);

} // namespace klatch::simulation
