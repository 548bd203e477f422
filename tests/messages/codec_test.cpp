// What the golden files cannot hold well: sizes, depths, bytes that are no text, and how long views
// last.
#include "messages/wire/decoder.hpp"
#include "tests/catch.hpp"
#include "tests/messages/commands_as_json.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace klatch {

namespace {

using namespace std::string_literals;

std::string repeated(std::size_t times, std::string_view part) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i)
    result += part;
  return result;
}

/// The user message "hi" to 5, with `more` at the end of the object.
std::string message_with(const std::string& more) {
  return R"({"type":"user","to_id":5,"message":"hi",)" + more + "}";
}

std::string message_of(const std::string& text) {
  return R"({"type":"user","to_id":5,"message":")" + text + "\"}";
}

std::string registration_with(const std::string& more) {
  return R"({"type":"system","id":7,"projectId":2424,)" + more + "}";
}

fault fault_of(const std::string& text, const limits& allowed = {}) {
  decoder decodes{allowed};
  auto result = decodes.decode(text).what;
  REQUIRE(std::holds_alternative<fault>(result));
  return std::get<fault>(result);
}

/// "bad_frame user": the code and the type of what is wrong with `text`.
std::string verdict(const std::string& text, const limits& allowed = {}) {
  const auto found = fault_of(text, allowed);
  CHECK_FALSE(found.text.empty());
  return std::string{describe(found.code).name}.append(" ").append(type_of(found));
}

bool is_plain_hi(const std::string& text) {
  decoder decodes{limits{}};
  return as_json(decodes.decode(text).what) ==
         nlohmann::json{{"kind", "user_message"}, {"to", "5"}, {"message", "hi"}};
}

} // namespace

TEST_CASE("nesting of 50,000 levels costs neither the stack nor the frame around it") {
  constexpr std::size_t deep = 50000;
  const auto arrays = repeated(deep, "[") + repeated(deep, "]");
  const auto objects = repeated(deep, R"({"type":)") + "1" + repeated(deep, "}");
  CHECK(verdict(arrays) == "bad_frame none");
  CHECK(verdict(objects) == "bad_frame none");
  CHECK(verdict(repeated(deep, "[")) == "bad_json none");
  CHECK(verdict(repeated(deep, R"({"type":)")) == "bad_json none");
  CHECK(is_plain_hi(message_with("\"x\":" + arrays)));
  CHECK(is_plain_hi(message_with("\"x\":" + objects)));
  CHECK(verdict(message_with("\"to_id\":" + arrays)) == "bad_frame user");
  CHECK(verdict(message_with("\"x\":" + repeated(deep, "["))) == "bad_json none");
}

TEST_CASE("numbers of any size are ignored in unknown fields and refused as ids") {
  const std::vector<std::string> numbers{"18446744073709551616",
                                         "-9223372036854775809",
                                         "1e400",
                                         "-1E+400",
                                         "1e-400",
                                         "0.5e00000000000000000000000000000000009",
                                         repeated(1000, "9"),
                                         "-" + repeated(1000, "9"),
                                         "0." + repeated(1000, "3"),
                                         repeated(400, "7") + ".25E99999"};
  for (const auto& number : numbers) {
    INFO(number);
    CHECK(is_plain_hi(message_with("\"x\":" + number)));
    const auto nested = std::string{"\"x\":[{\"a\":"}.append(number).append("},").append(number);
    CHECK(is_plain_hi(message_with(nested + "]")));
    CHECK(verdict(message_with("\"to_id\":" + number)) == "bad_frame user");
    CHECK(verdict(registration_with("\"id\":" + number)) == "bad_frame system");
    CHECK(verdict(registration_with("\"projectId\":" + number)) == "bad_frame system");
    CHECK(verdict(number) == "bad_frame none");
    CHECK(verdict(message_with("\"x\":0" + number)) == "bad_json none");
    CHECK(verdict(message_with("\"x\":" + number + "e")) == "bad_json none");
  }
}

