#include "app/reload.hpp"

#include "app/config_error.hpp"
#include "app/settings.hpp"
#include "app/values.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace klatch::app {

namespace {

/// Without `klatch: ` and the line end that `early_exit` has.
std::string sentence_of(const early_exit& refusal) {
  constexpr std::string_view lead = "klatch: ";
  std::string_view text{refusal.output};
  if (text.starts_with(lead))
    text.remove_prefix(lead.size());
  return std::string{text.substr(0, text.find_last_not_of('\n') + 1)};
}

/// `running` with those settings of `next` that may change.
config merged(const config& running, const config& next) {
  auto result = running;
  for (const auto& row : all_settings())
    if (row.reload == reloadable::yes)
      row.value.copy(result, next);
  complete(result);
  return result;
}

void warn_of_others(const config& running, const config& next) {
  std::vector<std::string_view> changed;
  for (const auto& row : all_settings())
    if (row.reload != reloadable::yes && row.value.print(running) != row.value.print(next))
      changed.push_back(row.name);
  if (!changed.empty())
    spdlog::warn("not taken over before the next start: {}", join_words(changed, " and "));
}

} // namespace

std::variant<std::vector<commit>, std::string>
prepare_all(const std::vector<reload_participant>& participants, const config& next) {
  std::vector<commit> result;
  for (const auto& each : participants) {
    auto prepared = each.prepare(next);
    if (auto* refusal = std::get_if<std::string>(&prepared))
      return std::move(*refusal);
    result.push_back(std::get<commit>(std::move(prepared)));
  }
  return result;
}

reloader::reloader(config running, source read)
    : running_(std::move(running)), read_(std::move(read)) {}

std::string reloader::reload() {
  const auto refuse = [](std::string why) {
    spdlog::error("the settings were not reloaded, and nothing has changed: {}", why);
    return why;
  };
  const auto read = read_();
  if (const auto* refusal = std::get_if<early_exit>(&read))
    return refuse(sentence_of(*refusal));
  const auto& wanted = std::get<config>(read);
  std::optional<config> next;
  try {
    next = merged(running_, wanted);
  } catch (const config_error& error) {
    return refuse(error.what());
  }
  auto prepared = prepare_all(participants_, *next);
  if (auto* refusal = std::get_if<std::string>(&prepared))
    return refuse(std::move(*refusal));
  for (const auto& each : std::get<std::vector<commit>>(prepared))
    each();
  warn_of_others(running_, wanted);
  running_ = *std::move(next);
  spdlog::info("the settings were reloaded");
  return {};
}

} // namespace klatch::app
