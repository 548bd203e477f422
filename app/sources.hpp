/// Where settings come from: the command line, the environment, a file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::app {

/// What one source says about a setting.
struct given {
  std::vector<std::string> values;
  std::string from; ///< for people: `--threads`, `KLATCH_THREADS in the environment`,
                    ///< `klatch.toml, line 3: threads`
};

/// By the setting's name, `config` included; only those that the source has.
using source = std::map<std::string, given, std::less<>>;

struct command_line {
  bool help = false;
  bool version = false;
  bool insecure = false; ///< stands in no other source, so that no file makes a service public
  source settings;
  given move_to; ///< `--to` of the subcommand `move`; without values where it is not there
  std::vector<std::string> words; ///< what stands beside the options: a subcommand and its argument
};

/// Throws `config_error` for an unknown option and an option without its value.
command_line read_command_line(int argc, const char* const* argv);

/// Takes an empty variable for one that is not set. Throws `config_error` for a variable that looks
/// like a misspelt one of ours; others that begin with KLATCH_ are left alone, since container
/// platforms set some (KLATCH_PORT).
source read_environment();

/// Throws `unreadable_file`; `config_error` if `file` is malformed, or has an unknown key or one
/// twice.
source read_file(const std::filesystem::path& file);

} // namespace klatch::app
