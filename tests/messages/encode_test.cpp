// Encoding: what goes out is what was meant, whatever characters it has.
#include "messages/wire/decoder.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_pages.hpp"
#include "messages/wire/encode_session.hpp"
#include "messages/wire/json_text.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace klatch {

namespace {

using nlohmann::json;

void append_utf8(std::string& out, std::uint32_t point) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0U | (point >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// Makes texts of all planes, with more than their share of what needs an escape.
class text_maker {
public:
  std::string text(std::size_t most) {
    std::string result;
    for (auto left = below(most + 1); left > 0; --left)
      append_utf8(result, point());
    return result;
  }

  /// An id, spelled as ids are.
  std::string id() {
    std::string result = "i";
    for (auto left = below(10); left > 0; --left)
      append_utf8(result, 0x21 + static_cast<std::uint32_t>(below(0x5E)));
    for (auto left = below(4); left > 0; --left)
      append_utf8(result, 0x4E00 + static_cast<std::uint32_t>(below(0x1000)));
    return result;
  }

private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::uint32_t point() {
    struct range {
      std::uint32_t first;
      std::uint32_t last;
    };
    static constexpr std::array<range, 9> ranges{{{0x20, 0x7E},
                                                  {0x20, 0x7E},
                                                  {0, 0x1F},
                                                  {'"', '"'},
                                                  {'\\', '\\'},
                                                  {0x7F, 0x7FF},
                                                  {0x800, 0xD7FF},
                                                  {0xE000, 0xFFFF},
                                                  {0x10000, 0x10FFFF}}};
    const auto chosen = ranges[below(ranges.size())];
    return chosen.first + static_cast<std::uint32_t>(below(chosen.last - chosen.first + 1));
  }

  std::mt19937 random_{7};
};

std::string as_json_string(std::string_view text) {
  std::string result;
  append_json_string(result, text);
  return result;
}

} // namespace

TEST_CASE(
    "every control character below U+0020 is escaped, and nothing else of ASCII but \" and \\") {
  for (int code = 0; code < 0x80; ++code) {
    const std::string text{'a', static_cast<char>(code), 'b'};
    const auto result = as_json_string(text);
    INFO(result);
    CHECK(result == json(text).dump());
    for (const char each : result)
      CHECK(static_cast<unsigned char>(each) >= 0x20);
    const bool plain = code >= 0x20 && code != '"' && code != '\\';
    CHECK((result.size() == text.size() + 2) == plain);
  }
}

TEST_CASE("an escape is found at every place of texts short and long") {
  for (std::size_t size = 0; size < 70; ++size) {
    CHECK(as_json_string(std::string(size, 'x')) == '"' + std::string(size, 'x') + '"');
    for (std::size_t at = 0; at < size; ++at)
      for (const char special : {'"', '\\', '\n', '\0', '\x1F'}) {
        std::string text(size, 'x');
        text[at] = special;
        CHECK(as_json_string(text) == json(text).dump());
      }
  }
}

TEST_CASE("a generated message is read back as it was") {
  text_maker make;
  for (int i = 0; i < 2000; ++i) {
    const auto name = make.text(20), message = make.text(i % 100 == 0 ? 20000 : 120);
    const auto color = make.text(8), from = make.id(), to = make.id();
    const auto sent = encode(usermsg{name, message, color, from, to});
    CHECK(json::parse(sent.text()) == json{{"type", "usermsg"},
                                           {"name", name},
                                           {"message", message},
                                           {"color", color},
                                           {"from", from},
                                           {"to", to}});
    CHECK(json::parse(encode_departure(name, from).text()) ==
          json{{"type", "system"}, {"message", name + " disconnected"}, {"id", from}});
    CHECK(json::parse(encode_not_connected(dialect::plain, to).text()) ==
          json{{"type", "system"},
               {"message", to + " is not connected"},
               {"error", "not_connected"},
               {"to", to}});
  }
}

TEST_CASE("a generated message is decoded as it was") {
  text_maker make;
  decoder decodes{limits{}};
  for (int i = 0; i < 2000; ++i) {
    const auto message = "m" + make.text(i % 100 == 0 ? 16000 : 120);
    const auto name = make.id(), to = make.id();
    const auto text = R"({"type":"user","message":)" + as_json_string(message) + R"(,"name":)" +
                      as_json_string(name) + R"(,"to_id":)" + as_json_string(to) + "}";
    const auto result = decodes.decode(text).what;
    REQUIRE(std::holds_alternative<user_message>(result));
    const auto& decoded = std::get<user_message>(result);
    CHECK(decoded.message == message);
    CHECK(decoded.name == name);
    CHECK(decoded.to == to);
  }
}

TEST_CASE("the acknowledgement is the same frame each time, to the letter") {
  CHECK(acknowledgement().text() == R"({"type":"system","message":"Initial message received"})");
  CHECK(acknowledgement().text().data() == acknowledgement().text().data());
}

TEST_CASE("the largest answers stay below what may wait for one connection") {
  const limits allowed;
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto most_unsigned = std::numeric_limits<std::uint64_t>::max();
  const std::string id(max_id_bytes, '"');
  const std::string name(allowed.name_bytes, '\\');
  const std::string color(allowed.color_bytes, '#');
  const std::string text(allowed.message_bytes, '\x01');
  const message_numbers numbers{most_unsigned, most_unsigned, most_unsigned, most_unsigned, most};
  CHECK(encode({name, text, color, id, id}, numbers, most_unsigned).text().size() <=
        allowed.frame_bytes);

  // A page has texts of 128 KiB together, and up to 200 messages.
  history_writer history{{user_id::parse(id).value(), most_unsigned, most_unsigned}};
  conversations_writer conversations;
  for (unsigned i = 0; i < max_page; ++i) {
    const usermsg message{name, i < 2 ? std::string_view{text} : "", color, id, id};
    history.add(message, numbers);
    if (conversations.bytes() <= 512UL * 1024) // As the reader does.
      conversations.add(id, {name, color}, message, numbers,
                        {most_unsigned, most_unsigned, most_unsigned, most_unsigned});
  }
  CHECK(history.finish(true).text().size() <= allowed.waiting_bytes);
  CHECK(conversations.finish(true).text().size() <= allowed.waiting_bytes);
}

} // namespace klatch
