#include "messages/wire/encode_message.hpp"

#include "messages/wire/frame_parts.hpp"

#include <string>
#include <utility>

namespace klatch {

namespace {

std::string open_ack(const frame_key& of) {
  std::string out = R"({"type":"ack")";
  append_key(out, of);
  return out;
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
  append_usermsg(out, message);
  out += '}';
  return frame{std::move(out), frame_type::usermsg, {}, is_guest_id(message.from)};
}

frame encode(const message_content& message) {
  const auto text = encode(view_of(message));
  return text.is_of_guest() ? with_guest_mark(text) : text;
}

frame with_guest_mark(const frame& guests) {
  constexpr std::string_view before_name = R"({"type":"usermsg","name":")";
  const std::string_view before{guests.text()};
  std::string text;
  text.reserve(before.size() + guest_mark.size());
  text += before.substr(0, before_name.size());
  text += guest_mark;
  text += before.substr(before_name.size());
  return frame{std::move(text), frame_type::usermsg};
}

frame encode(const usermsg& message, const message_numbers& numbers, std::uint64_t seq) {
  std::string out;
  append_usermsg(out, message);
  append_numbers(out, numbers, seq);
  return closed_frame(std::move(out), frame_type::usermsg);
}

frame encode(const stored_message& message, std::uint64_t seq) {
  return encode(view_of(message.content), message.numbers, seq);
}

frame encode_ack(const frame_key& of, const message_numbers& numbers) {
  auto out = open_ack(of);
  append_numbers(out, numbers, numbers.from_seq);
  return closed_frame(std::move(out), frame_type::ack);
}

frame encode_ack(const frame_key& of, std::int64_t ts) {
  auto out = open_ack(of);
  out += R"(,"ts":)";
  append_number(out, ts);
  return closed_frame(std::move(out), frame_type::ack);
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
  return closed_frame(std::move(out), frame_type::receipt);
}

} // namespace klatch
