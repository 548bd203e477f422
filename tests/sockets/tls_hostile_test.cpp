/// Clients that break TLS, or try to make it dear: they are ended, and nobody else is.
#include "tests/sockets/tls_records.hpp"
#include "tests/sockets/tls_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <algorithm>
#include <deque>
#include <openssl/ssl.h>
#include <vector>

namespace klatch::sockets {

namespace {

/// One worker, so that who has been answered by it knows that it has read what came before.
app::service_options one_worker() {
  auto options = usual_options();
  options.threads = 1;
  return options;
}

void wait_for_worker(raw_client& other) {
  other.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  REQUIRE(other.read_reply().status == 200);
}

app::service_options on_one_with_usual_rates() {
  auto options = one_worker();
  options.network.allowed = limits{};
  return options;
}

/// Many changes of keys, all of them or none asking for one of the other side.
std::string key_updates(tls_client& client, int count, bool asks) {
  std::string all;
  for (int number = 0; number < count; ++number)
    all += client.key_update(asks);
  return all;
}

std::string header(unsigned type, std::size_t length) {
  return {static_cast<char>(type), '\3', '\3', static_cast<char>(length >> 8U),
          static_cast<char>(length & 0xffU)};
}

} // namespace

TEST_CASE("a hello that is cut anywhere is whole", "[tls]") {
  tls_service server{one_worker()};
  raw_client other{server.plain()};
  const auto size = tls_client{server.secure()}.hello().size();
  for (std::size_t split = 1; split < size; ++split) {
    tls_client client{server.secure()};
    const auto hello = client.hello();
    INFO("cut at " << split << " of " << hello.size());
    client.raw().write(std::string_view{hello}.substr(0, split));
    wait_for_worker(other);
    client.raw().write(std::string_view{hello}.substr(split));
    client.shake_hands();
    CHECK(client.get("/healthz").status == 200);
  }
}

TEST_CASE("a hello that comes byte by byte is whole", "[tls]") {
  tls_service server{one_worker()};
  raw_client other{server.plain()};
  tls_client client{server.secure()};
  for (const char each : client.hello()) {
    client.raw().write({&each, 1});
    wait_for_worker(other);
  }
  client.shake_hands();
  CHECK(client.get("/healthz").status == 200);
}

TEST_CASE("a hello of several records is whole, one without end is not taken", "[tls]") {
  tls_service server;
  std::string protocols;
  while (protocols.size() < 20'000) // It offers so many that none of them is short.
    protocols += '\xff' + std::string(255, 'p');
  tls_client client{server.secure(), {.protocols = protocols + "\x08http/1.1"}};
  const auto hello = client.hello();
  CHECK(hello.size() > 20'000);
  client.raw().write(hello);
  client.shake_hands();
  CHECK(client.get("/healthz").status == 200);
  raw_client endless{server.secure()};
  endless.write_until_refused(header(22, 4) + std::string{"\x01\xff\xff\xff", 4});
  endless.drain_to_end();
}

TEST_CASE("who does not finish a handshake in time is closed", "[tls]") {
  using namespace std::chrono_literals;
  auto options = usual_options();
  options.network.times.tick = 20ms;
  options.network.times.request = 100ms;
  tls_service server{options};
  SECTION("and says nothing") {
    raw_client silent{server.secure()};
    silent.expect_end();
  }
  SECTION("and sends a byte from time to time") {
    tls_client slow{server.secure()};
    const auto hello = slow.hello();
    std::size_t sent = 0;
    while (sent < hello.size() && !slow.raw().readable_within(10ms))
      slow.raw().write_until_refused(std::string_view{hello}.substr(sent++, 1));
    CHECK(sent < hello.size());
    slow.raw().drain_to_end();
  }
  SECTION("and stops after the hello") {
    tls_client half{server.secure()};
    half.raw().write(half.hello());
    half.raw().drain_to_end();
  }
}

TEST_CASE("plain HTTP on the port of TLS is answered so", "[tls]") {
  tls_service server;
  raw_client client{server.secure()};
  client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto reply = client.read_reply();
  CHECK(reply.status == 400);
  CHECK(reply.body.find("https") != std::string::npos);
  client.expect_end();
}

TEST_CASE("TLS on the plain port is closed without an answer", "[tls]") {
  tls_service server;
  tls_client client{server.plain()};
  client.raw().write(client.hello());
  client.raw().expect_end();
}

TEST_CASE("what is no TLS is closed", "[tls]") {
  tls_service server;
  const auto* bytes = GENERATE("\x80\x2e\x01\x00\x02", "\x17\x03\x03\x00\x01x", "\xff\xff\xff\xff",
                               "\r\n\r\n", "get / http/1.1\r\n\r\n", "\x16\x02\x01\x00\x01x");
  raw_client client{server.secure()};
  client.write(bytes);
  client.expect_end();
  raw_client empty{server.secure()};
  empty.write(header(22, 0));
  empty.expect_end();
  raw_client large{server.secure()};
  large.write(header(22, 16'641));
  large.expect_end();
  raw_client largest{server.secure()};
  largest.write(header(22, 65'535));
  largest.expect_end();
  raw_client nonsense{server.secure()};
  nonsense.write(header(22, 50) + std::string(50, 'x'));
  nonsense.drain_to_end();
  CHECK(server.client().get("/healthz").status == 200);
}

TEST_CASE("a record that breaks a rule ends its connection and no other", "[tls]") {
  tls_service server;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto bad = server.client({.version = version});
  bad.register_as("5");
  auto good = server.client({.version = version});
  good.register_as("7");
  const auto one = bad.sealed(wire_frame{.payload = message_to("7", "one")}.bytes());
  const auto two = bad.sealed(wire_frame{.payload = message_to("7", "two")}.bytes());
  SECTION("a flipped bit") {
    const auto at = GENERATE(std::size_t{5}, std::size_t{20}, std::size_t{60});
    auto flipped = one;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    bad.raw().write(flipped + two);
  }
  SECTION("two in the wrong order") { bad.raw().write(two + one); }
  SECTION("one is missing") { bad.raw().write(two); }
  SECTION("one is there twice") {
    bad.raw().write(one + one);
    good.expect_push(usermsg("5", "7", "one"));
  }
  SECTION("of no length") { bad.raw().write(header(23, 0)); }
  SECTION("too large") { bad.raw().write(header(23, 16'641)); }
  SECTION("far too large") { bad.raw().write(header(23, 65'535)); }
  SECTION("a handshake") { bad.raw().write(header(22, 30) + std::string(30, '\1')); }
  SECTION("a heartbeat") { bad.raw().write(header(24, 30) + std::string(30, '\1')); }
  SECTION("a change of ciphers") { bad.raw().write(header(20, 2) + std::string(2, '\1')); }
  SECTION("text that is not sealed") { bad.raw().write(header(23, 30) + std::string(30, 'x')); }
  bad.raw().drain_to_end();
  good.push(message_to("7", "still here"));
  good.expect_push(usermsg("7", "7", "still here"));
}

TEST_CASE("keys are changed a thousand times within the rates, whatever the cuts are", "[tls]") {
  tls_service server{on_one_with_usual_rates()};
  raw_client other{server.plain()};
  auto client = server.client({.version = TLS1_3_VERSION});
  client.register_as("5");
  const bool asks = GENERATE(false, true);
  const auto update = client.key_update(asks);
  for (const char each : update) {
    client.raw().write({&each, 1});
    wait_for_worker(other);
  }
  client.push(message_to("5", "once"));
  client.expect_push(usermsg("5", "5", "once"));
  client.raw().write(key_updates(client, 1000, asks));
  client.push(message_to("5", "often"));
  client.expect_push(usermsg("5", "5", "often"));
}

TEST_CASE("a change of keys may come in two records, with nothing between them", "[tls]") {
  tls_service server;
  auto client = server.client({.version = TLS1_3_VERSION, .suites = "TLS_AES_128_GCM_SHA256"});
  record_maker by_hand{client.secret()};
  const std::string update{24, 0, 0, 1, 1}; // RFC 8446 section 4.6.3; it asks for the same
  const std::string request =
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const auto cut = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{4});
  auto records = by_hand.record(record_maker::handshake, update.substr(0, cut));
  const bool between = GENERATE(false, true);
  if (between)
    records += by_hand.record(record_maker::text, request);
  records += by_hand.record(record_maker::handshake, update.substr(cut));
  by_hand.change_keys();
  client.raw().write(records + by_hand.record(record_maker::text, request));
  CHECK(client.read_to_end().ends_with("ok\n") != between);
  CHECK(server.client().get("/healthz").status == 200);
}

TEST_CASE("a flood of changes of keys is told to wait, then closed with 4529", "[tls]") {
  tls_service server{on_one_with_usual_rates()};
  auto flooder = server.client({.version = TLS1_3_VERSION});
  flooder.register_as("5");
  auto other = server.client();
  other.register_as("7");
  flooder.raw().write_until_refused(key_updates(flooder, 3000, GENERATE(false, true)));
  int told = 0;
  auto frame = flooder.read_frame();
  for (; frame.kind == opcode::text; frame = flooder.read_frame(), ++told)
    CHECK(frame.payload.find("rate_limited") != std::string::npos);
  CHECK(frame.payload.substr(0, 2) == close_payload(4529));
  CHECK(told >= 60);
  other.push(message_to("7", "not held up"));
  other.expect_push(usermsg("7", "7", "not held up"));
}

TEST_CASE("a record that comes a byte at a time counts by its pieces", "[tls]") {
  tls_service server{on_one_with_usual_rates()};
  auto drips = server.client();
  drips.register_as("7");
  const auto record = drips.sealed(wire_frame{.payload = std::string(10'000, 'x')}.bytes());
  const auto limit = std::chrono::steady_clock::now() + patience;
  std::size_t pieces = 0;
  for (; !drips.raw().readable_within(std::chrono::milliseconds{0}) && pieces < record.size();
       ++pieces) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    drips.raw().write(std::string_view{record}.substr(pieces, 1));
  }
  CHECK(drips.read_frame().payload.find("rate_limited") != std::string::npos);
  CHECK(pieces >= 359);
}

TEST_CASE("changes of keys in HTTP end the connection", "[tls]") {
  tls_service server{one_worker()};
  auto client = server.client({.version = TLS1_3_VERSION});
  client.raw().write(key_updates(client, 32, true));
  CHECK(client.get("/healthz").status == 200);
  client.raw().write_until_refused(key_updates(client, 1, true));
  client.raw().drain_to_end();
}

TEST_CASE("answers to changes of keys that a client does not read are not held for ever", "[tls]") {
  tls_service server{one_worker()}; // without rates
  auto deaf = server.client({.version = TLS1_3_VERSION}, 2048);
  deaf.register_as("5");
  const auto many = key_updates(deaf, 1000, true);
  const auto least = many.size();
  std::size_t written = 0;
  for (bool open = true; open && written < 16UL * kib * kib;) {
    const auto more = deaf.raw().write_until_refused(key_updates(deaf, 1000, true));
    written += more;
    open = more >= least;
  }
  CHECK(written < 16UL * kib * kib);
  CHECK(server.client().get("/healthz").status == 200);
}

TEST_CASE("handshakes beyond those that may wait are closed, and hurt nobody", "[tls]") {
  auto options = one_worker();
  options.network.handshakes_waiting = 10;
  tls_service server{options};
  auto there = server.client();
  there.register_as("5");
  std::deque<tls_client> crowd;
  for (int number = 0; number < 40; ++number)
    crowd.emplace_back(server.secure());
  raw_client other{server.plain()};
  wait_for_worker(other);                 // All are accepted.
  const auto held = server.hold_worker(); // So that all of them speak at once.
  for (auto& each : crowd)
    each.raw().write(each.hello());
  there.push(message_to("5", "meanwhile"));
  held->set_value();
  there.expect_push(usermsg("5", "5", "meanwhile"));
  std::size_t let_in = 0;
  for (auto& each : crowd)
    let_in += each.try_to_shake_hands() ? 1U : 0U;
  CHECK(let_in >= 14); // 4 at once, and 10 that wait
  CHECK(let_in < crowd.size());
  CHECK(server.client().get("/healthz").status == 200);
}

TEST_CASE("an end in the middle of a frame is an end", "[tls]") {
  tls_service server;
  auto client = server.client();
  client.register_as("5");
  const auto frame = wire_frame{.payload = message_to("5", "half")}.bytes();
  client.write(frame.substr(0, frame.size() / 2));
  client.raw().write(client.sealed_end());
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a request is answered to a client that has ended its side", "[tls]") {
  tls_service server;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  auto client = server.client({.version = version});
  const bool whole = GENERATE(true, false);
  const auto request = client.sealed("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.raw().write_last(request + (whole ? client.sealed_end() : std::string{}));
  CHECK(client.read_to_end().ends_with("ok\n"));
}

TEST_CASE("many handshakes at once are all done, beside those who are there", "[tls]") {
  tls_service server{one_worker()};
  auto there = server.client();
  there.register_as("5");
  std::deque<tls_client> crowd;
  for (int number = 0; number < 100; ++number)
    crowd.emplace_back(server.secure());
  for (auto& each : crowd)
    each.raw().write(each.hello());
  there.push(message_to("5", "meanwhile"));
  there.expect_push(usermsg("5", "5", "meanwhile"));
  for (int number = 0; number < 20; ++number) // Some do not wait.
    crowd.pop_back();
  for (auto each = crowd.rbegin(); each != crowd.rend(); ++each) {
    each->shake_hands();
    CHECK(each->get("/healthz").status == 200);
  }
}

TEST_CASE("what has come of a record counts as a buffer", "[tls]") {
  auto options = one_worker();
  options.network.buffer_bytes = 100 * kib;
  tls_service server{options};
  std::vector<tls_client> crowd;
  for (int number = 0; number < 20; ++number) {
    crowd.push_back(server.client());
    crowd.back().register_as(std::to_string(number));
  }
  std::size_t ended = 0;
  for (auto& each : crowd)
    each.raw().write_until_refused(header(23, 16'000) + std::string(15'000, 'x'));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  for (auto& each : crowd) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    ended += each.raw().readable_within(std::max(left, std::chrono::milliseconds{0})) ? 1 : 0;
  }
  CHECK(ended > 5);
  CHECK(ended < crowd.size()); // no more than it takes
}

} // namespace klatch::sockets
