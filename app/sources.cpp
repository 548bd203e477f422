#include "app/sources.hpp"

#include "app/config_error.hpp"
#include "app/config_file.hpp"
#include "app/settings.hpp"
#include "app/spelling.hpp"
#include "app/tool_names.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace klatch::app {

namespace {

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> result;
  for (const auto& row : all_settings())
    result.push_back(row.name);
  return result;
}

std::vector<std::string_view> file_keys() {
  std::vector<std::string_view> result;
  for (const auto& row : all_settings())
    if (row.in_file)
      result.push_back(row.name);
  return result;
}

/// Without their prefix, which all of them have.
std::vector<std::string_view> variable_names() {
  std::vector<std::string_view> result;
  for (const auto& row : all_settings())
    result.push_back(std::string_view{row.variable}.substr(variable_prefix.size()));
  return result;
}

constexpr std::string_view insecure_option = "--insecure";
constexpr std::string_view move_option = "--to";
constexpr std::string_view insecure_variable = "KLATCH_INSECURE";

[[noreturn]] void refuse_missing_value(const std::string& option) {
  throw config_error(option + ": the value is missing, see klatch --help");
}

[[noreturn]] void refuse_option(const std::string& text) {
  const auto name = text.substr(0, text.find('='));
  const auto bare = name.substr(name.find_first_not_of('-'));
  auto known = option_names();
  known.insert(known.end(), {"help", "version"});
  const auto meant = nearest_word(bare, known);
  throw config_error(
      "unknown option " + in_quotes(name) + ": " +
      (meant ? "did you mean --" + std::string{*meant} + '?' : "klatch --help lists them all"));
}

/// Throws where the first word is one that has a command line of its own.
void refuse_tools(const std::vector<std::string>& extras) {
  const auto word = std::find_if(extras.begin(), extras.end(),
                                 [](const std::string& each) { return !each.starts_with('-'); });
  if (word != extras.end() && is_tool(*word))
    throw config_error(*word + ": it comes before all options: klatch " + *word +
                       " [OPTION]..., see klatch " + *word + " --help");
}

void parse(CLI::App& parser, std::vector<std::string> arguments) {
  const auto last = arguments.empty() ? std::string{} : arguments.back();
  std::reverse(arguments.begin(), arguments.end()); // as CLI11 takes them
  try {
    parser.parse(std::move(arguments));
  } catch (const CLI::ArgumentMismatch&) { // nothing follows the last option
    refuse_missing_value(last.substr(0, last.find('=')));
  } catch (const CLI::ParseError& error) {
    throw config_error(error.what());
  }
}

/// Commas and blanks separate the values of a list.
std::vector<std::string> split_list(std::string_view text) {
  static constexpr std::string_view separators = ", \t\r\n";
  std::vector<std::string> result;
  for (auto first = text.find_first_not_of(separators); first != std::string_view::npos;
       first = text.find_first_not_of(separators, first)) {
    const auto last = std::min(text.find_first_of(separators, first), text.size());
    result.emplace_back(text.substr(first, last - first));
    first = last;
  }
  return result;
}

/// Adds a variable to `result` if it is one of ours.
void take_variable(source& result, std::string_view variable, std::string_view value) {
  if (!variable.starts_with(variable_prefix))
    return;
  if (variable == insecure_variable)
    throw config_error(std::string{variable} +
                       " in the environment: " + std::string{insecure_option} +
                       " is taken from the command line only, so that nothing is made public by "
                       "mistake");
  const auto& rows = all_settings();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const setting& each) { return each.variable == variable; });
  if (row != rows.end()) {
    auto values =
        row->value.list ? split_list(value) : std::vector<std::string>{std::string{value}};
    if (!value.empty() && !values.empty())
      result.emplace(row->name,
                     given{std::move(values), std::string{variable} + " in the environment"});
    return;
  }
  if (const auto meant = nearest_word(variable.substr(variable_prefix.size()), variable_names()))
    throw config_error("unknown variable " + std::string{variable} +
                       " in the environment: did you mean " + std::string{variable_prefix} +
                       std::string{*meant} + '?');
}

/// Throws where there is the next option instead, which CLI11 takes for a value.
void require_values(const given& option) {
  for (const auto& value : option.values)
    if (value.starts_with("--"))
      refuse_missing_value(option.from);
}

} // namespace

command_line read_command_line(int argc, const char* const* argv) {
  CLI::App parser{"", "klatch"};
  parser.set_help_flag();
  parser.allow_extras();
  const auto* help = parser.add_flag("-h,--help");
  const auto* version = parser.add_flag("--version");
  const auto* insecure = parser.add_flag(std::string{insecure_option});
  std::vector<std::pair<std::string_view, const CLI::Option*>> options;
  for (const auto name : option_names())
    options.emplace_back(name, parser.add_option("--" + std::string{name})
                                   ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll));
  const auto* move_to = parser.add_option(std::string{move_option})
                            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  parse(parser, {argv + std::min(argc, 1), argv + argc});

  command_line result{help->count() > 0, version->count() > 0, insecure->count() > 0, {}, {}, {}};
  if (move_to->count() > 0)
    result.move_to = {move_to->results(), std::string{move_option}};
  for (const auto& [name, option] : options)
    if (option->count() > 0)
      result.settings.emplace(name, given{option->results(), "--" + std::string{name}});
  for (const auto& [name, what] : result.settings)
    require_values(what);
  require_values(result.move_to);
  if (result.help)
    return result;
  refuse_tools(parser.remaining());
  for (auto& extra : parser.remaining()) {
    if (extra.find_first_not_of('-') != std::string::npos && extra.starts_with('-'))
      refuse_option(extra);
    result.words.push_back(std::move(extra));
  }
  return result;
}

source read_environment() {
  source result;
  for (auto* const* entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = std::min(text.find('='), text.size());
    take_variable(result, text.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
  }
  return result;
}

source read_file(const std::filesystem::path& file) {
  const auto known = file_keys();
  source result;
  std::map<std::string, std::size_t, std::less<>> lines;
  for (auto& [key, values, line] : read_config_file(file)) {
    const auto line_of = file.string() + ", line " + std::to_string(line) + ": ";
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      const auto meant = nearest_word(key, known);
      throw config_error(
          line_of + "unknown key " + in_quotes(key) + ": " +
          (meant ? "did you mean " + std::string{*meant} + '?' : "klatch --help lists them all"));
    }
    if (const auto [first, added] = lines.emplace(key, line); !added)
      throw config_error(line_of + key + " is there already in line " +
                         std::to_string(first->second));
    result.emplace(key, given{std::move(values), line_of + key});
  }
  return result;
}

} // namespace klatch::app
