/// Frames that are no texts, and pieces of frames: they count, and who goes on is closed with 4529.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <poll.h>
#include <sys/socket.h>

namespace klatch::sockets {

namespace {

app::service_options with_usual_rates() {
  auto options = usual_options();
  options.network.allowed = limits{};
  options.network.times.close = std::chrono::milliseconds{500};
  return options;
}

std::string many(const wire_frame& frame, int count) {
  std::string result;
  for (int number = 0; number < count; ++number)
    result += frame.bytes();
  return result;
}

/// Reads up to the close frame and returns its code as it stands there; counts the errors before.
std::string read_to_close(ws_client& client, int& told) {
  for (;;) {
    const auto frame = client.raw().read_frame();
    if (frame.kind == opcode::close)
      return frame.payload.substr(0, 2);
    told += frame.payload.find("rate_limited") != std::string::npos ? 1 : 0;
  }
}

} // namespace

TEST_CASE("floods of what is no text are told to wait, then closed with 4529") {
  running_service server{with_usual_rates()};
  auto flooder = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  std::string flood;
  SECTION("pings") { flood = many({.kind = opcode::ping}, 2000); }
  SECTION("pongs") { flood = many({.kind = opcode::pong}, 2000); }
  SECTION("empty fragments") {
    flood = wire_frame{.payload = "{", .fin = false}.bytes() +
            many({.kind = opcode::continuation, .fin = false}, 2000);
  }
  flooder.raw().write_until_refused(flood);
  int told = 0;
  CHECK(read_to_close(flooder, told) == close_payload(4529));
  CHECK(told >= 60);
  CHECK(told < 120); // and what the rate allows meanwhile
  other.push(message_to("5", "not held up"));
  other.expect_push(usermsg("5", "5", "not held up"));
}

TEST_CASE("a frame that comes a byte at a time counts by its pieces") {
  running_service server{with_usual_rates()};
  auto drips = ws_client::registered(server.endpoint(), "7");
  const auto frame = wire_frame{.payload = std::string(60'000, 'x')}.bytes();
  const auto limit = std::chrono::steady_clock::now() + patience;
  std::size_t pieces = 0;
  for (; !drips.raw().readable_within(std::chrono::milliseconds{0}) && pieces < frame.size();
       ++pieces) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    drips.raw().write(frame.substr(pieces, 1));
  }
  drips.expect_error("rate_limited");
  CHECK(pieces >= 359);
}

TEST_CASE("large frames in ordinary segments count once, by their bytes") {
  running_service server{with_usual_rates()};
  auto client = ws_client::registered(server.endpoint(), "7");
  const std::string text(60'000, 'x');
  for (int number = 0; number < 10; ++number) { // of 13
    const auto frame = wire_frame{.payload = message_to("7", text)}.bytes();
    for (std::size_t at = 0; at < frame.size(); at += 1400)
      client.raw().write(frame.substr(at, 1400));
    client.expect_push(usermsg("7", "7", text));
  }
}

TEST_CASE("a client that is closed for a flood and goes on is not read any more") {
  auto options = with_usual_rates();
  options.network.times.close = patience; // longer than the test takes
  running_service server{options};
  auto flooder = ws_client::registered(server.endpoint(), "7");
  flooder.raw().write_until_refused(many({.kind = opcode::ping}, 2000));
  // More than a burst and what sockets hold: writing ends because nobody reads.
  const std::string more(64 * kib, 'x');
  std::size_t written = 0;
  while (written < 64UL * kib * kib &&
         wait_for(flooder.raw().descriptor(), POLLOUT,
                  std::chrono::steady_clock::now() + std::chrono::seconds{1})) {
    const auto sent =
        ::send(flooder.raw().descriptor(), more.data(), more.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
      break;
    written += static_cast<std::size_t>(sent);
  }
  CHECK(written < 32UL * kib * kib);
}

} // namespace klatch::sockets
