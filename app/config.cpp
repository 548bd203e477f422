#include "app/config.hpp"

#include "app/config_error.hpp"
#include "app/config_file.hpp"
#include "app/help.hpp"
#include "app/settings.hpp"
#include "app/sources.hpp"

#include <algorithm>
#include <initializer_list>
#include <thread>

namespace klatch::app {

namespace {

const std::string& only_value(const given& what) {
  if (what.values.size() == 1)
    return what.values.front();
  std::string list;
  for (const auto& value : what.values)
    list += (list.empty() ? "" : " and ") + in_quotes(value);
  throw config_error(what.where + ": " + (list.empty() ? "an empty list is" : list + " are") +
                     " given, where one value is expected");
}

void apply(config& target, const setting& row, const given& what) {
  if (!row.list)
    only_value(what);
  try {
    row.apply(target, what.values);
  } catch (const config_error& error) {
    throw config_error(what.where + ": " + error.what());
  }
}

/// What the file says that `option` names.
source named_file(const given& option) {
  try {
    return read_file(only_value(option));
  } catch (const unreadable_file& error) {
    throw config_error(option.where + ": " + error.what());
  }
}

config merge(const source& options, const source& environment) {
  source file;
  if (const auto option = options.find(config_option); option != options.end())
    file = named_file(option->second);
  else if (const auto variable = environment.find(config_option); variable != environment.end())
    file = named_file(variable->second);

  config result;
  result.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 1024U);
  // What comes later replaces what came before; a value that is replaced has to be good too.
  for (const source* each : std::initializer_list<const source*>{&file, &environment, &options})
    for (const auto& row : all_settings())
      if (const auto found = each->find(row.name); found != each->end())
        apply(result, row, found->second);
  return result;
}

} // namespace

std::variant<config, early_exit> read_config(int argc, const char* const* argv) {
  try {
    const auto options = read_command_line(argc, argv);
    if (options.help)
      return early_exit{0, help_text()};
    if (options.version)
      return early_exit{0, version_line()};
    return merge(options.settings, read_environment());
  } catch (const config_error& error) {
    return early_exit{2, std::string{"klatch: "} + error.what() + '\n'};
  }
}

} // namespace klatch::app
