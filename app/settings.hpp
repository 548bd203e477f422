/// The table of settings: one row a setting, from which the parser, the environment, the
/// configuration file, `--help` and the table in README.md come.
#pragma once

#include "app/config.hpp"
#include "app/values.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace klatch::app {

/// The heading of `--help` that a setting stands under.
enum class section : std::uint8_t { network, access, chat, store, operation };

/// `yes`: a running service takes a new value over with a reload.
enum class reloadable : std::uint8_t { undecided, yes, no };

/// Which field of a configuration a setting is, and how its text becomes the value.
struct setting_value {
  bool list = false; ///< may have any number of texts; else `assign` takes one
  /// The texts that there are, if there are only a few.
  std::vector<std::string> choices;
  /// Throws `config_error` without changing the configuration.
  std::function<void(config&, const std::vector<std::string>&)> assign;
  /// Returns what `assign` would take, with commas between the values of a list; empty for nothing.
  std::function<std::string(const config&)> print;
  /// Gives the field of `to` the value that it has in `from`.
  std::function<void(config& to, const config& from)> copy;
};

/// The texts that `kind` knows, if they are only a few words.
template<class Kind>
std::vector<std::string> choices_of(const Kind& kind) {
  std::vector<std::string> all;
  if constexpr (requires { kind.words; })
    for (const auto& each : kind.words)
      all.emplace_back(each.first);
  return all;
}

/// A setting whose texts the kind of value `Kind` (see values.hpp) parses; `field` returns a
/// reference to its field in a configuration. The field may be an optional of the kind's value.
template<class Kind, class Field>
setting_value value_in(Field field, Kind kind) {
  using value_type = std::remove_cvref_t<decltype(std::invoke(field, std::declval<config&>()))>;
  constexpr bool list = requires(const texts& all) { kind.parse(all); };
  return {
      list, choices_of(kind),
      [=](config& target, const texts& values) {
        if constexpr (list)
          std::invoke(field, target) = kind.parse(values);
        else
          std::invoke(field, target) = kind.parse(values.front());
      },
      [=](const config& from) -> std::string {
        const value_type& value = std::invoke(field, from);
        if constexpr (requires { kind.print(value); })
          return kind.print(value);
        else
          return value ? kind.print(*value) : std::string{};
      },
      [=](config& to, const config& from) { std::invoke(field, to) = std::invoke(field, from); }};
}

struct setting {
  std::string_view name;        ///< the key in a file; the option without its `--`
  std::string_view placeholder; ///< of the value in `--help`
  section group = section::operation;
  /// What it does. What stands between backticks is typed as it is: README.md shows it so, `--help`
  /// without them.
  std::string_view help;
  /// What holds without it, in words; empty: the value that the field has by itself.
  std::string_view otherwise = {};
  setting_value value;
  reloadable reload = reloadable::undecided;
  bool in_file = true;       ///< may stand in a configuration file
  std::string variable = {}; ///< in the environment; the table makes it from the name
};

/// In the order of `--help`.
const std::vector<setting>& all_settings();

/// The name of the setting that names the configuration file.
inline constexpr std::string_view config_option = "config";

/// Begins the variables of all settings.
inline constexpr std::string_view variable_prefix = "KLATCH_";

/// Returns what holds without `row`, in the words of `--help`.
std::string default_of(const setting& row);

} // namespace klatch::app
