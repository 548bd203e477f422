// Ids and names: what looks the same is the same, and what cannot be seen is none.
#include "messages/text/code_points.hpp"
#include "messages/text/spelling.hpp"
#include "messages/wire/decoder.hpp"
#include "tests/catch.hpp"
#include "tests/messages/commands_as_json.hpp"

#include <string>

namespace klatch {

namespace {

struct row {
  const char* text;
  const char* result; ///< after a `!`: why it is none
};

std::string in_words(const spelling& found) {
  if (const auto* wrong = std::get_if<misspelling>(&found))
    return '!' + wrong->why;
  return std::get<std::string>(found);
}

constexpr auto not_in_id = ", which may not stand in an id";
constexpr auto not_in_name = ", which may not stand in a name";

std::string holds(const char* number, const char* why) {
  return std::string{"!holds "} + number + why;
}

fault fault_in(const std::string& text, dialect speaks = dialect::extended) {
  decoder decodes{limits{}};
  const auto said = decodes.decode(text, speaks).what;
  REQUIRE(std::holds_alternative<fault>(said));
  return std::get<fault>(said);
}

std::string cid_in(const std::string& text) {
  decoder decodes{limits{}};
  return std::string{decodes.decode(text, dialect::extended).key.cid};
}

} // namespace

TEST_CASE("an id has one spelling, however it is composed") {
  for (const auto& [text, result] : {
           row{"7", "7"},
           row{"anna.k@example.org", "anna.k@example.org"},
           row{"<b>&amp;</b>", "<b>&amp;</b>"},
           row{"Anna K", "Anna K"},
           row{"Ren\u00E9", "Ren\u00E9"},
           row{"Rene\u0301", "Ren\u00E9"},
           row{"\u212Bngstr\u00F6m", "\u00C5ngstr\u00F6m"},
           row{"\uFF21\uFF4E\uFF4E\uFF41", "Anna"},
           row{"a\u3000b", "a b"},
           row{"\uFF76\uFF9E", "\u30AC"},
           row{"\u1112\u1161\u11AB", "\uD55C"},
           row{"\u017C\u00F3\u0142w-\u9F9C", "\u017C\u00F3\u0142w-\u9F9C"},
           row{"\u05E9\u05DC\u05D5\u05DD", "\u05E9\u05DC\u05D5\u05DD"},
           row{"\u05E9\u05DC\u05D5\u05DD anna", "\u05E9\u05DC\u05D5\u05DD anna"},
           row{"\u0645\u0635\u0631\u0661", "\u0645\u0635\u0631\u0661"},
           row{"\u0915\u094D\u200D\u0937", "\u0915\u094D\u200D\u0937"},
           row{"l\u00B7l", "l\u00B7l"},
           row{"\u30A2\u30FB\u30A2", "\u30A2\u30FB\u30A2"},
       }) {
    INFO(text);
    CHECK(in_words(spelling_of_id(text)) == result);
    CHECK(in_words(spelling_of_id(result)) == result);
  }
}

TEST_CASE("a text that cannot be seen, or looks like another, is no id") {
  for (const auto& [text, number] : {
           row{"an\u200Bna", "U+200B"},       row{"\u200B", "U+200B"},
           row{"\u2800", "U+2800"},           row{"\u3164", "U+3164"},
           row{"\uFEFF", "U+FEFF"},           row{"a\uFEFF", "U+FEFF"},
           row{"an\u202Ena\u202C", "U+202E"}, row{"anna\u200F", "U+200F"},
           row{"an\u00ADna", "U+00AD"},       row{"a\u0007", "U+0007"},
           row{"a\u0085", "U+0085"},          row{"a\u2060", "U+2060"},
           row{"a\uFE0F", "U+FE0F"},          row{"a\u034F", "U+034F"},
           row{"a\u2028", "U+2028"},          row{"a\uE000", "U+E000"},
           row{"a\uFFFE", "U+FFFE"},          row{"a\u0378", "U+0378"},
           row{"\U0001F422", "U+1F422"},      row{"a\u2460", "U+2460"},
           row{"\uFB01x", "U+FB01"},          row{"a\u200Db", "U+200D"},
           row{"a\u200Cb", "U+200C"},         row{"a\u00B7b", "U+00B7"},
           row{"a\u30FBb", "U+30FB"},         row{"a\u0640", "U+0640"},
           row{"a\uFFA0", "U+FFA0"},          row{"a\U000E0041", "U+E0041"},
           row{"\u1112", "U+1112"},           row{"\u0627\u0660\u06F0", "U+0660"},
           row{"a\u20AC", "U+20AC"},
       }) {
    INFO(number);
    CHECK(in_words(spelling_of_id(text)) == holds(number, not_in_id));
  }
  CHECK(in_words(spelling_of_id({"a\0", 2})) == holds("U+0000", not_in_id));
  CHECK(in_words(spelling_of_id(" ")) == "!holds U+0020 at an end or twice together");
  CHECK(in_words(spelling_of_id(" a")) == "!holds U+0020 at an end or twice together");
  CHECK(in_words(spelling_of_id("a ")) == "!holds U+0020 at an end or twice together");
  CHECK(in_words(spelling_of_id("a  b")) == "!holds U+0020 at an end or twice together");
  CHECK(in_words(spelling_of_id("\u0301")) == "!holds U+0301, a mark, with nothing before it");
  CHECK(in_words(spelling_of_id("a \u0301")) == "!holds U+0301, a mark, with nothing before it");
}

TEST_CASE("an id does not change its direction") {
  for (const auto& [text, number] : {
           row{"a\u05D0", "U+05D0"},
           row{"\u05D0a", "U+0061"},
           row{"1\u05D0", "U+0031"},
           row{"\u05D0-", "U+002D"},
           row{"\u06271\u0661", "U+0661"},
       }) {
    INFO(number);
    CHECK(in_words(spelling_of_id(text)) ==
          holds(number, " against the direction of the rest (RFC 5893)"));
  }
}

TEST_CASE("a name has one spelling, however it is composed") {
  for (const auto& [text, result] : {
           row{"mks", "mks"},
           row{"  Anna   K  ", "Anna K"},
           row{"Anna\u00A0\u3000K", "Anna K"},
           row{"Rene\u0301", "Ren\u00E9"},
           row{"\uFF21\uFF4E\uFF4E\uFF41", "Anna"},
           row{"\u2460", "1"},
           row{"<b>mks</b>", "<b>mks</b>"},
           row{"\u017B\u00F3\u0142w \U0001F422", "\u017B\u00F3\u0142w \U0001F422"},
           row{"Ann \u2764\uFE0F", "Ann \u2764\uFE0F"},
           row{"\U0001F469\u200D\u2764\uFE0F\u200D\U0001F468",
               "\U0001F469\u200D\u2764\uFE0F\u200D\U0001F468"},
           row{"\U0001F469\U0001F3FD\u200D\U0001F680", "\U0001F469\U0001F3FD\u200D\U0001F680"},
           row{"1\uFE0F\u20E3", "1\uFE0F\u20E3"},
           row{"\u0645\u0647\u062F\u06CC\u200C\u0632\u0627\u062F\u0647",
               "\u0645\u0647\u062F\u06CC\u200C\u0632\u0627\u062F\u0647"},
       }) {
    INFO(text);
    CHECK(in_words(spelling_of_name(text)) == result);
    CHECK(in_words(spelling_of_name(result)) == result);
  }
}

TEST_CASE("a text that cannot be seen, or turns the rest around, is no name") {
  for (const auto& [text, number] : {
           row{"\u200B", "U+200B"},
           row{"\u2800", "U+2800"},
           row{"\u3164", "U+3164"},
           row{"\uFEFF", "U+FEFF"},
           row{"an\u202Ena\u202C", "U+202E"},
           row{"an\u2066na\u2069", "U+2066"},
           row{"a\u200Db", "U+200D"},
           row{"a\u200Cb", "U+200C"},
           row{"a\uFE0F", "U+FE0F"},
           row{"a\tb", "U+0009"},
           row{"a\u0085", "U+0085"},
           row{"a\u2028", "U+2028"},
           row{"\u115F", "U+115F"},
       }) {
    INFO(number);
    CHECK(in_words(spelling_of_name(text)) == holds(number, not_in_name));
  }
  CHECK(in_words(spelling_of_name(" ")) == "!holds nothing that can be seen");
  CHECK(in_words(spelling_of_name("\u00A0\u3000")) == "!holds nothing that can be seen");
  CHECK(in_words(spelling_of_name("\u0301")) == "!holds U+0301, a mark, with nothing before it");
}

TEST_CASE("a fault names the field and the character") {
  CHECK(fault_in(R"({"type":"system","id":"a\u200B","projectId":1})").text ==
        "id holds U+200B, which may not stand in an id");
  CHECK(fault_in(R"({"type":"system","id":1,"projectId":"\u3164"})").text ==
        "projectId holds U+3164, which may not stand in an id");
  CHECK(fault_in(R"({"type":"system","id":1,"projectId":1,"name":"\u2800"})").text ==
        "name holds U+2800, which may not stand in a name");
  const auto wrong = fault_in(R"({"type":"user","to_id":"\uFEFF","message":"hi","cid":"c1"})");
  CHECK(wrong.code == error_code::bad_frame);
  CHECK(wrong.text == "to_id holds U+FEFF, which may not stand in an id");
  CHECK(cid_in(R"({"type":"user","to_id":"\uFEFF","message":"hi","cid":"c1"})") == "c1");
  CHECK(fault_in(R"({"type":"read","with":"\u2800","n":1})").text ==
        "with holds U+2800, which may not stand in an id");
}

TEST_CASE("a message of nothing visible is refused, with its cid") {
  for (const auto* text : {" ", "\u200B", "\u2800", "\u3164", "\u0301", " \u00A0\u3000\u2003",
                           "\uFEFF\u200D\u2060", "\u202E\u202C", "\uFE0F", "\u034F", "\U000E0041",
                           "\u115F\u1160\uFFA0", "\u2028\u2029", "\u180E"}) {
    INFO(text);
    CHECK_FALSE(has_visible_character(text));
    const auto frame = R"({"type":"user","to_id":"5","cid":"c1","message":")" + std::string{text};
    const auto wrong = fault_in(frame + "\"}");
    CHECK(wrong.code == error_code::bad_frame);
    CHECK(wrong.text == "message holds nothing that can be seen");
    CHECK(cid_in(frame + "\"}") == "c1");
    decoder decodes{limits{}};
    const auto said = decodes.decode(frame + ".\"}", dialect::extended).what;
    REQUIRE(std::holds_alternative<user_message>(said));
    CHECK(std::get<user_message>(said).message == text + std::string{"."});
  }
  CHECK_FALSE(has_visible_character("\t\r\n\x01\x7F"));
  for (const auto* text : {"\u00E9", "\U0001F422", "\u0915\u093F", "\uFFFD", "\U0001FAE8"})
    CHECK(has_visible_character(text));
}

