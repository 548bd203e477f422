/// TLS as clients use it: what is said over it is what is said without.
#include "tests/sockets/tls_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

namespace klatch::sockets {

namespace {

std::string http11() { return "\x08http/1.1"; }

/// An address of this machine that is not loopback; nothing if it has none.
std::optional<net::tcp_endpoint> outer_address() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0)
    return std::nullopt;
  std::optional<net::tcp_endpoint> found;
  for (const auto* each = all; each != nullptr && !found; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET)
      continue;
    const auto* address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
    const boost::asio::ip::address_v4 number{ntohl(address->sin_addr.s_addr)};
    if (!number.is_loopback())
      found = net::tcp_endpoint{number, 0};
  }
  ::freeifaddrs(all);
  return found;
}

int upgrade_status(const tls_service& server, const std::string& origin, const std::string& host) {
  auto page = server.client();
  page.write(upgrade_request("/", "Origin: " + origin + "\r\n", host));
  return std::stoi(page.read(12).substr(9));
}

} // namespace

TEST_CASE("the page is served by TLS 1.2 and 1.3", "[tls]") {
  tls_service server;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto client = server.client({.version = version, .protocols = http11()});
  CHECK(client.protocol() == "http/1.1");
  for (int request = 0; request < 3; ++request) {
    const auto reply = client.get("/");
    CHECK(reply.status == 200);
    CHECK(reply.body.find("</html>") != std::string::npos);
  }
}

TEST_CASE("--tls-min 1.3 refuses TLS 1.2", "[tls]") {
  tls_service server{usual_options(), {.only_1_3 = true}};
  tls_client old{server.secure(), {.version = TLS1_2_VERSION}};
  CHECK_FALSE(old.try_to_shake_hands());
  CHECK(server.client().get("/healthz").status == 200);
}

TEST_CASE("a client that speaks only other protocols is refused", "[tls]") {
  tls_service server;
  tls_client other{server.secure(), {.protocols = "\x02h2"}};
  CHECK_FALSE(other.try_to_shake_hands());
  CHECK(server.client({.protocols = "\x02h2" + http11()}).protocol() == "http/1.1");
  CHECK(server.client().protocol().empty());
}

TEST_CASE("messages go between clients with TLS and without", "[tls]") {
  tls_service server;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto secure = server.client({.version = version});
  secure.register_as("5");
  auto plain = ws_client::registered(server.plain(), "7");
  secure.push(message_to("7", "hello"));
  plain.expect_push(usermsg("5", "7", "hello"));
  plain.push(message_to("5", "hello yourself"));
  secure.expect_push(usermsg("7", "5", "hello yourself"));
}

TEST_CASE("an upgrade and the first frames in one record are both read", "[tls]") {
  tls_service server;
  auto client = server.client();
  client.write(upgrade_request() + wire_frame{.payload = registration("5")}.bytes());
  CHECK(client.read(129).starts_with("HTTP/1.1 101 "));
  while (client.read(2) != "\r\n") {
  }
}

TEST_CASE("texts of all sizes come through whole however their records are cut", "[tls]") {
  tls_service server;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto client = server.client({.version = version});
  client.register_as("5");
  for (const std::size_t size : {1U, 125U, 126U, 1000U, 16'300U, 16'384U, 20'000U, 60'000U}) {
    const std::string text(size, 'x');
    const auto frame = wire_frame{.payload = message_to("5", text)}.bytes();
    const auto step = std::max<std::size_t>(frame.size() / 150, 1);
    for (std::size_t split = 1; split < frame.size(); split += step) {
      const auto records = client.sealed(frame);
      INFO("a text of " << size << " bytes, cut at " << split);
      client.raw().write(std::string_view{records}.substr(0, split));
      client.raw().write(std::string_view{records}.substr(split));
      client.expect_push(usermsg("5", "5", text));
    }
  }
}

TEST_CASE("all frames of a round go out as one record", "[tls]") {
  tls_service server;
  auto client = server.client({.version = TLS1_3_VERSION});
  client.register_as("5");
  std::string pings;
  for (int number = 0; number < 100; ++number)
    pings += wire_frame{.kind = opcode::ping, .payload = "hi"}.bytes();
  const auto before = client.received_bytes();
  client.write(pings);
  for (int number = 0; number < 100; ++number)
    CHECK(client.read_frame().kind == opcode::pong);
  CHECK(client.received_bytes() - before == 100 * 4 + 22);
}

TEST_CASE("a session is resumed, by another connection and after a new certificate", "[tls]") {
  tls_service server;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto first = server.client({.version = version});
  CHECK_FALSE(first.resumed());
  CHECK(first.get("/healthz").status == 200);
  auto second = server.client({.version = version, .session = first.session()});
  CHECK(second.resumed());
  CHECK(second.get("/healthz").status == 200);
  server.folder().put("first", make_certificate());
  CHECK(server.certificates().look().replaced);
  CHECK(server.client({.version = version, .session = second.session()}).resumed());
}

TEST_CASE("the certificate is chosen by the server's name", "[tls]") {
  certificate_folder folder;
  const auto one = make_certificate("one.example");
  const auto two = make_certificate("*.two.example");
  tls_service server{usual_options(),
                     {.certificates = {folder.put("one", one), folder.put("two", two)}}};
  CHECK(server.client({.name = "one.example"}).certificate() == one.chain);
  CHECK(server.client({.name = "chat.two.example"}).certificate() == two.chain);
  CHECK(server.client({.name = "three.example"}).certificate() == one.chain);
  CHECK(server.client({.name = ""}).certificate() == one.chain);
}

