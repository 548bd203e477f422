/// Which pages may open a WebSocket (RFC 6455 section 10.2).
#include "net/origin_policy.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

namespace {

/// The status that a page of `origin` gets; the request's Host is server.example.com.
int status_for(const running_service& server, const std::string& origin) {
  raw_client client{server.endpoint()};
  client.write(upgrade_request("/chat/server.php", "Origin: " + origin + "\r\n"));
  return client.read_reply().status;
}

running_service& serving(std::optional<running_service>& place, std::vector<std::string> allowed) {
  auto options = usual_options();
  options.network.allow_origins = std::move(allowed);
  return place.emplace(options);
}

} // namespace

TEST_CASE("pages of the service itself and of this machine may connect") {
  running_service server;
  const auto* origin = GENERATE(
      "http://server.example.com", "https://server.example.com", "http://SERVER.example.com",
      "http://localhost", "http://localhost:3000", "https://localhost:8443", "http://127.0.0.1",
      "http://127.0.0.1:8080", "http://127.8.9.10", "http://[::1]", "http://[::1]:8080", "null");
  INFO(origin);
  CHECK(status_for(server, origin) == 101);
}

TEST_CASE("pages of anyone else may not connect") {
  running_service server;
  const auto* origin =
      GENERATE("https://evil.example", "http://server.example.com:8080",
               "http://server.example.com.evil.example", "http://evil-server.example.com",
               "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1",
               "http://[2001:db8::1]", "http://", "nonsense", "file://");
  INFO(origin);
  CHECK(status_for(server, origin) == 403);
}

TEST_CASE("a refused page is told in words, and nothing else happens") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write(upgrade_request("/ws", "Origin: https://evil.example\r\n"));
  const auto reply = client.read_reply();
  CHECK(reply.status == 403);
  CHECK(reply.fields.count("sec-websocket-accept") == 0);
  CHECK(reply.body.find("--allow-origin") != std::string::npos);
}

TEST_CASE("a client that is no browser, and so sends no Origin, may connect") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write(upgrade_request());
  CHECK(client.read_reply().status == 101);
}

TEST_CASE("an origin that is allowed is meant exactly") {
  std::optional<running_service> place;
  auto& server = serving(place, {"https://www.example.org", "http://shop.example:8080"});
  CHECK(status_for(server, "https://www.example.org") == 101);
  CHECK(status_for(server, "http://shop.example:8080") == 101);
  CHECK(status_for(server, "http://www.example.org") == 403);
  CHECK(status_for(server, "https://example.org") == 403);
  CHECK(status_for(server, "https://www.example.org:444") == 403);
  CHECK(status_for(server, "https://www.example.org.evil.example") == 403);
  CHECK(status_for(server, "http://shop.example") == 403);
}

TEST_CASE("with * every page may connect") {
  std::optional<running_service> place;
  auto& server = serving(place, {"*"});
  CHECK(status_for(server, "https://evil.example") == 101);
  CHECK(status_for(server, "null") == 101);
}

TEST_CASE("null is this machine's only where the connection comes from this machine") {
  // A test has no other machine to connect from.
  const net::origin_policy strict{{"https://www.example.org"}};
  CHECK(strict.admits("null", "server.example.com", true));
  CHECK_FALSE(strict.admits("null", "server.example.com", false));
  CHECK(net::origin_policy{{"*"}}.admits("null", "server.example.com", false));
  CHECK(strict.admits(std::nullopt, "server.example.com", false));
}

} // namespace klatch::sockets
