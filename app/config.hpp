/// The settings of the service, and how they are read.
#pragma once

#include "app/listen_address.hpp"
#include "app/log_format.hpp"
#include "app/places.hpp"
#include "app/service_options.hpp"
#include "net/tls/tls_settings.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace klatch::app {

/// What klatch was started for: to serve, or for one of its subcommands.
enum class task : std::uint8_t { serve, backup, check, check_config, move };

/// Checked: every value is in its range. What a part of the program can be told stands in the
/// options of that part, so that nothing is copied on the way there.
struct config {
  std::optional<std::filesystem::path> file;               ///< that settings were read from
  std::vector<listen_address> listen{{"127.0.0.1", 9001}}; ///< never empty
  std::vector<listen_address> listen_api;       ///< for operators; empty: they use the others
  std::vector<listen_address> listen_tls;       ///< may be empty
  std::vector<std::filesystem::path> tls_certs; ///< as many as keys, and in their order
  std::vector<std::filesystem::path> tls_keys;
  net::tls_settings tls;                    ///< with what follows from these
  std::optional<std::filesystem::path> web; ///< absolute; has an index.html
  /// Connections from one address that are no WebSockets; nothing: twice as many as WebSockets.
  std::optional<unsigned> max_http_per_address;
  /// Bytes for the buffers of all connections, 0 for no limit; nothing: a part of the memory.
  std::optional<std::size_t> buffer_memory;
  store_place store;
  bus_place bus;
  std::string node;           ///< this node's name, for people; empty: where it listens first
  unsigned store_lanes = 2;   ///< writers of a store in PostgreSQL
  unsigned store_readers = 4; ///< its readers
  std::filesystem::path data{"klatch-data"}; ///< folder of the store; made if it is not there
  store::sqlite_options sqlite{.min_free = 64UL * 1024 * 1024};
  std::optional<std::filesystem::path> keys; ///< folder of the keys that tokens are signed with
  std::string audience;                      ///< as `access_rules::audience`
  std::string issuer;                        ///< as `access_rules::issuer`
  std::string jwks;                          ///< https address of a JWK set; empty: there is none
  bool guests = false;                       ///< visitors without a token get one
  std::vector<std::string> guest_contacts;   ///< to whom they may write first; `*` for everybody
  unsigned guest_days = 30;                  ///< how long they live after their last use; not 0
  bool insecure = false;                     ///< open mode on addresses that others reach
  bool listen_is_set = false;                ///< by any source, also to its default
  std::string log_level = "info";            ///< trace, debug, info, warn, error or off
  log_format log_form = log_format::text;
  /// As read, with what follows from the settings above: the two limits that may be left open.
  service_options service;
  task to_do = task::serve;
  std::filesystem::path backup_file; ///< where `backup` writes to
  std::string move_to;               ///< URL of the database that `move` fills
};

/// Fills in what follows from the settings. Throws `config_error` for some that do not go together.
void complete(config& target);

/// There is nothing to start: `--help` and `--version` (status 0, `output` is for stdout), or a
/// setting that cannot be taken (status 2, `output` is one sentence for stderr). `output` ends with
/// a line end.
struct early_exit {
  int status;
  std::string output;
};

/// Reads the command line, the environment of the process and the configuration file that either of
/// them names; the first of the three that has a setting decides it. Does not throw for anything
/// that a user can get wrong.
std::variant<config, early_exit> read_config(int argc, const char* const* argv);

} // namespace klatch::app
