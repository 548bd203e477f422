/// Both families at once.
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace klatch::sockets {

namespace {

bool has_ipv6_loopback() {
  try {
    const net::bound_socket probe{"::1", 0};
    return true;
  } catch (const boost::system::system_error&) {
    return false;
  }
}

/// On one port of both; a port that is free on one may be taken on the other.
std::vector<net::bound_socket> on_both_loopbacks() {
  for (int attempt = 0;; ++attempt) {
    try {
      net::bound_socket four{"127.0.0.1", 0};
      net::bound_socket six{"::1", four.endpoint().port()};
      std::vector<net::bound_socket> sockets;
      sockets.push_back(std::move(four));
      sockets.push_back(std::move(six));
      return sockets;
    } catch (const boost::system::system_error&) {
      if (attempt == 10)
        throw;
    }
  }
}

} // namespace

TEST_CASE("users on IPv6 and IPv4 meet, on one port") {
  if (!has_ipv6_loopback()) {
    WARN("skipped: this machine has no IPv6 loopback address (::1)");
    return;
  }
  running_service server{usual_options(), nullptr, on_both_loopbacks()};
  REQUIRE(server.endpoint(0).port() == server.endpoint(1).port());
  auto four = ws_client::registered(server.endpoint(0), "4");
  auto six = ws_client::registered(server.endpoint(1), "6");
  four.push(message_to("6", "hi"));
  six.expect_push(usermsg("4", "6", "hi"));
  six.push(message_to("4", "hello"));
  four.expect_push(usermsg("6", "4", "hello"));
}

TEST_CASE("a page that was opened at [::1] may connect") {
  if (!has_ipv6_loopback()) {
    WARN("skipped: this machine has no IPv6 loopback address (::1)");
    return;
  }
  running_service server{usual_options(), nullptr, on_both_loopbacks()};
  raw_client client{server.endpoint(1)};
  SECTION("its own page") { client.write(upgrade_request("/ws", "Origin: http://[::1]:9001\r\n")); }
  SECTION("a file from disk") { client.write(upgrade_request("/ws", "Origin: null\r\n")); }
  CHECK(client.read_reply().status == 101);
}

TEST_CASE("every address of IPv6 is every address") {
  if (!has_ipv6_loopback()) {
    WARN("skipped: this machine has no IPv6 loopback address (::1)");
    return;
  }
  std::vector<net::bound_socket> sockets;
  sockets.emplace_back("::", 0, net::families::both);
  running_service server{usual_options(), nullptr, std::move(sockets)};
  const auto port = server.endpoint().port();
  namespace ip = boost::asio::ip;
  auto four = ws_client::registered({ip::address_v4::loopback(), port}, "4");
  auto six = ws_client::registered({ip::address_v6::loopback(), port}, "6");
  four.push(message_to("6", "hi"));
  six.expect_push(usermsg("4", "6", "hi"));
  raw_client rebound{{ip::address_v4::loopback(), port}};
  rebound.write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(rebound.read_reply().status == 403); // it is on loopback, mapped or not
  raw_client file{{ip::address_v4::loopback(), port}};
  file.write(upgrade_request("/ws", "Origin: null\r\n"));
  CHECK(file.read_reply().status == 101);
}

TEST_CASE("every address of both families may be given with one port") {
  if (!has_ipv6_loopback()) {
    WARN("skipped: this machine has no IPv6 loopback address (::1)");
    return;
  }
  const auto port = [] {
    const net::bound_socket free{"::", 0, net::families::both};
    return free.endpoint().port();
  }();
  const auto at = ':' + std::to_string(port);
  namespace ip = boost::asio::ip;
  const bool both = GENERATE(true, false);
  std::vector<std::string> arguments{"--store", "none", "--insecure", "--listen", "[::]" + at};
  if (both)
    arguments.insert(arguments.end(), {"--listen", "0.0.0.0" + at});
  child_process server{arguments};
  server.standard_output().wait_for_line("klatch is ready");
  auto four = ws_client::registered({ip::address_v4::loopback(), port}, "4");
  auto six = ws_client::registered({ip::address_v6::loopback(), port}, "6");
  six.push(message_to("4", "hello"));
  four.expect_push(usermsg("6", "4", "hello"));
}

} // namespace klatch::sockets
