// Unmasking by words is what RFC 6455 section 5.3 says byte by byte.
#include "net/websocket/masking_key.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch::net {

namespace {

constexpr std::array<char, 4> example_key{'\x37', '\xFA', '\x21', '\x3D'};

std::string plain(std::size_t bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes; ++at)
    text += static_cast<char>(at * 31 + 7);
  return text;
}

std::string masked(std::string text) {
  for (std::size_t at = 0; at < text.size(); ++at)
    text[at] = static_cast<char>(text[at] ^ example_key[at % 4]);
  return text;
}

} // namespace

TEST_CASE("every length is unmasked, wherever in memory it starts", "[frames]") {
  for (std::size_t start = 0; start < 8; ++start)
    for (std::size_t bytes = 0; bytes <= 40; ++bytes) {
      auto memory = std::string(start, '.') + masked(plain(bytes)) + "....";
      masking_key{example_key}.unmask({memory.data() + start, bytes});
      REQUIRE(memory == std::string(start, '.') + plain(bytes) + "....");
    }
}

TEST_CASE("a payload may be unmasked in three pieces of any lengths", "[frames]") {
  constexpr std::size_t bytes = 30;
  for (std::size_t first = 0; first <= bytes; ++first)
    for (std::size_t second = first; second <= bytes; ++second) {
      auto text = masked(plain(bytes));
      masking_key turning{example_key};
      turning.unmask({text.data(), first});
      turning.unmask({text.data() + first, second - first});
      turning.unmask({text.data() + second, bytes - second});
      REQUIRE(text == plain(bytes));
    }
}

} // namespace klatch::net
