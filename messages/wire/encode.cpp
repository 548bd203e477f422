#include "messages/wire/decoder.hpp"
#include "messages/wire/json_text.hpp"

#include <string>
#include <utility>

namespace klatch {

namespace {

frame closed(std::string text) {
  text += '}';
  return frame{std::move(text)};
}

/// An open `{"type":"usermsg",…`.
void append_open(std::string& out, const usermsg& message) {
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
}

/// `,"mid":"9","n":3,"seq":12,"ts":…`; without `seq` if it is 0.
void append(std::string& out, const message_numbers& numbers, std::uint64_t seq = 0) {
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

void append(std::string& out, const frame_key& key) {
  if (!key.cid.empty()) {
    out += R"(,"cid":)";
    append_json_string(out, key.cid);
  }
  append_ref(out, key.ref);
}

std::string open_ack(const frame_key& of) {
  std::string out = R"({"type":"ack")";
  append(out, of);
  return out;
}

/// An open `{"type":"system","message":TEXT`.
std::string open_system_frame(std::string_view text) {
  std::string out = R"({"type":"system","message":)";
  append_json_string(out, text);
  return out;
}

std::string open_error(dialect speaks, const error_report& report) {
  const auto& row = describe(report.code);
  const auto text = report.text.empty() ? row.text : report.text;
  if (speaks == dialect::plain) {
    auto out = open_system_frame(text);
    out += R"(,"error":)";
    append_json_string(out, row.name);
    return out;
  }
  std::string out = R"({"type":"error","code":)";
  append_json_string(out, row.name);
  out += R"(,"message":)";
  append_json_string(out, text);
  append(out, report.about);
  out += row.temporary ? R"(,"temporary":true)" : R"(,"temporary":false)";
  return out;
}

void append_member(std::string& out, std::string_view opening, std::uint64_t number) {
  out += opening;
  append_number(out, number);
}

} // namespace

usermsg view_of(const message_content& content) noexcept {
  return {.name = content.name,
          .message = content.text,
          .color = content.color,
          .from = content.from.str(),
          .to = content.to().str()};
}

frame encode(const usermsg& message) {
  std::string out;
  append_open(out, message);
  return closed(std::move(out));
}

frame encode(const message_content& message) { return encode(view_of(message)); }

frame encode(const usermsg& message, const message_numbers& numbers, std::uint64_t seq) {
  std::string out;
  append_open(out, message);
  append(out, numbers, seq);
  return closed(std::move(out));
}

frame encode(const stored_message& message, std::uint64_t seq) {
  return encode(view_of(message.content), message.numbers, seq);
}

const frame& acknowledgement() {
  static const frame text{R"({"type":"system","message":"Initial message received"})"};
  return text;
}

frame encode_departure(std::string_view label, std::string_view id) {
  auto out = open_system_frame(std::string{label}.append(" disconnected"));
  out += R"(,"id":)";
  append_json_string(out, id);
  return closed(std::move(out));
}

frame encode_error(dialect speaks, const error_report& report) {
  auto out = open_error(speaks, report);
  if (!report.to.empty()) {
    out += R"(,"to":)";
    append_json_string(out, report.to);
  }
  if (report.retry) {
    out += R"(,"retry_ms":)";
    append_number(out, report.retry->count());
  }
  return closed(std::move(out));
}

frame encode_not_connected(dialect speaks, std::string_view to, const frame_key& about) {
  const auto text = std::string{to} + " is not connected";
  return encode_error(speaks,
                      {.code = error_code::not_connected, .text = text, .about = about, .to = to});
}

// -- the extended dialect -------------------------------------------------------------------------

frame encode(const welcome& what, const limits& allowed, std::string_view ref) {
  std::string out = R"({"type":"welcome")";
  append_ref(out, ref);
  out += R"(,"v":2,"id":)";
  append_json_string(out, what.id);
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
  return closed(std::move(out));
}

frame encode_ack(const frame_key& of, const message_numbers& numbers) {
  auto out = open_ack(of);
  append(out, numbers, numbers.from_seq);
  return closed(std::move(out));
}

frame encode_ack(const frame_key& of, std::int64_t ts) {
  auto out = open_ack(of);
  out += R"(,"ts":)";
  append_number(out, ts);
  return closed(std::move(out));
}

frame encode_receipt(receipt_kind kind, std::string_view with, std::uint64_t n,
                     std::string_view by) {
  std::string out = R"({"type":"receipt","kind":)";
  out += kind == receipt_kind::read ? R"("read")" : R"("delivered")";
  out += R"(,"with":)";
  append_json_string(out, with);
  append_member(out, R"(,"n":)", n);
  out += R"(,"by":)";
  append_json_string(out, by);
  return closed(std::move(out));
}

frame encode_pong(std::string_view ref) {
  std::string out = R"({"type":"pong")";
  append_ref(out, ref);
  return closed(std::move(out));
}

history_writer::history_writer(const history_query& asked, std::string_view ref) {
  out_ = R"({"type":"history")";
  append_ref(out_, ref);
  out_ += R"(,"with":)";
  append_json_string(out_, asked.with);
  if (asked.before)
    append_member(out_, R"(,"before":)", *asked.before);
  if (asked.after)
    append_member(out_, R"(,"after":)", *asked.after);
  out_ += R"(,"messages":[)";
}

void history_writer::add(const stored_message& message) {
  add(view_of(message.content), message.numbers);
}

void history_writer::add(const usermsg& message, const message_numbers& numbers) {
  if (!std::exchange(first_, false))
    out_ += ',';
  append_open(out_, message);
  append(out_, numbers);
  out_ += '}';
}

frame history_writer::finish(bool more) {
  out_ += more ? R"(],"more":true)" : R"(],"more":false)";
  return closed(std::move(out_));
}

conversations_writer::conversations_writer(std::string_view ref) {
  out_ = R"({"type":"conversations")";
  append_ref(out_, ref);
  out_ += R"(,"conversations":[)";
}

void conversations_writer::add(std::string_view with, const peer_profile& peer,
                               const stored_message& last, const conversation_marks& marks) {
  add(with, peer, view_of(last.content), last.numbers, marks);
}

void conversations_writer::add(std::string_view with, const peer_profile& peer, const usermsg& last,
                               const message_numbers& numbers, const conversation_marks& marks) {
  if (!std::exchange(first_, false))
    out_ += ',';
  out_ += R"({"with":)";
  append_json_string(out_, with);
  out_ += R"(,"peer":{"name":)";
  append_json_string(out_, peer.name);
  out_ += R"(,"color":)";
  append_json_string(out_, peer.color);
  out_ += R"(},"last":)";
  append_open(out_, last);
  append(out_, numbers);
  append_member(out_, R"(},"unread":)", marks.unread);
  append_member(out_, R"(,"read":)", marks.read);
  append_member(out_, R"(,"peer_read":)", marks.peer_read);
  append_member(out_, R"(,"peer_delivered":)", marks.peer_delivered);
  out_ += '}';
}

frame conversations_writer::finish(bool more) {
  out_ += more ? R"(],"more":true)" : R"(],"more":false)";
  return closed(std::move(out_));
}

} // namespace klatch
