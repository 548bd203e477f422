#include "tests/net/kept_memory.hpp"

#include "net/websocket/frame_reader.hpp"
#include "tests/allocation_count.hpp"

#include <algorithm>
#include <span>

namespace klatch::net {

namespace {

/// What an allocation has besides a client's bytes.
constexpr std::size_t own_words = 32;
constexpr std::size_t longest_control_frame = 131;

} // namespace

bool stays_in_bounds(std::string wire, std::size_t piece, std::size_t limit) {
  const allocation_count heap;
  frame_reader reader{limit};
  for (std::size_t at = 0; at < wire.size(); at += piece) {
    std::span<char> input{wire.data() + at, std::min(piece, wire.size() - at)};
    while (reader.next(input).what != frame_event::nothing)
      ;
    const auto come = std::min(at + piece, wire.size());
    if (heap.live() != (reader.idle() ? 0U : 1U) || heap.largest() > own_words + 2 * come ||
        heap.largest() > own_words + limit + longest_control_frame)
      return false;
  }
  return true;
}

} // namespace klatch::net
