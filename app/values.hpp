/// The kinds of values that settings have: each parses the text of one and prints it again.
///
/// A kind is a small struct with `parse`, which returns the value or throws `config_error`, and
/// `print`, which returns the text that `parse` would take. The `parse` of a list takes all texts.
#pragma once

#include "app/config_error.hpp"
#include "app/listen_address.hpp"
#include "app/places.hpp"
#include "net/trusted_proxies.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klatch::app {

using texts = std::vector<std::string>;

/// A whole number from `lowest` to `highest`.
struct number {
  unsigned lowest;
  unsigned highest;

  unsigned parse(std::string_view text) const;
  static std::string print(std::size_t value) { return std::to_string(value); }
};

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;

/// Bytes, written as a whole number of `unit` bytes up to `highest`.
struct bytes {
  std::size_t unit;
  unsigned highest;

  std::size_t parse(std::string_view text) const;
  std::string print(std::size_t value) const { return std::to_string(value / unit); }
};

/// A whole number of days up to `highest`; 0 for no bound, which is a field without a value.
struct days_or_ever {
  unsigned highest;

  std::optional<std::chrono::milliseconds> parse(std::string_view text) const;
  static std::string print(const std::optional<std::chrono::milliseconds>& value);
};

/// `a, b or c`
std::string join_words(const std::vector<std::string_view>& words, std::string_view last);

/// Returns the id that `text` is, as it is spelled. Throws `config_error`, which `option` begins,
/// if it can be none.
std::string spelled_id(const std::string& text, const std::string& option);

/// One of a few words, each of which stands for a value.
template<class T>
struct choice {
  choice(std::initializer_list<std::pair<std::string_view, T>> all) : words(all) {}

  T parse(std::string_view text) const {
    for (const auto& [word, value] : words)
      if (word == text)
        return value;
    std::vector<std::string_view> known;
    for (const auto& [word, value] : words)
      known.push_back(word);
    throw config_error(in_quotes(text) + " is not " + join_words(known, " or "));
  }
  std::string print(const T& wanted) const {
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto& each) { return each.second == wanted; });
    return found == words.end() ? std::string{} : std::string{found->first};
  }

  std::vector<std::pair<std::string_view, T>> words;
};

/// `true` or `false`, as in TOML.
struct boolean : choice<bool> {
  boolean() : choice{{"true", true}, {"false", false}} {}
};

/// Any text.
struct any_path {
  static std::filesystem::path parse(std::string_view text) { return text; }
  static std::string print(const std::filesystem::path& value) { return value.string(); }
};

/// A folder, or the path of one that is not there yet.
struct folder : any_path {
  static std::filesystem::path parse(std::string_view text);
};

/// Any number of paths.
struct paths {
  static std::vector<std::filesystem::path> parse(const texts& values);
  static std::string print(const std::vector<std::filesystem::path>& values);
};

/// A folder with an index.html that can be read, as an absolute path.
struct web_folder : any_path {
  static std::filesystem::path parse(std::string_view text);
};

/// A folder that is there.
struct existing_folder : any_path {
  static std::filesystem::path parse(std::string_view text);
};

/// `sqlite`, `none` or a URL of PostgreSQL. Printed without a password.
struct store_name {
  /// Those that are no URL.
  static constexpr std::array words{std::pair{std::string_view{"sqlite"}, store_kind::sqlite},
                                    std::pair{std::string_view{"none"}, store_kind::none}};

  /// Returns true if `text` is the URL of a database of PostgreSQL.
  static bool is_postgres(std::string_view text);
  static store_place parse(std::string_view text);
  static std::string print(const store_place& value);
};

/// `postgres`, `none` or a URL of NATS. Printed without a password.
struct bus_name {
  /// Those that are no URL.
  static constexpr std::array words{std::pair{std::string_view{"postgres"}, bus_kind::postgres},
                                    std::pair{std::string_view{"none"}, bus_kind::none}};

  static bus_place parse(std::string_view text);
  static std::string print(const bus_place& value);
};

/// Any text, also none.
struct any_text {
  static std::string parse(std::string_view text) { return std::string{text}; }
  static std::string print(const std::string& value) { return value; }
};

/// An https address, as `parse_https_address` says; or none.
struct https_address {
  static std::string parse(std::string_view text);
  static std::string print(const std::string& value) { return value; }
};

/// The name of a field of HTTP (RFC 9110 section 5.1).
struct field_name {
  static std::string parse(std::string_view text);
  static std::string print(const std::string& value) { return value; }
};

/// Addresses and networks, as CIDR writes them.
struct proxy_networks {
  static std::vector<net::network> parse(const texts& values);
  static std::string print(const std::vector<net::network>& values);
};

/// At least one address, and none twice.
struct listen_addresses {
  static std::vector<listen_address> parse(const texts& values);
  static std::string print(const std::vector<listen_address>& values);
};

/// Stands for everybody among `guest_contacts`.
inline constexpr std::string_view every_contact = "*";

/// `*`, or ids of users, spelled as new ones are: 1,000 at most.
struct guest_contacts {
  static constexpr std::size_t most = 1'000;

  static texts parse(const texts& values);
  static std::string print(const texts& values);
};

/// `*`, or origins as browsers spell them.
struct allowed_origins {
  static texts parse(const texts& values);
  static std::string print(const texts& values);
};

} // namespace klatch::app
