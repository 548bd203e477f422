#include "app/settings.hpp"

#include "app/allowed_origin.hpp"
#include "app/config_error.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

namespace klatch::app {

namespace {

using texts = std::vector<std::string>;

unsigned parse_number(std::string_view text, unsigned lowest, unsigned highest) {
  unsigned number = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last || number < lowest || number > highest)
    throw config_error(in_quotes(text) + " is not a number from " + std::to_string(lowest) +
                       " to " + std::to_string(highest));
  return number;
}

void set_listen(config& target, const texts& values) {
  if (values.empty())
    throw config_error("an empty list leaves nothing to listen on: at least one address is needed");
  std::vector<listen_address> addresses;
  for (const auto& value : values) {
    auto address = parse_listen_address(value);
    if (address.port != 0 &&
        std::find(addresses.begin(), addresses.end(), address) != addresses.end())
      throw config_error(in_quotes(value) +
                         " is there twice: each address can be listened on once");
    addresses.push_back(std::move(address));
  }
  target.listen = std::move(addresses);
}

void set_threads(config& target, const texts& values) {
  target.threads = parse_number(values.front(), 1, 1024);
}

void set_web(config& target, const texts& values) {
  const auto& text = values.front();
  std::error_code ignored; // what cannot be looked at is no folder either
  if (!std::filesystem::is_directory(text, ignored))
    throw config_error(in_quotes(text) + " is not a folder; expected is one with an index.html");
  const std::filesystem::path folder{text};
  const auto index = folder / "index.html";
  if (!std::filesystem::is_regular_file(index, ignored) || !std::ifstream{index}.is_open())
    throw config_error(in_quotes(text) + " is not a folder with an index.html that can be read");
  target.web = std::filesystem::absolute(folder).lexically_normal();
}

void set_announce(config& target, const texts& values) {
  const auto& text = values.front();
  if (text == "name")
    target.announce = departure_notices::name;
  else if (text == "ip")
    target.announce = departure_notices::ip;
  else if (text == "off")
    target.announce = departure_notices::off;
  else
    throw config_error(in_quotes(text) + " is not name, ip or off");
}

void set_allow_origins(config& target, const texts& values) {
  texts origins;
  for (const auto& value : values)
    origins.push_back(parse_allowed_origin(value));
  target.allow_origins = std::move(origins);
}

void set_send_rate(config& target, const texts& values) {
  target.send_rate = parse_number(values.front(), 0, 1'000'000);
}

void set_byte_rate(config& target, const texts& values) {
  target.byte_rate_kib = parse_number(values.front(), 0, 1'000'000);
}

void set_buffer_memory(config& target, const texts& values) {
  target.buffer_memory_mib = parse_number(values.front(), 0, 1'000'000);
}

void set_max_per_address(config& target, const texts& values) {
  target.max_per_address = parse_number(values.front(), 0, 1'000'000);
}

void set_max_http_per_address(config& target, const texts& values) {
  target.max_http_per_address = parse_number(values.front(), 0, 1'000'000);
}

void set_max_per_user(config& target, const texts& values) {
  target.max_per_user = parse_number(values.front(), 0, 1'000'000);
}

void set_store(config& target, const texts& values) {
  const auto& text = values.front();
  if (text == "sqlite")
    target.store = store_kind::sqlite;
  else if (text == "none")
    target.store = store_kind::none;
  else
    throw config_error(in_quotes(text) + " is not sqlite or none");
}

void set_data(config& target, const texts& values) {
  const auto& text = values.front();
  std::error_code ignored; // what cannot be looked at is refused when it is opened
  if (text.empty())
    throw config_error("an empty path is given, where a folder is expected");
  if (std::filesystem::exists(text, ignored) && !std::filesystem::is_directory(text, ignored))
    throw config_error(in_quotes(text) + " is not a folder");
  target.data = text;
}

void set_sync(config& target, const texts& values) {
  const auto& text = values.front();
  if (text == "full")
    target.sync = store::sync_mode::full;
  else if (text == "normal")
    target.sync = store::sync_mode::normal;
  else
    throw config_error(in_quotes(text) + " is not full or normal");
}

void set_retain(config& target, const texts& values) {
  const auto days = parse_number(values.front(), 0, 36'500);
  target.retain_days = days == 0 ? std::nullopt : std::optional{days};
}

void set_min_free(config& target, const texts& values) {
  target.min_free_mib = parse_number(values.front(), 0, 1'000'000);
}

void set_log_level(config& target, const texts& values) {
  static constexpr std::array<std::string_view, 6> levels{"trace", "debug", "info",
                                                          "warn",  "error", "off"};
  const auto& text = values.front();
  if (std::find(levels.begin(), levels.end(), text) == levels.end())
    throw config_error(in_quotes(text) + " is not trace, debug, info, warn, error or off");
  target.log_level = text;
}

constexpr std::array<setting, 17> table{{
    {"listen", "KLATCH_LISTEN", true, set_listen},
    {"threads", "KLATCH_THREADS", false, set_threads},
    {"web", "KLATCH_WEB", false, set_web},
    {"announce", "KLATCH_ANNOUNCE", false, set_announce},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", true, set_allow_origins},
    {"send-rate", "KLATCH_SEND_RATE", false, set_send_rate},
    {"byte-rate", "KLATCH_BYTE_RATE", false, set_byte_rate},
    {"buffer-memory", "KLATCH_BUFFER_MEMORY", false, set_buffer_memory},
    {"max-per-address", "KLATCH_MAX_PER_ADDRESS", false, set_max_per_address},
    {"max-http-per-address", "KLATCH_MAX_HTTP_PER_ADDRESS", false, set_max_http_per_address},
    {"max-per-user", "KLATCH_MAX_PER_USER", false, set_max_per_user},
    {"store", "KLATCH_STORE", false, set_store},
    {"data", "KLATCH_DATA", false, set_data},
    {"sync", "KLATCH_SYNC", false, set_sync},
    {"retain", "KLATCH_RETAIN", false, set_retain},
    {"min-free", "KLATCH_MIN_FREE", false, set_min_free},
    {"log-level", "KLATCH_LOG_LEVEL", false, set_log_level},
}};

} // namespace

std::span<const setting> all_settings() noexcept { return table; }

} // namespace klatch::app
