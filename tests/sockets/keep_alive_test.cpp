/// Pings, and connections whose other end is gone without a word.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

namespace {

using std::chrono::milliseconds;
using steady_clock = std::chrono::steady_clock;

constexpr milliseconds ping_interval{250};
constexpr milliseconds silence_allowed{800};

app::service_options with_short_times() {
  auto options = usual_options();
  options.network.times.tick = milliseconds{10};
  options.network.times.registration = ping_interval; // from then on it is pings
  options.network.times.ping = ping_interval;
  options.network.times.gone = silence_allowed;
  options.network.times.close = milliseconds{100};
  return options;
}

/// Answers pings until `limit` has passed.
void stay_alive(ws_client& client, milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  while (steady_clock::now() < end) {
    client.expect_ping();
    client.push(wire_frame{.kind = opcode::pong});
  }
}

/// The next text; pings before it are answered.
std::string next_text(ws_client& client) {
  for (;;) {
    auto frame = client.raw().read_frame();
    if (frame.kind == opcode::text)
      return frame.payload;
    REQUIRE(frame.kind == opcode::ping);
    client.push(wire_frame{.kind = opcode::pong});
  }
}

} // namespace

TEST_CASE("a ping comes after its time, and not before") {
  running_service server{with_short_times()};
  const auto begin = steady_clock::now();
  auto client = ws_client::registered(server.endpoint(), "7");
  client.expect_ping();
  CHECK(steady_clock::now() - begin >= ping_interval - milliseconds{10}); // one tick
}

TEST_CASE("a client that answers stays") {
  running_service server{with_short_times()};
  auto client = ws_client::registered(server.endpoint(), "7");
  stay_alive(client, 2 * silence_allowed);
  client.push(message_to("7", "still here"));
  CHECK(next_text(client) == usermsg("7", "7", "still here"));
}

TEST_CASE("a client that talks stays, even if it answers no ping") {
  running_service server{with_short_times()};
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto end = steady_clock::now() + 2 * silence_allowed;
  while (steady_clock::now() < end) {
    client.expect_ping();
    client.push(message_to("7", "busy"));
    client.expect_push(usermsg("7", "7", "busy"));
  }
}

TEST_CASE("a client that answers nothing is gone, and its partner is told") {
  running_service server{with_short_times()};
  auto silent = ws_client::registered(server.endpoint(), "5");
  auto partner = ws_client::registered(server.endpoint(), "7");
  const auto begin = steady_clock::now();
  while (!silent.raw().has_ended()) {
    partner.expect_ping();
    partner.push(wire_frame{.kind = opcode::pong});
    REQUIRE(steady_clock::now() - begin < patience);
  }
  CHECK(steady_clock::now() - begin >= silence_allowed - milliseconds{20}); // two ticks
  partner.push(message_to("5", "gone?"));
  CHECK(next_text(partner) == not_connected("5"));
}

TEST_CASE("a half-open connection, where nothing is read or answered, is gone") {
  running_service server{with_short_times()};
  auto partner = ws_client::registered(server.endpoint(), "7");
  auto half_open = ws_client::registered(server.endpoint(), "5", "mks", 4096);
  // Until it is given up it takes what fits, so the answer comes at the latest then.
  for (const auto limit = steady_clock::now() + patience; steady_clock::now() < limit;) {
    partner.push(message_to("5", std::string(1000, 'x')));
    partner.push(message_to("7", "mark"));
    auto text = next_text(partner);
    if (text == not_connected("5"))
      return;
    REQUIRE(text == usermsg("7", "7", "mark"));
  }
  FAIL("never given up");
}

} // namespace klatch::sockets
