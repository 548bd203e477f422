#include "messages/wire/encode_pages.hpp"

#include "messages/wire/frame_parts.hpp"

#include <utility>
#include <variant>

namespace klatch {

namespace {

frame empty_answer(const history_query& asked, std::string_view ref) {
  return history_writer{asked, ref}.finish(false);
}

frame empty_answer(const conversations_query& /*asked*/, std::string_view ref) {
  return conversations_writer{ref}.finish(false);
}

} // namespace

history_writer::history_writer(const history_query& asked, std::string_view ref) {
  out_ = R"({"type":"history")";
  append_ref(out_, ref);
  out_ += R"(,"with":)";
  append_json_string(out_, asked.with.str());
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
  append_usermsg(out_, message);
  append_numbers(out_, numbers);
  out_ += '}';
}

frame history_writer::finish(bool more) {
  out_ += more ? R"(],"more":true)" : R"(],"more":false)";
  return closed_frame(std::move(out_), frame_type::history);
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
  if (is_guest_id(with))
    out_ += R"(,"role":"guest")";
  out_ += R"(},"last":)";
  append_usermsg(out_, last);
  append_numbers(out_, numbers);
  append_member(out_, R"(},"unread":)", marks.unread);
  append_member(out_, R"(,"read":)", marks.read);
  append_member(out_, R"(,"peer_read":)", marks.peer_read);
  append_member(out_, R"(,"peer_delivered":)", marks.peer_delivered);
  out_ += '}';
}

frame conversations_writer::finish(bool more) {
  out_ += more ? R"(],"more":true)" : R"(],"more":false)";
  return closed_frame(std::move(out_), frame_type::conversations);
}

frame encode_empty_answer(const query& asked, std::string_view ref) {
  return std::visit([&](const auto& each) { return empty_answer(each, ref); }, asked);
}

} // namespace klatch
