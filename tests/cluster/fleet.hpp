/// Nodes of the service on machines of their own, with PostgreSQL and NATS.
#pragma once

#include "messages/auth/token_key.hpp"
#include "net/accept/socket.hpp"
#include "tests/cluster/database_server.hpp"
#include "tests/cluster/network.hpp"
#include "tests/faults/server_process.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace klatch::clustered {

inline constexpr unsigned fleet_size = 3;

enum class standby_kind : std::uint8_t { none, synchronous, asynchronous };

struct fleet_options {
  std::string bus = "nats"; ///< or "postgres", "none"
  standby_kind standby = standby_kind::none;
  unsigned disk_mib = 0; ///< of the primary; 0: the test's own
  bool asks_for_tokens = false;
};

/// Three nodes and three nats-servers, 0 to 2, a machine each; PostgreSQL is beside the test.
class fleet {
public:
  /// Says why, where there can be no fleet here.
  static bool is_possible();

  /// All of it runs.
  explicit fleet(fleet_options options);
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;
  ~fleet();

  /// Return at once.
  void start_node(unsigned node);
  void start_nats(unsigned server);
  void kill_node(unsigned node);
  void kill_nats(unsigned server);
  void signal_node(unsigned node, int number) { nodes_.at(node)->signal(number); }
  bool runs(unsigned node) { return nodes_.at(node) && !nodes_.at(node)->has_ended(); }
  /// The exit status of one that has been told to stop.
  int wait_for_end(unsigned node);

  void cut_from_bus(unsigned node);
  void cut_from_database(unsigned node);
  void lose_packets(unsigned node, unsigned percent);
  void heal_node(unsigned node);
  void cut_nats_apart(unsigned server);
  void heal_nats(unsigned server);

  /// Takes all room of the primary's disk, which has a size of its own; and gives it back.
  void fill_disk() const;
  void free_disk();

  database_server& database() noexcept { return *primary_; }
  database_server& standby() noexcept { return *standby_; }
  bool standby_took_over() const { return standby_ && !primary_->runs(); }

  net::tcp_endpoint endpoint(unsigned node) const;
  std::string url() const;
  /// Runs `klatch revoke` for a user, on no machine of the fleet's.
  void revoke(const std::string& user) const;
  /// A token of a user in project 2424 that was issued so many seconds from now; empty where nobody
  /// is asked for one.
  std::string token_of(const std::string& user, std::chrono::seconds issued = {}) const;
  /// What a node has written so far, of all its lives.
  std::string log_of(unsigned node) const { return text_of_file(log_file(node)); }
  const fs::path& folder() const noexcept { return folder_->path(); }
  /// The folder stays, for whoever looks into what went wrong.
  void keep_folder();

private:
  fs::path log_file(unsigned node) const;
  void make_key();
  void make_standby();
  fs::path primary_folder() const { return folder() / "primary"; }
  fs::path filler() const { return primary_folder() / "filler"; }
  void wait_until_nodes_answer();
  std::string bus_of(unsigned node) const;

  fleet_options options_;
  std::unique_ptr<faults::scratch_folder> folder_;
  bool keeps_ = false;
  std::optional<token_key> key_;
  network network_;
  std::unique_ptr<database_server> primary_;
  std::unique_ptr<database_server> standby_;
  std::array<std::unique_ptr<program>, fleet_size> nats_;
  std::array<std::unique_ptr<program>, fleet_size> nodes_;
};

} // namespace klatch::clustered