TEST_CASE("the end is said before it comes", "[tls]") {
  tls_service server;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto client = server.client({.version = version});
  SECTION("of a WebSocket, by its client") {
    client.register_as("5");
    client.write(wire_frame{.kind = opcode::close, .payload = close_payload(1000)}.bytes());
    CHECK(client.read_to_end() == "\x88\x02\x03\xe8");
  }
  SECTION("of a WebSocket, by the service") {
    client.register_as("5");
    client.push("no JSON");
    client.write(wire_frame{.payload = "x", .reserved = 4}.bytes());
    CHECK_FALSE(client.read_to_end().empty());
  }
  SECTION("of HTTP") {
    client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    CHECK(client.read_to_end().ends_with("ok\n"));
  }
  CHECK(client.ended_in_order());
}

TEST_CASE("a service that stops says so inside of TLS", "[tls]") {
  tls_service server;
  auto client = server.client();
  client.register_as("5");
  auto drained = server.drain(patience);
  const auto frame = client.read_frame();
  CHECK(frame.kind == opcode::close);
  CHECK(frame.payload.substr(0, 2) == "\x03\xf4");
  client.write(wire_frame{.kind = opcode::close, .payload = frame.payload}.bytes());
  CHECK(client.read_to_end().empty());
  CHECK(client.ended_in_order());
  CHECK(drained.get() == 0);
}

TEST_CASE("a file that a slow client takes in pieces is whole", "[tls]") {
  certificate_folder web;
  web.write("index.html", "<html></html>");
  std::string large;
  for (std::uint32_t number = 0; large.size() < 3'000'000; ++number)
    large += std::to_string(number) + '\n';
  web.write("large.txt", large);
  const net::asset_folder assets{web.path()};
  tls_service server{usual_options(), &assets};
  auto client = server.client({}, 4096);
  CHECK(client.get("/large.txt").body == large);
  CHECK(client.get("/index.html").status == 200);
}

TEST_CASE("a client that does not read gets 4508 by TLS, behind whole messages", "[tls]") {
  auto options = usual_options();
  options.network.allowed.waiting_bytes = 128 * kib;
  options.network.times.close = patience;
  tls_service server{options};
  auto slow = server.client({}, 2048);
  slow.register_as("7");
  auto sender = ws_client::registered(server.plain(), "5");
  const std::string padding(8000, 'x');
  std::size_t sent = 0;
  for (bool gone = false; !gone; ++sent) {
    REQUIRE(sent < 10'000);
    sender.push(message_to("7", padding));
    gone = sender.raw().readable_within(std::chrono::milliseconds{0});
  }
  for (auto frame = slow.read_frame();; frame = slow.read_frame()) {
    if (frame.kind == opcode::close) {
      CHECK(frame.payload.substr(0, 2) == "\x11\x9c");
      break;
    }
    REQUIRE(frame.payload == usermsg("5", "7", padding));
  }
  CHECK(slow.read_to_end().empty());
}

TEST_CASE("pages that come by https are the service's own, others are not", "[tls]") {
  auto options = usual_options();
  options.network.allow_origins = {"app://chat.example"};
  tls_service server{options};
  CHECK(upgrade_status(server, "https://chat.example", "chat.example") == 101);
  CHECK(upgrade_status(server, "https://chat.example:8443", "chat.example:8443") == 101);
  CHECK(upgrade_status(server, "https://chat.example", "chat.example:8443") == 403);
  CHECK(upgrade_status(server, "http://chat.example", "chat.example") == 403);
  CHECK(upgrade_status(server, "https://evil.example", "chat.example") == 403);
}

TEST_CASE("what is asked without TLS from elsewhere is led to https", "[tls]") {
  const auto outer = outer_address();
  if (!outer) {
    WARN("this machine has no address but loopback");
    return;
  }
  certificate_folder folder;
  auto options = usual_options();
  options.network.certificates = std::make_shared<net::tls_certificates>(
      net::tls_settings{.certificates = {folder.put("first", make_certificate())}});
  options.network.acme = folder.path() / "webroot";
  std::filesystem::create_directories(*options.network.acme / ".well-known/acme-challenge");
  std::ofstream{*options.network.acme / ".well-known/acme-challenge/abc"} << "abc.def";
  std::vector<net::bound_socket> sockets;
  sockets.emplace_back("0.0.0.0", 0);
  sockets.emplace_back("127.0.0.1", 0, net::families::one, true);
  running_service server{options, nullptr, std::move(sockets)};
  const net::tcp_endpoint there{outer->address(), server.endpoint().port()};
  const net::tcp_endpoint here{boost::asio::ip::address_v4::loopback(), server.endpoint().port()};
  const auto ask = [](const net::tcp_endpoint& to, const std::string& request) {
    raw_client client{to};
    client.write(request);
    return client.read_reply();
  };
  const auto port = std::to_string(server.endpoint(1).port());
  const auto led = ask(there, "GET /a?b=c HTTP/1.1\r\nHost: Chat.Example:80\r\n\r\n");
  CHECK(led.status == 308);
  CHECK(led.fields.at("location") == "https://chat.example:" + port + "/a?b=c");
  CHECK(ask(there, upgrade_request("/ws", {}, "evil.example")).status == 308);
  CHECK(ask(there, "GET http://chat.example/x HTTP/1.1\r\nHost: a\r\n\r\n").fields.at("location") ==
        "https://chat.example:" + port + "/x");
  CHECK(ask(there, "GET / HTTP/1.0\r\n\r\n").status == 400);
  CHECK(ask(there, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").status == 308);
  CHECK(ask(there, "GET /.well-known/acme-challenge/abc HTTP/1.1\r\nHost: a\r\n\r\n").body ==
        "abc.def");
  CHECK(ask(here, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
}

} // namespace klatch::sockets
