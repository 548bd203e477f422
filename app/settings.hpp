/// The table of settings: their names, and what their values have to be.
#pragma once

#include "app/config.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::app {

struct setting {
  std::string_view name;     ///< the key in a file; the option without its `--`
  std::string_view variable; ///< in the environment
  bool list;                 ///< may have any number of values
  /// Takes the values over into `target`. Throws `config_error` without changing it.
  void (*apply)(config& target, const std::vector<std::string>& values);
};

/// All but the one that names the configuration file.
std::span<const setting> all_settings() noexcept;

/// The setting that names the configuration file: it cannot stand in that file itself.
inline constexpr std::string_view config_option = "config";
inline constexpr std::string_view config_variable = "KLATCH_CONFIG";

} // namespace klatch::app
