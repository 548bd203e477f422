#include "tests/net/read_events.hpp"

#include <algorithm>
#include <array>
#include <memory>

namespace klatch::net {

namespace {

events events_in_two(std::string_view bytes, std::size_t cut, std::size_t limit) {
  frame_reader reader{limit};
  events result;
  read_piece(reader, bytes.substr(0, cut), result);
  read_piece(reader, bytes.substr(cut), result);
  return result;
}

} // namespace

std::string in_words(const read_result& result) {
  constexpr std::array<std::string_view, 8> names{"nothing", "text",  "binary",    "ping",
                                                  "pong",    "close", "violation", "fragment"};
  std::string words{names.at(static_cast<std::size_t>(result.what))};
  if (result.what == frame_event::close || result.what == frame_event::violation)
    words += ' ' + std::to_string(static_cast<unsigned>(result.code));
  if (result.what != frame_event::violation && !result.bytes.empty())
    words.append(" ").append(result.bytes);
  return words;
}

void read_piece(frame_reader& reader, std::string_view bytes, events& to) {
  const auto memory = std::make_unique<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), memory.get());
  std::span<char> input{memory.get(), bytes.size()};
  for (;;) {
    const auto result = reader.next(input);
    if (result.what == frame_event::nothing)
      break;
    if (result.what != frame_event::fragment) // Where they are cut is no part of what they mean.
      to.push_back(in_words(result));
  }
  if (!input.empty())
    to.emplace_back("some of the input was left");
}

events events_in_pieces(std::string_view bytes, std::size_t piece, std::size_t limit) {
  frame_reader reader{limit};
  events result;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    read_piece(reader, bytes.substr(at, piece), result);
  return result;
}

events events_of(std::string_view bytes, std::size_t limit) {
  const auto whole = events_in_pieces(bytes, bytes.size(), limit);
  auto result = whole;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    if (events_in_two(bytes, cut, limit) != whole)
      result.push_back("not the same when cut at " + std::to_string(cut));
  for (std::size_t piece = 1; piece <= 20; ++piece)
    if (events_in_pieces(bytes, piece, limit) != whole)
      result.push_back("not the same in pieces of " + std::to_string(piece));
  return result;
}

} // namespace klatch::net
