/// What all connections' buffers hold together has a bound, at which the largest are closed.
#include "store/memory/memory_store.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <list>
#include <vector>

namespace klatch::sockets {

namespace {

constexpr std::size_t mib = kib * kib;

app::service_options with_budget(std::size_t bytes) {
  auto options = usual_options();
  options.network.buffer_bytes = bytes;
  options.network.times.close = patience;     // what is freed is freed by the budget, not by time
  options.network.times.ping = 10 * patience; // no ping comes between, however slow the machine
  options.network.times.gone = 20 * patience;
  return options;
}

std::string frame_of(std::size_t bytes) {
  return wire_frame{.payload = std::string(bytes, 'x')}.bytes();
}

/// All of a frame but its last byte.
std::string most_of(const std::string& frame) { return frame.substr(0, frame.size() - 1); }

} // namespace

TEST_CASE("half messages of many together: those that hold most are closed with 1009") {
  running_service server{with_budget(4 * mib)};
  auto small = ws_client::registered(server.endpoint(), "1");
  const auto little = frame_of(2 * kib);
  small.raw().write(most_of(little));
  std::list<ws_client> large;
  for (int number = 0; number < 60; ++number) { // 12 MiB
    large.push_back(ws_client::registered(server.endpoint(), std::to_string(100 + number)));
    large.back().raw().write(most_of(frame_of(200 * kib)));
  }
  const auto limit = std::chrono::steady_clock::now() + patience;
  std::size_t closed = 0;
  while (closed < 39 && std::chrono::steady_clock::now() < limit) {
    std::erase_if(large, [&](ws_client& each) {
      if (!each.raw().readable_within(std::chrono::milliseconds{1}))
        return false;
      const auto frame = each.raw().read_frame();
      CHECK(frame.kind == opcode::close);
      CHECK(frame.payload.substr(0, 2) == close_payload(1009));
      ++closed;
      return true;
    });
  }
  CHECK(closed >= 39); // 4 MiB are 20 of them
  CHECK_FALSE(large.empty());
  small.raw().write(little.substr(little.size() - 1)); // The smallest can go on.
  small.expect_error("bad_json");
}

TEST_CASE("what waits for many together: those that hold most are closed with 4508") {
  running_service server{with_budget(6 * mib)};
  constexpr int tiny = 2048;
  constexpr int readers = 12; // 512 KiB for each: below the bound of one connection
  constexpr int most_rounds = 200;
  auto sender = ws_client::registered(server.endpoint(), "5");
  auto other = ws_client::registered(server.endpoint(), "3");
  std::vector<ws_client> slow;
  for (int number = 0; number < readers; ++number)
    slow.push_back(
        ws_client::registered(server.endpoint(), std::to_string(100 + number), "mks", tiny));
  const std::string padding(60 * kib, 'x');
  const auto send_to_all = [&](std::string_view text) {
    for (int number = 0; number < readers; ++number)
      sender.push(message_to(std::to_string(100 + number), text));
    sender.push(message_to("3", "mark"));
    other.expect_push(usermsg("5", "3", "mark"));
  };
  // The system takes some MiB for each before anything waits. Somebody who is not connected any
  // more has been closed.
  int rounds = 0;
  while (!sender.raw().readable_within(std::chrono::milliseconds{0}) && ++rounds < most_rounds)
    send_to_all(padding);
  CHECK(rounds < most_rounds);
  send_to_all("end");
  int closed = 0;
  for (int number = 0; number < readers; ++number) {
    for (bool more = true; more;) {
      const auto frame = slow[static_cast<std::size_t>(number)].raw().read_frame();
      const auto to = std::to_string(100 + number);
      if (frame.kind == opcode::close) {
        CHECK(frame.payload.substr(0, 2) == close_payload(4508));
        ++closed;
        more = false;
      } else if (frame.payload == usermsg("5", to, "end")) {
        more = false;
      } else {
        REQUIRE(frame.payload == usermsg("5", to, padding)); // whole, also the last one
      }
    }
  }
  CHECK(closed > 0);
  CHECK(closed < readers);
}

} // namespace klatch::sockets
