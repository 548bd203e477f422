#include "app/listening.hpp"

#include "app/access.hpp"
#include "app/service_manager.hpp"

#include <boost/system/system_error.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace klatch::app {

namespace {

/// What to type into a browser on this machine.
std::string address_to_open(const net::tcp_endpoint& endpoint, bool secure) {
  const std::string scheme = secure ? "https://" : "http://";
  auto address = endpoint.address();
  if (address.is_unspecified())
    return scheme + "localhost:" + std::to_string(endpoint.port()) + "/";
  const auto host = address.is_v6() ? '[' + address.to_string() + ']' : address.to_string();
  return scheme + host + ':' + std::to_string(endpoint.port()) + "/";
}

/// `::` stands for IPv4 too, unless an IPv4 address has its port.
net::families families_of(const listen_address& address, const std::vector<listen_address>& all) {
  const bool shared = std::any_of(all.begin(), all.end(), [&](const auto& each) {
    return each.port == address.port && each.port != 0 && each.host.find(':') == std::string::npos;
  });
  return address.host == "::" && !shared ? net::families::both : net::families::one;
}

/// The sockets that a service manager has opened; none if it has not.
std::vector<net::bound_socket> take_sockets(bool listen_is_set) {
  std::vector<net::bound_socket> sockets;
  for (auto& each : take_passed_sockets()) {
    if (listen_is_set)
      throw cannot_start("sockets were passed on (LISTEN_FDS), and --listen is set as well: only "
                         "one of them can say where to listen");
    if (each.name != "plain" && each.name != "tls")
      throw cannot_start("a socket was passed on as '" + each.name +
                         "': known are the names plain and tls (FileDescriptorName= of its unit)");
    try {
      sockets.emplace_back(std::move(each.socket), each.name == "tls");
    } catch (const boost::system::system_error&) {
      throw cannot_start("what was passed on as '" + each.name +
                         "' is not a TCP socket that listens (Accept=no in its unit)");
    }
  }
  return sockets;
}

/// `all`: what is listened on; `secure`: on `addresses`, which are of these, with TLS.
void listen_on(const std::vector<listen_address>& addresses, bool secure,
               const std::vector<listen_address>& all, std::vector<net::bound_socket>& sockets) {
  for (const auto& each : addresses) {
    const auto taken = families_of(each, all);
    try {
      sockets.emplace_back(each.host, each.port, taken, secure);
    } catch (const boost::system::system_error& error) {
      throw cannot_start("cannot listen on " + each.host + " port " + std::to_string(each.port) +
                         (taken == net::families::both ? ", IPv6 and IPv4: " : ": ") +
                         error.code().message());
    }
  }
}

std::vector<net::bound_socket> listen_on(const config& options) {
  auto all = options.listen;
  all.insert(all.end(), options.listen_tls.begin(), options.listen_tls.end());
  std::vector<net::bound_socket> sockets;
  listen_on(options.listen, false, all, sockets);
  listen_on(options.listen_tls, true, all, sockets);
  return sockets;
}

/// What a service manager has opened has to fit the settings too.
void check_sockets(const std::vector<net::bound_socket>& sockets, const config& options) {
  for (const auto& each : sockets) {
    if (each.secure() && options.tls.certificates.empty())
      throw cannot_start("a socket for TLS was passed on, and there is no certificate: --tls-cert "
                         "FILE --tls-key FILE");
    if (options.service.network.access->open() && !options.insecure)
      check_only_this_machine(each.endpoint().address());
  }
}

} // namespace

std::vector<net::bound_socket> open_sockets(const config& options) {
  auto sockets = take_sockets(options.listen_is_set || !options.listen_tls.empty());
  if (sockets.empty())
    sockets = listen_on(options);
  check_sockets(sockets, options);
  return sockets;
}

std::vector<net::bound_socket> open_sockets_for_operators(const config& options) {
  std::vector<net::bound_socket> sockets;
  listen_on(options.listen_api, false, options.listen_api, sockets);
  for (const auto& each : sockets)
    spdlog::info("operators: {}metrics", address_to_open(each.endpoint(), false));
  return sockets;
}

std::string line_for(const std::vector<net::bound_socket>& sockets) {
  std::string line = "klatch is ready: open ";
  for (std::size_t index = 0; index < sockets.size(); ++index)
    line += (index == 0 ? "" : " or ") +
            address_to_open(sockets[index].endpoint(), sockets[index].secure());
  return line + '\n';
}

} // namespace klatch::app
