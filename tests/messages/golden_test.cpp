// The frames that tests/golden/ lists: the page's tests read the same files.
#include "messages/codec.hpp"
#include "tests/catch.hpp"
#include "tests/messages/commands_as_json.hpp"

#include <fstream>
#include <string>

namespace klatch {

namespace {

nlohmann::json golden(const std::string& name) {
  std::ifstream file{std::string{KLATCH_GOLDEN_DIR} + "/" + name};
  REQUIRE(file.is_open());
  return nlohmann::json::parse(file);
}

error_code code_named(std::string_view name) {
  for (auto code = error_code::bad_json;;
       code = static_cast<error_code>(static_cast<int>(code) + 1))
    if (describe(code).name == name || code == error_code::unavailable)
      return code;
}

frame encoded(const std::string& kind, const nlohmann::json& fields) {
  const auto text = [&](const char* key) { return fields.value(key, std::string{}); };
  if (kind == "usermsg") {
    const auto name = text("name"), message = text("message"), color = text("color");
    const auto from = text("from"), to = text("to");
    return encode(usermsg{name, message, color, from, to});
  }
  if (kind == "acknowledgement")
    return acknowledgement();
  if (kind == "notice")
    return encode_notice(text("text"));
  if (kind == "error")
    return encode_error(code_named(text("code")), text("text"));
  if (kind == "not_connected")
    return encode_not_connected(text("to"));
  REQUIRE(kind == "rate_limited");
  return encode_rate_limited(std::chrono::milliseconds{fields.at("retry_ms").get<long>()});
}

} // namespace

TEST_CASE("every golden frame of a client is decoded as its file says") {
  decoder decodes{limits{}};
  const auto cases = golden("client_frames.json");
  REQUIRE(cases.size() > 100);
  for (const auto& each : cases) {
    INFO(each.at("name"));
    CHECK(as_json(decodes.decode(each.at("text").get<std::string>())) == each.at("decodes"));
  }
}

TEST_CASE("every golden frame of the server is encoded to the byte") {
  const auto cases = golden("server_frames.json");
  REQUIRE(cases.size() > 20);
  for (const auto& each : cases) {
    INFO(each.at("name"));
    CHECK(encoded(each.at("kind"), each.at("fields")).text() == each.at("text").get<std::string>());
  }
}

} // namespace klatch
