#include "app/values.hpp"

#include "app/allowed_origin.hpp"
#include "app/built_with.hpp"
#include "app/https_get.hpp"
#include "messages/ids.hpp"
#include "messages/text/spelling.hpp"

#include <charconv>
#include <fstream>
#include <system_error>
#include <variant>

namespace klatch::app {

unsigned number::parse(std::string_view text) const {
  unsigned value = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || value < lowest || value > highest)
    throw config_error(in_quotes(text) + " is not a number from " + std::to_string(lowest) +
                       " to " + std::to_string(highest));
  return value;
}

std::size_t bytes::parse(std::string_view text) const {
  return unit * number{0, highest}.parse(text);
}

std::optional<std::chrono::milliseconds> days_or_ever::parse(std::string_view text) const {
  const auto value = number{0, highest}.parse(text);
  if (value == 0)
    return std::nullopt;
  return std::chrono::days{value};
}

std::string days_or_ever::print(const std::optional<std::chrono::milliseconds>& value) {
  return std::to_string(value ? std::chrono::duration_cast<std::chrono::days>(*value).count() : 0);
}

std::string join_words(const std::vector<std::string_view>& words, std::string_view last) {
  std::string result;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (index > 0)
      result += index + 1 == words.size() ? last : ", ";
    result += words[index];
  }
  return result;
}

std::filesystem::path folder::parse(std::string_view text) {
  std::error_code ignored; // what cannot be looked at is refused when it is opened
  if (text.empty())
    throw config_error("an empty path is given, where a folder is expected");
  if (std::filesystem::exists(text, ignored) && !std::filesystem::is_directory(text, ignored))
    throw config_error(in_quotes(text) + " is not a folder");
  return text;
}

std::filesystem::path existing_folder::parse(std::string_view text) {
  std::error_code ignored; // what cannot be looked at is not there either
  if (!std::filesystem::is_directory(text, ignored))
    throw config_error(in_quotes(text) + " is not a folder that is there");
  return text;
}

std::string https_address::parse(std::string_view text) {
  return text.empty() ? std::string{} : parse_https_address(text);
}

std::string field_name::parse(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789!#$%&'*+-.^_`|~";
  if (text.empty() || text.find_first_not_of(letters) != std::string_view::npos)
    throw config_error(in_quotes(text) + " is no name of a field, such as X-Forwarded-For");
  return std::string{text};
}

std::vector<net::network> proxy_networks::parse(const texts& values) {
  std::vector<net::network> result;
  for (const auto& value : values) {
    auto found = net::network::parse(value);
    if (!found)
      throw config_error(in_quotes(value) +
                         " is neither an address nor a network, such as 10.0.0.0/8");
    result.push_back(*std::move(found));
  }
  return result;
}

std::string proxy_networks::print(const std::vector<net::network>& values) {
  texts result;
  for (const auto& each : values)
    result.push_back(each.to_string());
  return join_words({result.begin(), result.end()}, ", ");
}

std::filesystem::path web_folder::parse(std::string_view text) {
  std::error_code ignored; // what cannot be looked at is no folder either
  const std::filesystem::path path{text};
  if (!std::filesystem::is_directory(path, ignored))
    throw config_error(in_quotes(text) + " is not a folder; expected is one with an index.html");
  const auto index = path / "index.html";
  if (!std::filesystem::is_regular_file(index, ignored) || !std::ifstream{index}.is_open())
    throw config_error(in_quotes(text) + " is not a folder with an index.html that can be read");
  return std::filesystem::absolute(path).lexically_normal();
}

std::vector<std::filesystem::path> paths::parse(const texts& values) {
  if (std::find(values.begin(), values.end(), "") != values.end())
    throw config_error("a path is missing");
  return {values.begin(), values.end()};
}

std::string paths::print(const std::vector<std::filesystem::path>& values) {
  texts result;
  for (const auto& each : values)
    result.push_back(each.string());
  return join_words({result.begin(), result.end()}, ", ");
}

