// Any bytes are decoded without harm and alike on both paths; and what was encoded is decoded as
// what it was.
#include "messages/text/code_points.hpp"
#include "messages/text/spelling.hpp"
#include "messages/text/utf8.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/json_text.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/messages/two_paths.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace klatch::fuzz {

namespace {

using json = nlohmann::json;

// -- commands as a client writes them -------------------------------------------------------------

template<class Value>
void put(json& frame, const char* key, const std::optional<Value>& value) {
  if (value)
    frame[key] = *value;
}

json frame_for(const registration& what) {
  json frame{{"type", "system"},    {"name", what.name},
             {"color", what.color}, {"v", what.speaks == dialect::extended ? 2 : 1},
             {"token", what.token}, {"guest", what.guest}};
  if (what.user)
    frame["id"] = what.user->str();
  if (what.project)
    frame["projectId"] = what.project->str();
  if (what.resume)
    frame["resume"] = {{"epoch", what.resume->epoch}, {"since", what.resume->since}};
  return frame;
}

json frame_for(const user_message& what) {
  json frame{{"type", "user"}, {"to_id", what.to}, {"message", what.message}};
  put(frame, "name", what.name);
  put(frame, "color", what.color);
  put(frame, "id", what.id);
  put(frame, "projectId", what.project);
  return frame;
}

json frame_for(const refresh& what) { return {{"type", "refresh"}, {"token", what.token}}; }

json frame_for(const received& what) { return {{"type", "recv"}, {"seq", what.seq}}; }

json frame_for(const have_read& what) {
  return {{"type", "read"}, {"with", what.with}, {"n", what.n}};
}

json frame_for(const history_query& what) {
  json frame{{"type", "history"}, {"with", what.with.str()}, {"limit", what.limit}};
  put(frame, "before", what.before);
  put(frame, "after", what.after);
  return frame;
}

json frame_for(const conversations_query& what) {
  json frame{{"type", "conversations"}, {"limit", what.limit}};
  put(frame, "before", what.before);
  return frame;
}

json frame_for(const query& what) {
  return std::visit([](const auto& each) { return frame_for(each); }, what);
}

json frame_for(const ping& /*what*/) { return {{"type", "ping"}}; }

/// There is no frame for it.
json frame_for(const fault& /*what*/) { return nullptr; }
json frame_for(const unusual_ids& /*what*/) { return nullptr; }

// -- properties -----------------------------------------------------------------------------------

void check_decoding(decoder& decodes, std::string_view text, dialect speaks) {
  require(usually(decodes, text, speaks) == slowly(text, speaks), "both paths say the same");
  require(key_is_the_frames(text), "a key that is found is the frame's");
  const auto said = decodes.decode(text, speaks);
  const auto words = in_words(said);
  auto frame = std::visit([](const auto& each) { return frame_for(each); }, said.what);
  if (!said.key.cid.empty())
    frame["cid"] = said.key.cid;
  if (!said.key.ref.empty())
    frame["ref"] = said.key.ref;
  if (!std::holds_alternative<fault>(said.what) && !std::holds_alternative<unusual_ids>(said.what))
    require(usually(decodes, frame.dump(), speaks) == words, "decode(encode(command)) == command");
}

void check_message_from_client(decoder& decodes, const std::string& text) {
  std::string frame = R"({"type":"user","to_id":"5","message":)";
  append_json_string(frame, text);
  frame += '}';
  const auto said = decodes.decode(frame);
  const auto* message = std::get_if<user_message>(&said.what);
  require((message != nullptr) == has_visible_character(text), "a text that shows is taken");
  require(message == nullptr || message->message == text, "and to the letter");
}

void check_message_to_client(const std::string& text) {
  const auto sent = encode({.name = text, .message = text, .color = text, .from = text, .to = text},
                           {.mid = 9, .n = 3, .ts = 1763800000000}, 12);
  const json expected{{"type", "usermsg"}, {"name", text},       {"message", text}, {"color", text},
                      {"from", text},      {"to", text},         {"mid", "9"},      {"n", 3},
                      {"seq", 12},         {"ts", 1763800000000}};
  require(json::parse(sent.text()) == expected, "a client is told what was said");
}

/// What is spelled as ids and names are stays so, and shows.
void check_spelling(const std::string& text) {
  const auto check_one = [](const spelling& found, auto again) {
    const auto* spelled = std::get_if<std::string>(&found);
    if (spelled == nullptr)
      return;
    require(has_visible_character(*spelled), "an id or a name shows");
    const auto second = again(*spelled);
    require(std::get_if<std::string>(&second) != nullptr &&
                std::get<std::string>(second) == *spelled,
            "what is spelled well is left as it is");
  };
  check_one(spelling_of_id(text), spelling_of_id);
  check_one(spelling_of_name(text), spelling_of_name);
}

void check(std::string_view bytes) {
  static decoder decodes{limits{}};
  check_decoding(decodes, bytes, dialect::plain);
  check_decoding(decodes, bytes, dialect::extended);
  const std::string text{bytes};
  if (text.empty() || !is_valid_utf8(text))
    return;
  check_message_from_client(decodes, text);
  check_message_to_client(text);
  check_spelling(text);
}

} // namespace

} // namespace klatch::fuzz

// libFuzzer's name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  klatch::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
