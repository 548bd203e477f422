/// Which pages may open a WebSocket (RFC 6455 section 10.2).
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <csignal>
#include <optional>
#include <utility>
#include <vector>

namespace klatch::sockets {

namespace {

constexpr std::string_view host = "server.example.com";

/// The status that a page of `origin` gets; `more`: further header fields.
int status_for(const running_service& server, const std::string& origin,
               std::string_view name = host, const std::string& more = {}) {
  raw_client client{server.endpoint()};
  client.write(upgrade_request("/chat/server.php", "Origin: " + origin + "\r\n" + more, name));
  return client.read_reply().status;
}

running_service& serving(std::optional<running_service>& place, std::vector<std::string> allowed) {
  auto options = usual_options();
  options.network.allow_origins = std::move(allowed);
  // The name under which a proxy publishes the service; no page comes from such an origin.
  options.network.allow_origins.emplace_back("app://server.example.com");
  return place.emplace(options);
}

/// The answer to a request for `path` by `name`.
http_reply asked_by_name(const running_service& server, std::string_view path,
                         std::string_view name) {
  raw_client client{server.endpoint()};
  client.write("GET " + std::string{path} + " HTTP/1.1\r\nHost: " + std::string{name} + "\r\n\r\n");
  return client.read_reply();
}

} // namespace

TEST_CASE("pages of the service itself may connect") {
  std::optional<running_service> place;
  auto& server = serving(place, {});
  const auto [origin, name] = GENERATE(table<std::string, std::string>({
      {"http://server.example.com", "server.example.com"},
      {"https://server.example.com", "server.example.com"},
      {"http://SERVER.example.com", "server.EXAMPLE.com"},
      {"https://server.example.com", "server.example.com:443"},
      {"https://server.example.com:443", "server.example.com"},
      {"http://server.example.com", "server.example.com:80"},
      {"http://server.example.com:8080", "server.example.com:8080"},
      {"http://server.example.com.", "server.example.com"},
      {"http://server.example.com:80", "server.example.com."},
  }));
  INFO(origin << " at " << name);
  CHECK(status_for(server, origin, name) == 101);
}

TEST_CASE("pages of this machine may connect") {
  running_service server;
  const auto* origin = GENERATE(
      "http://localhost", "http://localhost:3000", "https://localhost:8443", "http://127.0.0.1",
      "http://127.0.0.1:8080", "http://127.8.9.10", "http://[::1]", "http://[::1]:8080", "null");
  INFO(origin);
  CHECK(status_for(server, origin, GENERATE("localhost", "127.0.0.1:9001", "[::1]:9001")) == 101);
}

TEST_CASE("pages of anyone else may not connect") {
  std::optional<running_service> place;
  auto& server = serving(place, {});
  const auto* origin =
      GENERATE("https://evil.example", "http://server.example.com:8080",
               "http://server.example.com.evil.example", "http://evil-server.example.com",
               "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1",
               "http://[2001:db8::1]", "http://", "nonsense", "file://", "evil://localhost",
               "ws://localhost", "http://evil@localhost", "http://localhost@evil.example",
               "evil://server.example.com", "http://evil@server.example.com",
               "http://server.example.com/", "http://server.example.com http://server.example.com");
  INFO(origin);
  CHECK(status_for(server, origin) == 403);
  CHECK(status_for(server, origin, "localhost") == 403);
}

TEST_CASE("what a proxy on this machine passes on is not this machine's own") {
  std::optional<running_service> place;
  auto& server = serving(place, {});
  const auto* origin = GENERATE("null", "http://localhost", "http://127.0.0.1:3000");
  INFO(origin);
  SECTION("as its fields say") {
    const auto* field = GENERATE("X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1",
                                 "X-Real-IP: 192.0.2.1", "Via: 1.1 proxy", "x-forwarded-for:");
    INFO(field);
    const auto more = std::string{field} + "\r\n";
    CHECK(status_for(server, origin, "localhost", more) ==
          (std::string_view{origin} == "http://localhost" ? 101 : 403)); // its own page
    CHECK(status_for(server, origin, "127.0.0.1:9001", more) == 403);
  }
  SECTION("as its Host says") { CHECK(status_for(server, origin) == 403); }
}

TEST_CASE("a request with two Origins is refused") {
  running_service server;
  CHECK(status_for(server, "http://localhost\r\nOrigin: http://evil.example", "localhost") == 400);
}

TEST_CASE("a refused page is told in words, and nothing else happens") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write(upgrade_request("/ws", "Origin: https://evil.example\r\n"));
  const auto reply = client.read_reply();
  CHECK(reply.status == 403);
  CHECK(reply.fields.count("sec-websocket-accept") == 0);
  CHECK(reply.body.find("\"https://evil.example\"") != std::string::npos);
  CHECK(reply.body.find("\"localhost\"") != std::string::npos);
  CHECK(reply.body.find("--allow-origin https://evil.example") != std::string::npos);
  CHECK(reply.body.find("proxy_set_header Host $http_host;") != std::string::npos);
}

