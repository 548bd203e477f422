// What a frame reader keeps: nothing between messages, one allocation within, never much more than
// has come.
#include "tests/allocation_count.hpp"
#include "tests/catch.hpp"
#include "tests/net/kept_memory.hpp"
#include "tests/net/read_events.hpp"
#include "tests/sockets/wire_frame.hpp"

#include <algorithm>

namespace klatch::net {

namespace {

using sockets::close_payload;
using sockets::in_fragments;
using sockets::wire_frame;
namespace frame_kind = sockets::opcode;

bool holds(std::span<const char> memory, std::string_view bytes) {
  return bytes.data() >= memory.data() &&
         bytes.data() + bytes.size() <= memory.data() + memory.size();
}

} // namespace

TEST_CASE("a message that comes whole is neither copied nor allocated", "[frames]") {
  const auto bytes = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{125}, std::size_t{126},
                              std::size_t{65536}, usual_limit);
  const auto kind = GENERATE(frame_kind::text, frame_kind::binary);
  const auto one = wire_frame{.kind = kind, .payload = std::string(bytes, 'x')}.bytes();
  auto wire = one + one + wire_frame{.kind = frame_kind::ping, .payload = "y"}.bytes() + one +
              wire_frame{.kind = frame_kind::close, .payload = close_payload(1000, "bye")}.bytes();
  std::span<char> input{wire};
  frame_reader reader{usual_limit};
  int seen = 0;
  std::size_t allocations = 0;
  {
    const allocation_count heap;
    for (auto result = reader.next(input); result.what != frame_event::nothing;
         result = reader.next(input))
      seen += holds(wire, result.bytes) && reader.idle() ? 1 : 0;
    allocations = heap.allocations();
  }
  CHECK(allocations == 0);
  CHECK(seen == 5);
}

TEST_CASE("control frames that come whole between fragments are not copied", "[frames]") {
  auto wire = wire_frame{.payload = "{", .fin = false}.bytes() +
              wire_frame{.kind = frame_kind::ping, .payload = "between"}.bytes();
  std::span<char> input{wire};
  frame_reader reader{usual_limit};
  CHECK(reader.next(input).what == frame_event::fragment);
  const auto result = reader.next(input);
  CHECK(result.what == frame_event::ping);
  CHECK(holds(wire, result.bytes));
}

TEST_CASE("a message whose header alone was split is not copied", "[frames]") {
  auto wire = wire_frame{.payload = "hello"}.bytes();
  const auto cut = GENERATE(range(std::size_t{1}, std::size_t{6}));
  frame_reader reader{usual_limit};
  std::span<char> start{wire.data(), cut};
  CHECK(reader.next(start).what == frame_event::nothing);
  std::span<char> rest{wire.data() + cut, wire.size() - cut};
  const auto result = reader.next(rest);
  CHECK(result.bytes == "hello");
  CHECK(holds(wire, result.bytes));
}

TEST_CASE("the frame reader frees what it kept with the call after it returned it", "[frames]") {
  const auto wire = GENERATE(values<std::string>(
      {wire_frame{.payload = "hello"}.bytes(), in_fragments("hello", 3),
       wire_frame{.kind = frame_kind::ping, .payload = "hello"}.bytes(),
       wire_frame{.kind = frame_kind::close, .payload = close_payload(1000, "hello")}.bytes(),
       wire_frame{.payload = "{", .fin = false}.bytes() +
           wire_frame{.kind = frame_kind::close, .payload = close_payload(1000, "hello")}
               .bytes()}));
  frame_reader reader{usual_limit};
  std::string told;
  std::size_t most_live = 0;
  std::size_t live = 0;
  {
    const allocation_count heap;
    for (char byte : wire) {
      std::span<char> input{&byte, 1};
      const auto result = reader.next(input);
      most_live = std::max(most_live, heap.live());
      told.append(result.bytes);
    }
    std::span<char> none;
    reader.next(none);
    live = heap.live();
  }
  CHECK(told == "hello");
  CHECK(most_live == 1);
  CHECK(live == 0);
  CHECK(reader.idle());
}

TEST_CASE("a violation frees what the frame reader kept", "[frames]") {
  auto wire = wire_frame{.payload = "{", .fin = false}.bytes() +
              wire_frame{.payload = "}", .fin = true}.bytes();
  std::span<char> input{wire};
  frame_reader reader{usual_limit};
  CHECK(reader.next(input).what == frame_event::fragment);
  CHECK(reader.next(input).what == frame_event::violation);
  CHECK(reader.idle());
}

TEST_CASE("a frame's header alone allocates nothing", "[frames]") {
  const auto promise = wire_frame{.announced = usual_limit}.bytes() + "0123456789";
  CHECK(stays_in_bounds(promise, GENERATE(std::size_t{1}, std::size_t{1000}), usual_limit));
}

TEST_CASE("what the frame reader keeps grows with what has come, up to the limit", "[frames]") {
  const std::string text(usual_limit, 'x');
  const auto piece = GENERATE(std::size_t{1}, std::size_t{100}, std::size_t{4096});
  SECTION("one frame") {
    CHECK(stays_in_bounds(wire_frame{.payload = text}.bytes(), piece, text.size()));
  }
  SECTION("many fragments") {
    CHECK(stays_in_bounds(in_fragments(text, 5000), piece, text.size()));
  }
  SECTION("a control frame at the limit") {
    const auto wire =
        wire_frame{.payload = text, .fin = false}.bytes() +
        wire_frame{.kind = frame_kind::ping, .payload = std::string(125, 'x')}.bytes() +
        wire_frame{.kind = frame_kind::continuation}.bytes();
    CHECK(stays_in_bounds(wire, piece, text.size()));
  }
}

} // namespace klatch::net
