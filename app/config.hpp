/// The settings of the service, and how they are read.
#pragma once

#include "app/listen_address.hpp"
#include "messages/departure_notices.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace klatch::app {

using klatch::departure_notices;

/// `sqlite`: messages are kept in a file; `none`: not at all, and reach only who is connected.
enum class store_kind : std::uint8_t { sqlite, none };

/// What klatch was started for: to serve, or for one of its subcommands.
enum class task : std::uint8_t { serve, backup, check };

/// Checked: every value is in its range.
struct config {
  std::vector<listen_address> listen{{"127.0.0.1", 9001}}; ///< never empty
  unsigned threads = 1; ///< 1 to 1024; as read: the cores but one, where nothing is said
  std::optional<std::filesystem::path> web; ///< absolute; has an index.html
  departure_notices announce = departure_notices::name;
  std::vector<std::string> allow_origins; ///< `*`, or origins as browsers spell them
  unsigned send_rate = 20;                ///< messages a second and connection; 0 for no limit
  unsigned max_per_address = 100;         ///< WebSockets; 0 for no limit
  /// Other connections; 0 for no limit; nothing: twice `max_per_address`.
  std::optional<unsigned> max_http_per_address;
  unsigned max_per_user = 50;   ///< devices; 0 for no limit
  unsigned byte_rate_kib = 256; ///< KiB a second and connection; 0 for no limit
  /// MiB that the buffers of all connections may hold, 0 for no limit; nothing: a part of the
  /// memory
  std::optional<unsigned> buffer_memory_mib;
  store_kind store = store_kind::sqlite;
  std::filesystem::path data{"klatch-data"}; ///< folder of the store; made where it is not there
  store::sync_mode sync = store::sync_mode::full;
  std::optional<unsigned> retain_days; ///< how long messages are kept; nothing: for ever
  unsigned min_free_mib = 64;          ///< on the disk of the store; 0: all may be taken
  std::string log_level = "info";      ///< trace, debug, info, warn, error or off
  task to_do = task::serve;
  std::filesystem::path backup_file; ///< where `backup` writes to
};

/// There is nothing to start: `--help` and `--version` (status 0, `output` is for stdout), or a
/// setting that cannot be taken (status 2, `output` is one sentence for stderr). `output` ends with
/// a line end.
struct early_exit {
  int status;
  std::string output;
};

/// Reads the command line, the process's environment and the configuration file that either names;
/// the first of them that has a setting decides it. Does not throw for anything a user can get
/// wrong.
std::variant<config, early_exit> read_config(int argc, const char* const* argv);

} // namespace klatch::app
