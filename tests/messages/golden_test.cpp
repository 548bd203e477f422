// The frames that tests/golden/ lists: the page's tests read the same files.
#include "messages/wire/decoder.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_pages.hpp"
#include "messages/wire/encode_session.hpp"
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
  if (kind == "plain usermsg") {
    const auto from = user_id::parse(text("from")).value(), to = user_id::parse(text("to")).value();
    return encode(message_content{.project = project_id::parse("p").value(),
                                  .from = from,
                                  .conversation = conversation_id::dialogue(from, to),
                                  .cid = {},
                                  .name = text("name"),
                                  .color = text("color"),
                                  .text = text("message")});
  }
  if (kind == "acknowledgement")
    return acknowledgement();
  if (kind == "notice") {
    const auto words = text("text");
    return encode_departure(words.substr(0, words.rfind(' ')), text("id"));
  }
  if (kind == "error")
    return encode_error(dialect::plain, {.code = code_named(text("code")),
                                         .text = text("text"),
                                         .guests = fields.value("guests", false)});
  if (kind == "not_connected")
    return encode_not_connected(dialect::plain, text("to"));
  REQUIRE(kind == "rate_limited");
  return encode_error(dialect::plain,
                      {.code = error_code::rate_limited,
                       .retry = std::chrono::milliseconds{fields.at("retry_ms").get<long>()}});
}

message_numbers numbers_of(const nlohmann::json& fields) {
  return {.mid = fields.at("mid"),
          .n = fields.at("n"),
          .from_seq = fields.value("seq", std::uint64_t{0}),
          .ts = fields.at("ts")};
}

usermsg usermsg_of(const nlohmann::json& fields) {
  const auto text = [&](const char* key) -> const std::string& {
    return fields.at(key).get_ref<const std::string&>();
  };
  return {text("name"), text("message"), text("color"), text("from"), text("to")};
}

frame encoded_history(const nlohmann::json& fields) {
  const auto with = fields.at("with").get<std::string>();
  history_query asked{user_id::parse(with).value(), std::nullopt, std::nullopt};
  if (fields.contains("before"))
    asked.before = fields.at("before").get<std::uint64_t>();
  if (fields.contains("after"))
    asked.after = fields.at("after").get<std::uint64_t>();
  history_writer out{asked, fields.value("ref", std::string{})};
  for (const auto& each : fields.at("messages"))
    out.add(usermsg_of(each), numbers_of(each));
  return out.finish(fields.at("more"));
}

frame encoded_conversations(const nlohmann::json& fields) {
  conversations_writer out{fields.value("ref", std::string{})};
  for (const auto& each : fields.at("conversations"))
    out.add(each.at("with").get<std::string>(),
            {each.at("peer").at("name").get_ref<const std::string&>(),
             each.at("peer").at("color").get_ref<const std::string&>()},
            usermsg_of(each.at("last")), numbers_of(each.at("last")),
            {each.at("unread"), each.at("read"), each.at("peer_read"), each.at("peer_delivered")});
  return out.finish(fields.at("more"));
}

frame encoded_welcome(const nlohmann::json& fields) {
  const auto id = fields.at("id").get<std::string>();
  const auto epoch = fields.at("epoch").get<std::string>();
  const auto project = fields.at("project").get<std::string>();
  const auto name = fields.at("name").get<std::string>();
  welcome what{id, epoch, fields.at("head"), fields.at("floor"), fields.at("recovered")};
  what.project = project;
  what.name = name;
  what.as = role_named(fields.value("role", "user")).value();
  what.insecure = fields.value("insecure", false);
  if (fields.contains("exp"))
    what.expires = fields.at("exp").get<std::int64_t>();
  const auto token = fields.value("token", std::string{});
  what.token = token;
  limits allowed;
  allowed.send_rate = fields.value("send_rate", allowed.send_rate);
  return encode(what, allowed, fields.value("ref", std::string{}));
}

/// Frames that only extended clients are sent.
frame encoded_extended(const std::string& kind, const nlohmann::json& fields) {
  const auto text = [&](const char* key) { return fields.value(key, std::string{}); };
  const owned_key key{text("cid"), text("ref")};
  if (kind == "welcome")
    return encoded_welcome(fields);
  if (kind == "stored usermsg")
    return encode(usermsg_of(fields), numbers_of(fields), fields.at("seq").get<std::uint64_t>());
  if (kind == "ack")
    return encode_ack(key.view(), numbers_of(fields));
  if (kind == "handed on")
    return encode_ack(key.view(), fields.at("ts").get<std::int64_t>());
  if (kind == "receipt")
    return encode_receipt(text("kind") == "read" ? receipt_kind::read : receipt_kind::delivered,
                          text("with"), fields.at("n"), text("by"));
  if (kind == "history")
    return encoded_history(fields);
  if (kind == "conversations")
    return encoded_conversations(fields);
  if (kind == "refreshed")
    return encode_refreshed(fields.at("exp"), key.ref, text("token"));
  if (kind == "expiring")
    return encode_expiring(std::chrono::milliseconds{fields.at("in_ms").get<long>()});
  if (kind == "reconnect")
    return encode_reconnect(fields.at("after_ms"));
  if (kind == "pong")
    return encode_pong(key.ref);
  if (kind == "error")
    return encode_error(dialect::extended, {.code = code_named(text("code")),
                                            .text = text("text"),
                                            .about = key.view(),
                                            .to = text("to"),
                                            .guests = fields.value("guests", false)});
  REQUIRE(kind == "rate_limited");
  return encode_error(dialect::extended,
                      {.code = error_code::rate_limited,
                       .about = key.view(),
                       .retry = std::chrono::milliseconds{fields.at("retry_ms").get<long>()}});
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

TEST_CASE("every golden frame of an extended client is decoded as its file says") {
  decoder decodes{limits{}};
  const auto cases = golden("extended_client_frames.json");
  REQUIRE(cases.size() > 30);
  for (const auto& each : cases) {
    INFO(each.at("name"));
    CHECK(as_json(decodes.decode(each.at("text").get<std::string>(), dialect::extended)) ==
          each.at("decodes"));
  }
}

TEST_CASE("every golden frame of the server for extended clients is encoded to the byte") {
  const auto cases = golden("extended_server_frames.json");
  REQUIRE(cases.size() > 10);
  for (const auto& each : cases) {
    INFO(each.at("name"));
    CHECK(encoded_extended(each.at("kind"), each.at("fields")).text() ==
          each.at("text").get<std::string>());
  }
}

} // namespace klatch