TEST_CASE("a service on loopback does not answer to a foreign name") {
  running_service server;
  const auto* name = GENERATE("evil.example", "evil.example:9001", "localhost.evil.example",
                              "0.0.0.0:9001", "192.0.2.1", "[::2]");
  INFO(name);
  for (const auto* path : {"/", "/app.js", "/healthz", "/nothing"}) {
    const auto reply = asked_by_name(server, path, name);
    CHECK(reply.status == 403);
    CHECK(reply.body.find("--allow-origin https://" + std::string{name}) != std::string::npos);
    CHECK(reply.body.find("<html") == std::string::npos);
  }
  CHECK(status_for(server, "http://" + std::string{name}, name) == 403);
  raw_client no_browser{server.endpoint()};
  no_browser.write(upgrade_request("/ws", {}, name));
  CHECK(no_browser.read_reply().status == 403);
}

TEST_CASE("a service on loopback answers to its own names and to those that are allowed") {
  auto options = usual_options();
  options.network.allow_origins = {"https://chat.example"};
  running_service server{options};
  const auto* name = GENERATE("localhost", "LOCALHOST.:9001", "127.0.0.1:9001", "127.1.2.3",
                              "[::1]:9001", "chat.example", "chat.example:8443", "Chat.Example.");
  INFO(name);
  CHECK(asked_by_name(server, "/", name).status == 200);
  CHECK(status_for(server, "https://chat.example", name) == 101);
  CHECK(status_for(server, "https://evil.example", name) == 403);
}

TEST_CASE("a service on every address is on loopback where it is reached there") {
  std::vector<net::bound_socket> sockets;
  sockets.emplace_back("0.0.0.0", 0);
  running_service server{usual_options(), nullptr, std::move(sockets)};
  const net::tcp_endpoint here{boost::asio::ip::address_v4::loopback(), server.endpoint().port()};
  raw_client client{here};
  client.write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(client.read_reply().status == 403);
}

TEST_CASE("refusals are logged once, with both values and the ways to mend it") {
  child_process server{{"--listen", "127.0.0.1:0", "--store", "none"}};
  const auto endpoint = server.wait_until_ready();
  for (int number = 0; number < 5; ++number) {
    raw_client page{endpoint};
    page.write(upgrade_request("/", "Origin: https://shop.example:8443\r\n"));
    CHECK(page.read_reply().status == 403);
    raw_client rebound{endpoint};
    rebound.write(upgrade_request("/", {}, "evil.example"));
    CHECK(rebound.read_reply().status == 403);
  }
  const auto line = server.standard_error().wait_for_line("refused with 403: Pages of Origin");
  CHECK(line.find("\"https://shop.example:8443\"") != std::string::npos);
  CHECK(line.find("\"localhost\"") != std::string::npos);
  CHECK(line.find("--allow-origin https://shop.example:8443") != std::string::npos);
  CHECK(line.find("proxy_set_header Host $http_host;") != std::string::npos);
  server.standard_error().wait_for_line("for Host \"evil.example\", which is not this machine");
  server.signal(SIGTERM);
  CHECK(server.wait(std::chrono::seconds{5}) == 0);
  CHECK(server.standard_error().rest().find("403") == std::string::npos);
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

} // namespace klatch::sockets
