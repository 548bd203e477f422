#include "messages/wire/frame_parts.hpp"

#include <utility>

namespace klatch {

namespace {

constexpr std::string_view guest_role = R"(,"role":"guest")";

} // namespace

frame closed_frame(std::string text, frame_type type, std::optional<error_code> error) {
  text += '}';
  return frame{std::move(text), type, error};
}

void append_usermsg(std::string& out, const usermsg& message) {
  constexpr std::string_view keys =
      R"({"type":"usermsg","name":"","message":"","color":"","from":"","to":""})";
  constexpr std::size_t numbers = 100;
  out.reserve(out.size() + keys.size() + numbers + message.name.size() + message.message.size() +
              message.color.size() + message.from.size() + message.to.size());
  out += R"({"type":"usermsg","name":)";
  append_json_string(out, message.name);
  out += R"(,"message":)";
  append_json_string(out, message.message);
  out += R"(,"color":)";
  append_json_string(out, message.color);
  out += R"(,"from":)";
  append_json_string(out, message.from);
  out += R"(,"to":)";
  append_json_string(out, message.to);
  if (is_guest_id(message.from))
    out += guest_role;
}

void append_numbers(std::string& out, const message_numbers& numbers, std::uint64_t seq) {
  out += R"(,"mid":")";
  append_number(out, numbers.mid);
  out += R"(","n":)";
  append_number(out, numbers.n);
  if (seq != 0) {
    out += R"(,"seq":)";
    append_number(out, seq);
  }
  out += R"(,"ts":)";
  append_number(out, numbers.ts);
}

void append_ref(std::string& out, std::string_view ref) {
  if (ref.empty())
    return;
  out += R"(,"ref":)";
  append_json_string(out, ref);
}

void append_key(std::string& out, const frame_key& key) {
  if (!key.cid.empty()) {
    out += R"(,"cid":)";
    append_json_string(out, key.cid);
  }
  append_ref(out, key.ref);
}

std::string open_system_frame(std::string_view text) {
  std::string out = R"({"type":"system","message":)";
  append_json_string(out, text);
  return out;
}

} // namespace klatch
