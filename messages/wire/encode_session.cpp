#include "messages/wire/encode_session.hpp"

#include "messages/wire/frame_parts.hpp"

#include <string>
#include <utility>

namespace klatch {

namespace {

void append_token(std::string& out, std::string_view token) {
  if (token.empty())
    return;
  out += R"(,"token":)";
  append_json_string(out, token);
}

} // namespace

const frame& acknowledgement() {
  static const frame text{R"({"type":"system","message":"Initial message received"})",
                          frame_type::system};
  return text;
}

frame encode_departure(std::string_view label, std::string_view id) {
  auto out = open_system_frame(std::string{label}.append(" disconnected"));
  out += R"(,"id":)";
  append_json_string(out, id);
  return closed_frame(std::move(out), frame_type::system);
}

frame encode(const welcome& what, const limits& allowed, std::string_view ref) {
  std::string out = R"({"type":"welcome")";
  append_ref(out, ref);
  out += R"(,"v":2,"id":)";
  append_json_string(out, what.id);
  out += R"(,"project":)";
  append_json_string(out, what.project);
  out += R"(,"name":)";
  append_json_string(out, what.name);
  out += R"(,"role":)";
  append_json_string(out, name_of(what.as));
  if (what.expires)
    append_member(out, R"(,"exp":)", *what.expires);
  append_token(out, what.token);
  if (what.insecure)
    out += R"(,"insecure":true)";
  out += R"(,"epoch":)";
  append_json_string(out, what.epoch);
  append_member(out, R"(,"head":)", what.head);
  append_member(out, R"(,"floor":)", what.floor);
  out += what.recovered ? R"(,"recovered":true)" : R"(,"recovered":false)";
  out += R"(,"ping_s":)";
  append_number(out, what.ping_every.count());
  append_member(out, R"(,"limits":{"frame_bytes":)", allowed.frame_bytes);
  append_member(out, R"(,"message_bytes":)", allowed.message_bytes);
  append_member(out, R"(,"waiting_bytes":)", allowed.waiting_bytes);
  append_member(out, R"(,"send_rate":)", allowed.send_rate);
  append_member(out, R"(,"byte_rate":)", allowed.byte_rate);
  out += '}';
  return closed_frame(std::move(out), frame_type::welcome);
}

frame encode_refreshed(std::int64_t expires, std::string_view ref, std::string_view token) {
  std::string out = R"({"type":"refreshed")";
  append_ref(out, ref);
  append_member(out, R"(,"exp":)", expires);
  append_token(out, token);
  return closed_frame(std::move(out), frame_type::refreshed);
}

frame encode_expiring(std::chrono::milliseconds left) {
  std::string out = R"({"type":"expiring")";
  append_member(out, R"(,"in_ms":)", left.count());
  return closed_frame(std::move(out), frame_type::expiring);
}

frame encode_reconnect(std::uint64_t after_ms) {
  std::string out = R"({"type":"reconnect")";
  append_member(out, R"(,"after_ms":)", after_ms);
  return closed_frame(std::move(out), frame_type::reconnect);
}

frame encode_pong(std::string_view ref) {
  std::string out = R"({"type":"pong")";
  append_ref(out, ref);
  return closed_frame(std::move(out), frame_type::pong);
}

} // namespace klatch
