/// What a frame reader makes of a client's bytes, in words.
#pragma once

#include "net/websocket/frame_reader.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::net {

/// "text TEXT", "binary BYTES", "ping BYTES", "pong BYTES", "close CODE REASON", "violation CODE".
using events = std::vector<std::string>;

/// The limit on messages of all tests that do not say otherwise.
inline constexpr std::size_t usual_limit = 128UL * 1024;

std::string in_words(const read_result& result);

/// What `reader` makes of `bytes`, in memory of their own that is gone afterwards; added to `to`,
/// as is a complaint where it leaves some.
void read_piece(frame_reader& reader, std::string_view bytes, events& to);

/// What a new reader makes of `bytes` that come in pieces of `piece` bytes.
events events_in_pieces(std::string_view bytes, std::size_t piece, std::size_t limit = usual_limit);

/// What a new reader makes of `bytes` that come whole, and a complaint where it is not the same
/// with every cut into two pieces and into pieces of any size up to 20.
events events_of(std::string_view bytes, std::size_t limit = usual_limit);

} // namespace klatch::net
