#include "net/http/origin.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace klatch::net {

namespace ip = boost::asio::ip;

namespace {

constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";

/// Longest name that DNS has, and some more for an address.
constexpr std::size_t max_host_bytes = 255;

bool made_of(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [&](char each) {
    return letters_and_digits.find(each) != std::string_view::npos ||
           also.find(each) != std::string_view::npos;
  });
}

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return result;
}

/// Expects lower case. Returns an empty text if it is no host.
std::string canonical_host(std::string_view text) {
  if (text.starts_with('[')) {
    if (!text.ends_with(']') || text.find('%') != std::string_view::npos)
      return {};
    boost::system::error_code error;
    const auto address = ip::make_address_v6(text.substr(1, text.size() - 2), error);
    return error ? std::string{} : '[' + address.to_string() + ']';
  }
  if (text.ends_with('.'))
    text.remove_suffix(1);
  const bool named = !text.empty() && text.size() <= max_host_bytes && made_of(text, "-._") &&
                     !text.starts_with('.') && !text.ends_with('.');
  return named ? std::string{text} : std::string{};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (error != std::errc{} || end != last || port == 0 ||
      port > std::numeric_limits<std::uint16_t>::max())
    return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws")
    return 80;
  if (scheme == "https" || scheme == "wss")
    return 443;
  return 0;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' && made_of(text, "+-.");
}

} // namespace

std::optional<authority> parse_authority(std::string_view text) {
  const auto whole = lower_case(text);
  const auto colon = whole.find(':', whole.starts_with('[') ? whole.find(']') : 0);
  authority result;
  result.host = canonical_host(std::string_view{whole}.substr(0, colon));
  if (result.host.empty())
    return std::nullopt;
  if (colon == std::string::npos || colon + 1 == whole.size())
    return result;
  result.port = parse_port(std::string_view{whole}.substr(colon + 1));
  return result.port ? std::optional{std::move(result)} : std::nullopt;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost")
    return true;
  boost::system::error_code error;
  if (!host.starts_with('[')) {
    const auto address = ip::make_address_v4(host, error);
    return !error && address.is_loopback();
  }
  const auto address = ip::make_address_v6(host.substr(1, host.size() - 2), error);
  if (error)
    return false;
  return address.is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, address).is_loopback()
                                : address.is_loopback();
}

std::optional<web_origin> parse_origin(std::string_view text) {
  const auto separator = text.find("://");
  if (separator == std::string_view::npos || text.ends_with(':'))
    return std::nullopt;
  web_origin result;
  result.scheme = lower_case(text.substr(0, separator));
  auto rest = parse_authority(text.substr(separator + 3));
  if (!is_scheme(result.scheme) || !rest)
    return std::nullopt;
  result.host = std::move(rest->host);
  result.port = rest->port.value_or(default_port(result.scheme));
  return result;
}

std::string to_string(const web_origin& origin) {
  auto text = origin.scheme + "://" + origin.host;
  if (origin.port != default_port(origin.scheme))
    text += ':' + std::to_string(origin.port);
  return text;
}

bool is_same(const web_origin& origin, const authority& host) {
  return origin.is_web() && origin.host == host.host &&
         origin.port == host.port.value_or(default_port(origin.scheme));
}

} // namespace klatch::net
