#include "net/bus/nats_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace klatch::net {

namespace {

constexpr std::string_view default_nats_port = ":4222";

/// Cuts `text` off at the first `separator`, which belongs to neither part; without one `text`
/// becomes empty and all of it is returned.
std::string_view cut_at(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::optional<std::string> without_percents(std::string_view text) {
  constexpr int hexadecimal = 16;
  std::string plain;
  while (!text.empty()) {
    if (text.front() != '%') {
      plain.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    std::uint8_t byte = 0;
    const auto digits = text.substr(1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, hexadecimal);
    if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2)
      return std::nullopt;
    plain.push_back(static_cast<char>(byte));
    text.remove_prefix(3);
  }
  return plain;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

/// `host`, `host:1`, `[::1]`, `[::1]:1`.
std::string parse_server(std::string_view text) {
  const auto bracket = text.find(']');
  const bool has_brackets = text.starts_with('[') && bracket != std::string_view::npos;
  const auto host_end = has_brackets ? bracket + 1 : std::min(text.find(':'), text.size());
  const auto host = text.substr(0, host_end), port = text.substr(host_end);
  const auto name = has_brackets ? host.substr(1, host.size() - 2) : host;
  const bool is_host = !name.empty() && name.find_first_of(" /?#@[]\t") == std::string_view::npos;
  if (!is_host || (!port.empty() && !is_port(port.substr(1))))
    throw std::invalid_argument("\"" + std::string{text} +
                                "\" is not HOST or HOST:PORT, such as nats1.example.com:4222");
  return std::string{host}.append(port.empty() ? default_nats_port : port);
}

void parse_credentials(std::string_view text, nats_address& to) {
  auto user = without_percents(cut_at(text, ':'));
  auto password = without_percents(text);
  if (!user || !password || user->empty())
    throw std::invalid_argument("the user or the password before the \"@\" is not spelled as URLs "
                                "have it");
  to.user = std::move(*user);
  to.password = std::move(*password);
}

void parse_query(std::string_view text, nats_address& to) {
  while (!text.empty()) {
    auto value = cut_at(text, '&');
    const auto name = cut_at(value, '=');
    auto file = without_percents(value);
    auto* const field = name == "creds"     ? &to.credentials_file
                        : name == "ca"      ? &to.ca_file
                        : name == "cluster" ? &to.cluster
                                            : nullptr;
    if (field == nullptr)
      throw std::invalid_argument(
          "\"" + std::string{name} +
          "\" is no option of a NATS address: there are creds, ca and cluster");
    if (!file || file->empty())
      throw std::invalid_argument("\"" + std::string{name} + "\" lacks " +
                                  (name == "cluster" ? "a name" : "the path of a file"));
    *field = std::move(*file);
  }
}

} // namespace

nats_address parse_nats_address(std::string_view text) {
  nats_address found;
  constexpr std::string_view plain = "nats://", secure = "tls://";
  found.tls = text.starts_with(secure);
  if (!found.tls && !text.starts_with(plain))
    throw std::invalid_argument("a NATS address begins with nats:// or tls://");
  text.remove_prefix((found.tls ? secure : plain).size());
  auto hosts = cut_at(text, '?');
  parse_query(text, found);
  if (const auto at = hosts.rfind('@'); at != std::string_view::npos) {
    if (hosts.substr(0, at).find(',') != std::string_view::npos)
      throw std::invalid_argument("the user of the NATS servers stands once, before the first one");
    parse_credentials(hosts.substr(0, at), found);
    hosts.remove_prefix(at + 1);
  }
  do {
    auto server = cut_at(hosts, ',');
    const auto scheme = found.tls ? secure : plain;
    if (server.starts_with(scheme))
      server.remove_prefix(scheme.size());
    found.servers.push_back(parse_server(server));
  } while (!hosts.empty());
  if (!found.ca_file.empty() && !found.tls)
    throw std::invalid_argument("ca= is for tls:// only");
  return found;
}

} // namespace klatch::net
