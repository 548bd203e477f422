#include "messages/codec.hpp"
#include "messages/json_text.hpp"

#include <string>

namespace klatch {

namespace {

/// An open `{"type":"system","message":TEXT`.
std::string open_system_frame(std::string_view text) {
  std::string out = R"({"type":"system","message":)";
  append_json_string(out, text);
  return out;
}

std::string open_error_frame(error_code code, std::string_view text) {
  const auto& row = describe(code);
  auto out = open_system_frame(text.empty() ? row.text : text);
  out += R"(,"error":)";
  append_json_string(out, row.name);
  return out;
}

frame closed(std::string text) {
  text += '}';
  return frame{std::move(text)};
}

} // namespace

frame encode(const usermsg& message) {
  constexpr std::string_view keys =
      R"({"type":"usermsg","name":"","message":"","color":"","from":"","to":""})";
  std::string out;
  out.reserve(keys.size() + message.name.size() + message.message.size() + message.color.size() +
              message.from.size() + message.to.size());
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
  return closed(std::move(out));
}

const frame& acknowledgement() {
  static const frame text{R"({"type":"system","message":"Initial message received"})"};
  return text;
}

frame encode_notice(std::string_view text) { return closed(open_system_frame(text)); }

frame encode_error(error_code code, std::string_view text) {
  return closed(open_error_frame(code, text));
}

frame encode_not_connected(std::string_view to) {
  auto out = open_error_frame(error_code::not_connected, std::string{to} + " is not connected");
  out += R"(,"to":)";
  append_json_string(out, to);
  return closed(std::move(out));
}

frame encode_rate_limited(std::chrono::milliseconds retry) {
  auto out = open_error_frame(error_code::rate_limited, {});
  out += R"(,"retry_ms":)";
  out += std::to_string(retry.count());
  return closed(std::move(out));
}

} // namespace klatch