TEST_CASE("numbers within strings stay whole beside one that no double holds") {
  const auto text = R"(1e400 \" )" + repeated(100, "8") + R"( \\)";
  decoder decodes{limits{}};
  const auto result = decodes.decode(message_of(text + R"(","x":1e400,"name":"1e999)")).what;
  REQUIRE(std::holds_alternative<user_message>(result));
  CHECK(std::get<user_message>(result).message == "1e400 \" " + repeated(100, "8") + " \\");
  CHECK(std::get<user_message>(result).name == "1e999");
}

TEST_CASE("integers of 64 bits are ids, by their digits") {
  const std::vector<std::string> integers{
      "0", "-1", std::to_string(std::numeric_limits<std::int64_t>::min()),
      std::to_string(std::numeric_limits<std::int64_t>::max()),
      std::to_string(std::numeric_limits<std::uint64_t>::max())};
  // The huge integer makes the slow path take the second of each pair.
  for (const auto& integer : integers)
    for (const std::string more : {"", R"(,"x":18446744073709551616)"}) {
      INFO(integer << more);
      decoder decodes{limits{}};
      const auto fields = std::string{"\"to_id\":"}
                              .append(integer)
                              .append(",\"id\":")
                              .append(integer)
                              .append(",\"projectId\":")
                              .append(integer)
                              .append(more);
      CHECK(as_json(decodes.decode(message_with(fields)).what) ==
            nlohmann::json{{"kind", "user_message"},
                           {"to", integer},
                           {"message", "hi"},
                           {"id", integer},
                           {"project", integer}});
    }
  decoder decodes{limits{}};
  CHECK(std::get<user_message>(decodes.decode(message_with(R"("to_id":-0)")).what).to == "0");
}

TEST_CASE("a message may have as many bytes as the limit says, after unescaping") {
  const limits usual;
  REQUIRE(usual.message_bytes == 65536);
  decoder decodes{usual};
  const auto taken = [&](const std::string& text) {
    const auto result = decodes.decode(message_of(text)).what;
    return std::holds_alternative<user_message>(result)
               ? std::get<user_message>(result).message.size()
               : 0;
  };
  CHECK(taken(repeated(65536, "x")) == 65536);
  CHECK(taken("x" + repeated(65535, "\\n")) == 65536);
  CHECK(taken(repeated(16384, "\\ud83d\\ude00")) == 65536);
  CHECK(taken(repeated(16384, "\xF0\x9F\x98\x80")) == 65536);
  CHECK(verdict(message_of(repeated(65537, "x"))) == "too_large user");
  CHECK(verdict(message_of(repeated(65537, "\\n"))) == "too_large user");
  CHECK(verdict(message_of(repeated(32769, "\xC3\xA9"))) == "too_large user");
  CHECK(taken("hi") == 2);
}

