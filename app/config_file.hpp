/// The configuration file: which setting each of its lines gives which values.
#pragma once

#include "app/config_error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace klatch::app {

/// Not even the first line of the file could be read, or the file is larger than 1 MiB.
class unreadable_file : public config_error {
public:
  using config_error::config_error;
};

struct file_setting {
  std::string key;
  std::vector<std::string> values; ///< one, or those of an array, without their quotes
  std::size_t line;                ///< that the setting begins in, from 1
};

/// Reads settings in the part of TOML that they need: `key = value` with strings on one line,
/// numbers and arrays of them, which may run over several lines, and comments; no sections, no
/// escapes in strings. Expects UTF-8. Throws `unreadable_file`, or `config_error` for what it
/// cannot make sense of, with the file's name and the line.
std::vector<file_setting> read_config_file(const std::filesystem::path& file);

} // namespace klatch::app
