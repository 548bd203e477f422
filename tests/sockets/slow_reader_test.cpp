/// A client that does not read: what waits for it is bounded, and nobody else is held up.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <fstream>
#include <unistd.h>

namespace klatch::sockets {

namespace {

constexpr int tiny = 2048; ///< bytes of SO_RCVBUF; the system takes the least it can
constexpr bool measures_memory =
#if defined(KLATCH_SANITIZED)
    false; // a sanitizer keeps what is freed
#else
    true;
#endif

app::service_options with_little_room() {
  auto options = usual_options();
  options.network.allowed.waiting_bytes = 128 * kib;
  options.network.times.close = patience; // the test decides when the slow one reads
  return options;
}

std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Reads `client` up to its close frame, whose code is returned; checks that the messages before
/// are those from 5, in order from the first and without a gap.
std::string read_to_close(ws_client& client, std::string_view padding) {
  for (int number = 0;; ++number) {
    const auto frame = client.raw().read_frame();
    if (frame.kind == opcode::close)
      return frame.payload.substr(0, 2);
    REQUIRE(frame.payload == usermsg("5", "7", std::to_string(number) + std::string{padding}));
  }
}

} // namespace

TEST_CASE("a client that does not read is closed with 4508, and what it then reads is whole") {
  running_service server{with_little_room()};
  auto slow = ws_client::registered(server.endpoint(), "7", "mks", tiny);
  auto sender = ws_client::registered(server.endpoint(), "5");
  const std::string padding(4 * kib, 'x');
  // The sender writes until it hears that there is nobody any more.
  for (int number = 0; !sender.raw().readable_within(std::chrono::milliseconds{0}); ++number)
    sender.push(message_to("7", std::to_string(number) + padding));
  sender.expect_push(not_connected("7"));
  CHECK(read_to_close(slow, padding) == close_payload(4508));
  slow.raw().write_until_refused(
      wire_frame{.kind = opcode::close, .payload = close_payload(4508)}.bytes());
  slow.raw().expect_end();
}

TEST_CASE("a client that does not read holds up neither the sender nor others") {
  running_service server{with_little_room()};
  auto slow = ws_client::registered(server.endpoint(), "7", "mks", tiny);
  auto sender = ws_client::registered(server.endpoint(), "5");
  auto other = ws_client::registered(server.endpoint(), "3");
  const std::string padding(2 * kib, 'x');
  constexpr int count = 4000; // 8 MiB, more than sockets hold
  int received = 0;
  int refused = 0;
  for (int number = 0; number < count; ++number) {
    const auto text = std::to_string(number);
    sender.push(message_to("7", text + padding));
    sender.push(message_to("3", text));
    other.expect_push(usermsg("5", "3", text));
    ++received;
    while (sender.raw().readable_within(std::chrono::milliseconds{0})) {
      sender.expect_push(not_connected("7"));
      ++refused;
    }
  }
  CHECK(received == count);
  CHECK(refused > 0);
  other.push(message_to("5", "and back"));
  for (auto text = sender.raw().read_frame().payload; text != usermsg("3", "5", "and back");
       text = sender.raw().read_frame().payload)
    REQUIRE(text == not_connected("7"));
  CHECK(read_to_close(slow, padding) == close_payload(4508));
}

TEST_CASE("a client that never reads its close is cut off in time") {
  auto options = with_little_room();
  options.network.times.tick = std::chrono::milliseconds{10};
  options.network.times.close = std::chrono::milliseconds{200};
  running_service server{options};
  auto slow = ws_client::registered(server.endpoint(), "7", "mks", tiny);
  auto sender = ws_client::registered(server.endpoint(), "5");
  const std::string padding(4 * kib, 'x');
  while (!sender.raw().readable_within(std::chrono::milliseconds{0}))
    sender.push(message_to("7", padding));
  sender.expect_push(not_connected("7"));
  // The server ends the connection with data unread, which the next write meets as an error.
  const auto begin = std::chrono::steady_clock::now();
  while (slow.raw().write_until_refused(wire_frame{.kind = opcode::pong}.bytes()) > 0)
    REQUIRE(std::chrono::steady_clock::now() - begin < patience);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
}

TEST_CASE("a client that does not read its own answers is closed with 4508") {
  running_service server{with_little_room()};
  auto client = ws_client::registered(server.endpoint(), "7");
  // Each is answered with about a hundred bytes: more in all than sockets hold.
  const auto frame_kind = GENERATE(opcode::text, opcode::ping);
  INFO("opcode " << frame_kind);
  const auto payload =
      frame_kind == opcode::ping ? std::string(125, 'x') : std::string{R"({"type":"x"})"};
  std::string many;
  for (int number = 0; number < 80'000; ++number)
    many += wire_frame{.kind = frame_kind, .payload = payload}.bytes();
  client.raw().write(many);
  // It reads only once another user has been told that it is gone.
  auto other = ws_client::registered(server.endpoint(), "5");
  const auto limit = std::chrono::steady_clock::now() + patience;
  for (bool gone = false; !gone;) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    other.push(message_to("7", "there?"));
    other.push(message_to("5", "mark"));
    const auto text = other.raw().read_frame().payload;
    gone = text == not_connected("7");
    REQUIRE((gone || text == usermsg("5", "5", "mark")));
  }
  auto frame = client.raw().read_frame();
  while (frame.kind != opcode::close)
    frame = client.raw().read_frame();
  CHECK(frame.payload.substr(0, 2) == close_payload(4508));
}

TEST_CASE("what waits for those who do not read does not fill the memory") {
  if (!measures_memory)
    return;
  running_service server{with_little_room()};
  auto sender = ws_client::registered(server.endpoint(), "5");
  const std::string padding(32 * kib, 'x');
  std::size_t before = 0;
  constexpr int rounds = 6;
  for (int round = 0; round < rounds; ++round) {
    auto slow = ws_client::registered(server.endpoint(), "7", "mks", tiny);
    for (int number = 0; number < 200; ++number) { // 6.25 MiB
      sender.push(message_to("7", padding));
      while (sender.raw().readable_within(std::chrono::milliseconds{0}))
        sender.expect_push(not_connected("7"));
    }
    sender.push(message_to("5", "end of round"));
    for (auto text = sender.raw().read_frame().payload; text != usermsg("5", "5", "end of round");
         text = sender.raw().read_frame().payload)
      REQUIRE(text == not_connected("7"));
    if (round == 1)
      before = resident_bytes();
  }
  const auto after = resident_bytes();
  INFO("resident before: " << before << ", after: " << after);
  CHECK(after < before + 8 * kib * kib);
}

} // namespace klatch::sockets