TEST_CASE("other limits than the usual ones count too") {
  limits small;
  small.message_bytes = 3;
  small.name_bytes = 2;
  small.color_bytes = 4;
  decoder decodes{small};
  CHECK(std::holds_alternative<user_message>(
      decodes.decode(R"({"type":"user","to_id":5,"message":"abc","name":"mk","color":"#F00"})")
          .what));
  CHECK(verdict(message_of("abcd"), small) == "too_large user");
  CHECK(verdict(message_with(R"("name":"mks")"), small) == "too_large user");
  CHECK(verdict(message_with(R"("color":"#F000")"), small) == "too_large user");
  CHECK(verdict(registration_with(R"("name":"mks")"), small) == "too_large system");
  CHECK(fault_of(message_of("abcd"), small).text == "message is longer than 3 bytes of UTF-8");
}

TEST_CASE("a name's limit is in bytes, not characters") {
  decoder decodes{limits{}};
  CHECK(std::holds_alternative<registration>(
      decodes.decode(registration_with("\"name\":\"" + repeated(64, "\xC3\xA9") + "\"")).what));
  CHECK(verdict(registration_with("\"name\":\"" + repeated(65, "\xC3\xA9") + "\"")) ==
        "too_large system");
}

TEST_CASE("bytes that are not UTF-8 are not JSON and do no harm") {
  for (const auto& bytes :
       {"\xFF"s, "\x80"s, "\xC2"s, "\xC0\x80"s, "\xE2\x82"s, "\xED\xA0\x80"s, "\xED\xB0\x80"s,
        "\xF4\x90\x80\x80"s, "\xF0\x9F\x98"s, "\xF8\x88\x80\x80\x80"s}) {
    CHECK(verdict(message_of(bytes)) == "bad_json none");
    CHECK(verdict(message_with("\"" + bytes + "\":1")) == "bad_json none");
    CHECK(verdict(bytes) == "bad_json none");
    CHECK(verdict(message_of("hi") + bytes) == "bad_json none");
  }
}

TEST_CASE("a NUL byte is refused wherever it stands") {
  const auto text = message_of("hi");
  for (std::size_t at = 0; at <= text.size(); ++at) {
    auto broken = text;
    broken.insert(at, 1, '\0');
    INFO(at);
    CHECK(verdict(broken) == "bad_json none");
  }
}

TEST_CASE("every beginning of a frame is refused") {
  const auto text = message_with(R"("name":"\ud83d\ude00","x":[1.5e3,true,null,{}])");
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK(verdict(text.substr(0, size)) == "bad_json none");
}

TEST_CASE("the text of a fault names the field and the rule") {
  const std::string id_rule = "has to be a string of 1 to 64 bytes, or an integer";
  CHECK(fault_of(registration_with("\"id\":1.5")).text == "id " + id_rule);
  CHECK(fault_of(registration_with("\"projectId\":true")).text == "projectId " + id_rule);
  CHECK(fault_of(R"({"type":"user","message":"hi"})").text == "to_id is missing: it " + id_rule);
  CHECK(fault_of(message_with("\"id\":[]")).text == "id " + id_rule);
  CHECK(fault_of(message_of("")).text == "message is empty");
  CHECK(fault_of(R"({"type":"user","to_id":5})").text ==
        "message is missing: it has to be a string");
  CHECK(fault_of(message_with("\"message\":null")).text == "message has to be a string");
  CHECK(fault_of(message_with("\"name\":7")).text == "name has to be a string");
  CHECK(fault_of(message_with("\"color\":\";\"")).text.starts_with("color has to be made of"));
  CHECK(fault_of("[]").text == "a frame has to be a JSON object");
  CHECK(fault_of("{}").text == "type is missing: it has to be a string");
  CHECK(fault_of(R"({"type":"dance"})").text == R"(type has to be "system" or "user")");
  CHECK(fault_of("{\"type\":x}").text == "this is not valid JSON: see byte 9");
}

TEST_CASE("views outlive the text that they were decoded from") {
  decoder decodes{limits{}};
  // An integer beyond 64 bits makes the slow path take the second.
  for (const std::string more : {R"("id":7)", R"("id":7,"x":18446744073709551616)"}) {
    auto text = message_with(R"("name":"mks","color":"#F00","projectId":2424,)" + more);
    const auto result = decodes.decode(text).what;
    text.assign(text.size(), '!');
    CHECK(as_json(result) == nlohmann::json{{"kind", "user_message"},
                                            {"to", "5"},
                                            {"message", "hi"},
                                            {"name", "mks"},
                                            {"color", "#F00"},
                                            {"id", "7"},
                                            {"project", "2424"}});
  }
}

TEST_CASE("a decoder may be moved, and takes frames of all sizes in turn") {
  decoder first{limits{}};
  REQUIRE(std::holds_alternative<user_message>(first.decode(message_of("hi")).what));
  auto second = std::move(first);
  for (const std::size_t size : {60000UL, 1UL, 100UL, 20000UL, 20001UL, 3UL, 65536UL, 2UL}) {
    const auto text = repeated(size, "y");
    const auto result = second.decode(message_of(text)).what;
    REQUIRE(std::holds_alternative<user_message>(result));
    CHECK(std::get<user_message>(result).message == text);
  }
}

TEST_CASE("every text that is allowed fits into a frame, with all fields as long as they may be") {
  const limits allowed;
  const auto escaped = [](std::size_t bytes) { return repeated(bytes, "\\u0041"); };
  const auto id = escaped(max_id_bytes);
  const auto frame = R"({"type":"user","to_id":")" + id + R"(","id":")" + id +
                     R"(","projectId":")" + id + R"(","cid":")" + escaped(max_key_bytes) +
                     R"(","ref":")" + escaped(max_key_bytes) + R"(","name":")" +
                     escaped(allowed.name_bytes) + R"(","color":")" + escaped(allowed.color_bytes) +
                     R"(","message":")" + escaped(allowed.message_bytes) + "\"}";
  CHECK(frame.size() <= allowed.frame_bytes);
  decoder decodes{allowed};
  const auto said = decodes.decode(frame, dialect::extended).what;
  REQUIRE(std::holds_alternative<user_message>(said));
  CHECK(std::get<user_message>(said).message == std::string(allowed.message_bytes, 'A'));
}

TEST_CASE("a frame that is not JSON is known by its cid, where that can be read") {
  struct row {
    const char* text;
    const char* cid;
  };
  const auto rows = {
      row{R"({"type":"user","to_id":"5","message":"\ud800","cid":"c1"})", "c1"},
      row{R"({"cid":"c1","type":"user","to_id":"5","message":"\ud83d and more)", "c1"},
      row{R"({"type":"user","message":"\x41","cid":"c1"})", "c1"},
      row{R"({"type":"user","message":"\u12g4\"","cid" : "c1" })", "c1"},
      row{R"({"type":"user","n":01,"cid":"c1"})", "c1"},
      row{R"({"type":"user","n":+1e,"cid":"c1"})", "c1"},
      row{R"({"type":"user","deep":[[[{"cid":"no"}]]],"cid":"c1",})", "c1"},
      row{R"({"type":"user",'a':1,"c\u0069d":"\u0063\ud83d\ude00"})", "c\xF0\x9F\x98\x80"},
      row{R"({"cid":"old","cid":"c1",)", "c1"},
      row{R"({"cid":"old","cid":7,)", ""},
      row{"\xEF\xBB\xBF{\"cid\":\"c1\"}", "c1"},
      row{"{\"message\":\"a\tb\",\"cid\":\"c1\"}", "c1"},
      row{R"({"message":"hi","cid":"\ud800"})", ""},
      row{R"({"message":"hi","cid":"c1)", ""},
      row{R"({"message":"hi\","cid":"c1"})", ""},
      row{R"("cid":"c1"})", ""},
      row{R"([{"cid":"c1"},])", ""},
      row{R"({"cid")", ""},
      row{R"({"cid":)", ""},
      row{R"({"cid":"\)", ""},
      row{"", ""},
  };
  decoder decodes{limits{}};
  for (const auto& each : rows) {
    INFO(each.text);
    const auto extended = decodes.decode(each.text, dialect::extended);
    REQUIRE(std::holds_alternative<fault>(extended.what));
    CHECK(std::get<fault>(extended.what).code == error_code::bad_json);
    CHECK(extended.key.cid == each.cid);
    CHECK(extended.key.ref.empty());
    const auto plain = decodes.decode(each.text, dialect::plain);
    REQUIRE(std::holds_alternative<fault>(plain.what));
    CHECK(plain.key.cid.empty());
  }
}

TEST_CASE("a frame without a type that counts is known by its cid") {
  decoder frames{limits{}};
  for (const auto* text : {R"({"cid":"c1"})", R"({"type":7,"cid":"c1"})"}) {
    CAPTURE(text);
    const auto said = frames.decode(text, dialect::extended);
    CHECK(std::get<fault>(said.what).code == error_code::bad_frame);
    CHECK(said.key.cid == "c1");
    const auto plain = frames.decode(text, dialect::plain);
    CHECK(plain.key.cid.empty());
  }
}

TEST_CASE("a frame that is deep or has a number of any size is known by its cid") {
  decoder decodes{limits{}};
  const auto deep = repeated(50'000, "[") + repeated(50'000, "]");
  for (const auto& value : {deep, "1e999"s, "-" + std::string(400, '9'), "18446744073709551616"s}) {
    const auto said = decodes.decode(
        R"({"type":"user","to_id":)" + value + R"(,"message":"hi","cid":"c1"})", dialect::extended);
    REQUIRE(std::holds_alternative<fault>(said.what));
    CHECK(std::get<fault>(said.what).code == error_code::bad_frame);
    CHECK(said.key.cid == "c1");
  }
}

TEST_CASE("a frame's ref is found as its cid is, in JSON and in what is none") {
  decoder decodes{limits{}};
  for (const auto* text :
       {R"({"type":"history","with":"5","ref":"r1"})", R"({"type":"ping","r\u0065f":"r1"})",
        R"({"type":"recv","seq":"x","ref":"r1"})", R"({"type":"dance","ref":"r1"})",
        R"({"ref":"r1"})", R"({"type":"ping","ref":"r0","ref":"r1")", R"({"ref":"r1","n":01})",
        R"({"type":"user","to_id":18446744073709551616,"ref":"r1"})"}) {
    INFO(text);
    CHECK(decodes.decode(text, dialect::extended).key.ref == "r1");
    CHECK(decodes.decode(text, dialect::extended).key.cid.empty());
    CHECK(decodes.decode(text, dialect::plain).key.ref.empty());
  }
}

TEST_CASE(
    "a registration that chooses the extended dialect may have a ref, a plain one ignores it") {
  decoder decodes{limits{}};
  CHECK(decodes.decode(registration_with(R"("v":2,"ref":"r1")")).key.ref == "r1");
  CHECK(verdict(registration_with(R"("v":2,"ref":7)")) == "bad_frame system");
  const auto plain = decodes.decode(registration_with(R"("ref":7)"));
  CHECK(std::holds_alternative<registration>(plain.what));
  CHECK(plain.key.ref.empty());
  CHECK(decodes.decode(registration_with(R"("ref":"r1")"), dialect::extended).key.ref == "r1");
}

TEST_CASE("a ref that breaks its rule is refused whatever the type, and names no frame") {
  decoder decodes{limits{}};
  const std::string longest(max_key_bytes, 'r');
  for (const std::string frame :
       {R"("type":"user","to_id":5,"message":"hi")", R"("type":"recv","seq":1)",
        R"("type":"read","with":5,"n":1)", R"("type":"history","with":5)",
        R"("type":"conversations")", R"("type":"ping")",
        R"("type":"system","id":7,"projectId":2424)"}) {
    INFO(frame);
    const auto with_ref = [&](const std::string& value) {
      return decodes.decode("{" + frame + R"(,"ref":)" + value + "}", dialect::extended);
    };
    CHECK(with_ref('"' + longest + '"').key.ref == longest);
    CHECK_FALSE(std::holds_alternative<fault>(with_ref("null").what));
    CHECK_FALSE(std::holds_alternative<fault>(with_ref("\"\"").what));
    for (const auto& [value, code] :
         {std::pair{"7"s, error_code::bad_frame}, std::pair{"{}"s, error_code::bad_frame},
          std::pair{'"' + longest + "r\"", error_code::too_large}}) {
      const auto said = with_ref(value);
      REQUIRE(std::holds_alternative<fault>(said.what));
      CHECK(std::get<fault>(said.what).code == code);
      CHECK(std::get<fault>(said.what).text.starts_with("ref "));
      CHECK(said.key.ref.empty());
    }
  }
}

} // namespace klatch
