#include "app/allowed_origin.hpp"

#include "app/config_error.hpp"
#include "app/listen_address.hpp"

#include <algorithm>
#include <charconv>
#include <sys/socket.h>
#include <system_error>

namespace klatch::app {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return result;
}

bool made_of(std::string_view text, std::string_view first, std::string_view second,
             std::string_view third) {
  return std::all_of(text.begin(), text.end(), [&](char letter) {
    return first.find(letter) != std::string_view::npos ||
           second.find(letter) != std::string_view::npos ||
           third.find(letter) != std::string_view::npos;
  });
}

bool valid_scheme(std::string_view text) {
  return !text.empty() && letters.find(text.front()) != std::string_view::npos &&
         made_of(text, letters, digits, "+-.");
}

/// The host as a browser spells it; empty where `text` is none.
std::string browser_host(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const auto address = canonical_address(AF_INET6, text.substr(1, text.size() - 2));
    return address.empty() ? std::string{} : '[' + address + ']';
  }
  return made_of(text, letters, digits, "-._") ? std::string{text} : std::string{};
}

/// `:port` as a browser spells it, empty for the scheme's own; false where `text` is no port.
bool browser_port(std::string_view scheme, std::string_view text, std::string& result) {
  unsigned port = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (error != std::errc{} || end != last || port == 0 || port > 65535)
    return false;
  if (!(scheme == "http" && port == 80) && !(scheme == "https" && port == 443))
    result = ':' + std::to_string(port);
  return true;
}

/// `whole`, in lower case, as a browser spells it; empty where it is no origin.
std::string browser_origin(std::string_view whole) {
  const auto separator = whole.find("://");
  if (separator == std::string_view::npos || !valid_scheme(whole.substr(0, separator)))
    return {};
  const auto scheme = whole.substr(0, separator);
  const auto rest = whole.substr(separator + 3);
  const auto colon = rest.find(':', rest.starts_with('[') ? rest.find(']') : 0);
  const auto host = browser_host(rest.substr(0, colon));
  std::string port;
  if (host.empty() ||
      (colon != std::string_view::npos && !browser_port(scheme, rest.substr(colon + 1), port)))
    return {};
  return std::string{scheme} + "://" + host + port;
}

} // namespace

std::string parse_allowed_origin(std::string_view text) {
  if (text == "*")
    return "*";
  const auto whole = lower_case(text);
  if (whole == "null")
    throw config_error(
        in_quotes(text) +
        " is what browsers send for a file or a sandboxed page, whoever made it, so "
        "it names no site: serve the page from a site and allow that, or allow * for all");
  auto origin = browser_origin(whole);
  if (origin.empty())
    throw config_error(
        in_quotes(text) +
        " is not * or scheme://host[:port] without a path, such as https://www.example.com");
  return origin;
}

} // namespace klatch::app
