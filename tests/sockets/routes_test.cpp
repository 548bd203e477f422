// Rows of the router that only these tests have: bodies with a bound, and answers that come late.
#include "net/server.hpp"
#include "net/stream/text_response.hpp"
#include "tests/net/pool.hpp"
#include "tests/sockets/raw_client.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace klatch::sockets {

namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr std::size_t body_limit = 16;

/// Answers with what it was sent.
void echo(const net::incoming& asked, const net::reply& to) {
  to.send(net::text_response(asked.header, http::status::ok, asked.body));
}

/// Keeps a request until the test answers it.
class desk {
public:
  void put(const net::incoming& asked, const net::reply& to) {
    const std::lock_guard lock{mutex_};
    header_ = asked.header;
    to_ = to;
  }
  bool waits() {
    const std::lock_guard lock{mutex_};
    return to_.has_value();
  }
  /// Answers from the test's thread.
  void answer(std::string_view text) {
    const std::lock_guard lock{mutex_};
    to_->send(net::text_response(header_, http::status::ok, text));
  }

private:
  std::mutex mutex_;
  net::http_request header_;
  std::optional<net::reply> to_;
};

struct no_files final : net::asset_source {
  std::optional<net::asset> find(std::string_view /*path*/) const override { return std::nullopt; }
};

net::options quick_options() {
  net::options options;
  options.times.tick = 10ms;
  options.times.request = 300ms;
  return options;
}

/// A server of two workers without chat, with two rows of the test's.
class routed_server {
public:
  routed_server()
      : server_(workers_.system(), quick_options(), files_, actors::chat_actors{}, rows()) {
    net::bound_socket socket{"127.0.0.1", 0};
    endpoint_ = socket.endpoint();
    server_.accept_on(std::move(socket));
  }

  const net::tcp_endpoint& endpoint() const { return endpoint_; }
  /// The server's timers are stopped before it goes, as the service does.
  ~routed_server() { stop(); }
  routed_server(const routed_server&) = delete;
  routed_server& operator=(const routed_server&) = delete;
  void stop() {
    if (!std::exchange(stopped_, true))
      server_.stop();
  }
  void wait_for_request() {
    const auto until = std::chrono::steady_clock::now() + test::patience;
    while (!late.waits() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(1ms);
    REQUIRE(late.waits());
  }

  desk late;

private:
  std::vector<net::route> rows() {
    return {{.method = http::verb::post, .path = "/echo", .handle = echo, .body_limit = body_limit},
            {.method = http::verb::get,
             .path = "/late",
             .handle = [this](const net::incoming& asked, const net::reply& to) {
               late.put(asked, to);
             }}};
  }

  test::pool workers_{2};
  no_files files_;
  net::server server_;
  net::tcp_endpoint endpoint_;
  bool stopped_ = false;
};

std::string post(std::string_view fields, std::string_view body = {}) {
  return std::string{"POST /echo HTTP/1.1\r\nHost: localhost\r\n"}
      .append(fields)
      .append("\r\n")
      .append(body);
}

std::string post_of(std::string_view body) {
  return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

constexpr std::string_view get_late = "GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view chunked = "Transfer-Encoding: chunked\r\n";

} // namespace

TEST_CASE("a handler gets the body, with a length or in chunks, whole or byte by byte") {
  routed_server server;
  raw_client client{server.endpoint()};
  client.write(post_of("0123456789abcdef") + post(chunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") +
               post_of(""));
  CHECK(client.read_reply().body == "0123456789abcdef\n");
  CHECK(client.read_reply().body == "abcde\n");
  CHECK(client.read_reply().body == "\n");
  for (const char byte : post_of("slowly") + post(chunked, "4\r\ntoo!\r\n0\r\n\r\n"))
    client.write({&byte, 1});
  CHECK(client.read_reply().body == "slowly\n");
  CHECK(client.read_reply().body == "too!\n");
}

TEST_CASE("a body over its row's limit is refused with 413, and the connection ends") {
  routed_server server;
  raw_client client{server.endpoint()};
  SECTION("by its length, before any of it comes") {
    client.write(post("Content-Length: " + std::to_string(body_limit + 1) + "\r\n"));
  }
  SECTION("by a length of which nobody has so much") {
    client.write(post("Content-Length: 9000000000000000000\r\n"));
  }
  SECTION("by a chunk") { client.write(post(chunked, "11\r\n0123456789abcdefg\r\n0\r\n\r\n")); }
  SECTION("by its chunks together") {
    client.write(post(chunked, "f\r\n0123456789abcde\r\n"));
    client.write("2\r\nfg\r\n0\r\n\r\n");
  }
  CHECK(client.read_reply().status == 413);
  client.expect_end();
}

TEST_CASE("a body that does not end in time is given up with 408") {
  routed_server server;
  raw_client client{server.endpoint()};
  client.write(post("Content-Length: 10\r\n", "half"));
  CHECK(client.read_reply().status == 408);
  client.expect_end();
}

TEST_CASE("a row's method stands among those allowed at its path only") {
  routed_server server;
  raw_client client{server.endpoint()};
  client.write("PUT /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"
               "POST /late HTTP/1.1\r\nHost: localhost\r\n\r\n"
               "OPTIONS /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"
               "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto other = client.read_reply();
  CHECK(other.status == 405);
  CHECK(other.fields.at("allow") == "GET, HEAD, OPTIONS, POST");
  CHECK(client.read_reply().fields.at("allow") == "GET, HEAD, OPTIONS");
  CHECK(client.read_reply().fields.at("allow") == "GET, HEAD, OPTIONS, POST");
  CHECK(client.read_reply().status == 404);
}

TEST_CASE("an answer may come late and from another thread, and the next request waits for it") {
  routed_server server;
  raw_client client{server.endpoint()};
  client.write(std::string{get_late} + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  server.wait_for_request();
  CHECK_FALSE(client.readable_within(50ms));
  server.late.answer("first");
  CHECK(client.read_reply().body == "first\n");
  CHECK(client.read_reply().body == "ok\n");
  server.late.answer("second"); // To a request that is over.
  client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.read_reply().body == "ok\n");
}

TEST_CASE("an answer to a connection that is gone does nothing") {
  routed_server server;
  {
    raw_client client{server.endpoint()};
    client.write(get_late);
    server.wait_for_request();
    SECTION("the client has gone") { client.disconnect(); }
    SECTION("its time is over") { client.expect_end(); }
    SECTION("the server has stopped") { server.stop(); }
  }
  server.late.answer("nobody is there");
}

} // namespace klatch::sockets