TEST_CASE("what a store may have as it is written is asked for, and only that") {
  decoder decodes{limits{}};
  const auto asked = [&](const std::string& text) {
    return as_json(decodes.decode(text, dialect::extended, std::nullopt)).dump();
  };
  CHECK(asked(R"({"type":"system","id":"Rene\u0301","projectId":7})") ==
        "{\"kind\":\"unusual_ids\",\"project\":[\"7\",\"7\"],\"type\":\"system\","
        "\"user\":[\"Rene\u0301\",\"Ren\u00E9\"]}");
  CHECK(asked(R"({"type":"user","to_id":"a\u200B","message":"hi","cid":"c1"})") ==
        "{\"cid\":\"c1\",\"kind\":\"unusual_ids\",\"other\":[\"a\u200B\",\"\"],\"type\":\"user\"}");
  for (const auto* usual : {R"({"type":"user","to_id":"Ren\u00e9","message":"hi"})",
                            R"({"type":"user","to_id":7,"message":"hi"})",
                            R"({"type":"user","to_id":"a b","message":"hi"})"})
    CHECK(asked(usual).find("user_message") != std::string::npos);
  // No version has ever taken these.
  for (const auto* never : {R"({"type":"user","to_id":"\u0007","message":"hi"})",
                            R"({"type":"user","to_id":"","message":"hi"})"})
    CHECK(asked(never).find("fault") != std::string::npos);

  const auto taken = decodes
                         .decode(R"({"type":"user","to_id":"a\u200B","message":"hi"})",
                                 dialect::extended, as_written{.other = true})
                         .what;
  REQUIRE(std::holds_alternative<user_message>(taken));
  CHECK(std::get<user_message>(taken).to == "a\u200B");
}

} // namespace klatch