std::vector<listen_address> listen_addresses::parse(const texts& values) {
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
  return addresses;
}

std::string listen_addresses::print(const std::vector<listen_address>& values) {
  texts result;
  for (const auto& each : values)
    result.push_back(to_string(each));
  return join_words({result.begin(), result.end()}, ", ");
}

namespace {

constexpr std::string_view scheme_end = "://";

bool begins_with_one_of(std::string_view text, std::initializer_list<std::string_view> schemes) {
  return std::any_of(schemes.begin(), schemes.end(), [text](std::string_view scheme) {
    return text.starts_with(scheme) && text.substr(scheme.size()).starts_with(scheme_end);
  });
}

/// A URL as it may stand in a log.
std::string without_password(std::string url) {
  const auto host = url.find(scheme_end) + scheme_end.size();
  const auto at = url.find('@', host);
  const auto colon = url.find(':', host);
  if (at != std::string::npos && colon < at)
    url.replace(colon, at - colon, ":***");
  const auto named = url.find("password=");
  if (named != std::string::npos)
    url.replace(named, url.find('&', named) - named, "password=***");
  return url;
}

} // namespace

bool store_name::is_postgres(std::string_view text) {
  return begins_with_one_of(text, {"postgres", "postgresql"});
}

store_place store_name::parse(std::string_view text) {
  if (is_postgres(text)) {
    require_built(cluster_library::postgres);
    return {store_kind::postgres, std::string{text}};
  }
  for (const auto& [word, kind] : words)
    if (word == text)
      return {kind, {}};
  throw config_error(in_quotes(text) + " is not sqlite, none or postgres://HOST/DATABASE");
}

std::string store_name::print(const store_place& value) {
  for (const auto& [word, kind] : words)
    if (kind == value.kind)
      return std::string{word};
  return without_password(value.url);
}

bus_place bus_name::parse(std::string_view text) {
  if (begins_with_one_of(text, {"nats", "tls"})) {
    require_built(cluster_library::nats);
    return {bus_kind::nats, std::string{text}};
  }
  for (const auto& [word, kind] : words)
    if (word == text) {
      if (kind == bus_kind::postgres)
        require_built(cluster_library::postgres);
      return {kind, {}};
    }
  throw config_error(in_quotes(text) + " is not postgres, none, nats://HOST or tls://HOST");
}

std::string bus_name::print(const bus_place& value) {
  for (const auto& [word, kind] : words)
    if (kind == value.kind)
      return std::string{word};
  return without_password(value.url);
}

std::string spelled_id(const std::string& text, const std::string& option) {
  auto found = spelling_of_id(text);
  if (const auto* wrong = std::get_if<misspelling>(&found))
    throw config_error(option + ": " + in_quotes(text) + ' ' + wrong->why);
  auto result = std::get<std::string>(std::move(found));
  if (!valid_id(result))
    throw config_error(option + ": an id has 1 to 64 bytes");
  return result;
}

texts guest_contacts::parse(const texts& values) {
  if (values.size() > most)
    throw config_error("there are more than " + std::to_string(most) + " of them");
  texts ids;
  for (const auto& value : values) {
    if (value == every_contact) {
      ids.push_back(value);
      continue;
    }
    auto found = spelling_of_id(value);
    const auto* id = std::get_if<std::string>(&found);
    if (id == nullptr || !valid_id(*id))
      throw config_error(in_quotes(value) + " cannot be the id of a user");
    ids.push_back(*id);
  }
  return ids;
}

std::string guest_contacts::print(const texts& values) {
  return join_words({values.begin(), values.end()}, ", ");
}

texts allowed_origins::parse(const texts& values) {
  texts origins;
  for (const auto& value : values)
    origins.push_back(parse_allowed_origin(value));
  return origins;
}

std::string allowed_origins::print(const texts& values) {
  return join_words({values.begin(), values.end()}, ", ");
}

} // namespace klatch::app
