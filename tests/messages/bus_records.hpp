/// Records of the bus's frames, as tests write and compare them.
#pragma once

#include "messages/bus/bus_frame.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace klatch {

inline user_key bus_user(std::string_view project, std::string_view user) {
  return {project_id::parse(project).value(), user_id::parse(user).value()};
}

inline stored_message bus_message(std::string text, std::string_view from = "anna",
                                  std::string_view to = "boris") {
  const auto sender = user_id::parse(from).value();
  return {{.project = project_id::parse("shop").value(),
           .from = sender,
           .conversation = conversation_id::dialogue(sender, user_id::parse(to).value()),
           .cid = "c-1",
           .name = "Anna",
           .color = "#F00",
           .text = std::move(text)},
          {.mid = 4711, .n = 3, .from_seq = 128, .to_seq = 7, .ts = 1763800000000}};
}

/// What a frame says of a record that could be decoded; nothing of one that could not.
using bus_record =
    std::variant<std::monostate, stored_message, bus_hint, bus_push, bus_question, bus_answer,
                 bus_notice, bus_presence, bus_delivery, bus_introduction>;

inline bus_record as_bus_record(stored_message record) { return record; }
inline bus_record as_bus_record(bus_hint record) { return record; }
inline bus_record as_bus_record(bus_push record) { return record; }
inline bus_record as_bus_record(node_record record) {
  return std::visit([](auto& each) { return bus_record{std::move(each)}; }, record);
}

inline bool is_same(const frame& one, const frame& other) {
  return one.text() == other.text() && one.type() == other.type() &&
         one.is_of_guest() == other.is_of_guest();
}
inline bool operator==(const bus_push& one, const bus_push& other) {
  return one.user == other.user && is_same(one.text, other.text);
}
inline bool operator==(const bus_notice& one, const bus_notice& other) {
  return one.user == other.user && is_same(one.text, other.text);
}
inline bool operator==(const bus_delivery& one, const bus_delivery& other) {
  return one.user == other.user && is_same(one.text, other.text);
}

/// One of each kind of `node_record`.
inline std::vector<bus_record> node_records() {
  const auto anna = bus_user("shop", "anna");
  const auto guest = bus_user("shop", "g-4Zt0aBcDeFgHiJkLmNoPqR");
  return {bus_question{anna, 300, question_reason::departure},
          bus_answer{anna, 0x0102030405060708, 300, true, 12},
          bus_notice{anna, frame{R"({"type":"system"})", frame_type::system}},
          bus_presence{anna, presence::here},
          bus_delivery{
              anna, frame{R"({"type":"usermsg","role":"guest"})", frame_type::usermsg, {}, true}},
          bus_introduction{guest, anna.user}};
}

inline std::vector<bus_record> records_in(const bus_frame_view& frame) {
  std::vector<bus_record> found;
  for (const auto record : frame)
    std::visit(
        [&](const auto& view) {
          auto decoded = view.decode();
          found.push_back(decoded ? as_bus_record(std::move(*decoded)) : bus_record{});
        },
        record);
  return found;
}

/// Adds a record to a frame; the one of which nothing is known is not added.
inline bool add_to(bus_frame_writer& writer, const bus_record& record) {
  return std::visit(
      [&]<class Record>(const Record& each) {
        if constexpr (std::is_same_v<Record, std::monostate>)
          return false;
        else
          return writer.add(each);
      },
      record);
}

} // namespace klatch
