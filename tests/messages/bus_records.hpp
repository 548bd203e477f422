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
using bus_record = std::variant<std::monostate, stored_message, bus_hint, bus_push>;

inline bool operator==(const bus_push& one, const bus_push& other) {
  return one.user == other.user && one.text.text() == other.text.text() &&
         one.text.type() == other.text.type();
}

inline std::vector<bus_record> records_in(const bus_frame_view& frame) {
  std::vector<bus_record> found;
  for (const auto record : frame)
    std::visit(
        [&](const auto& view) {
          auto decoded = view.decode();
          found.push_back(decoded ? bus_record{std::move(*decoded)} : bus_record{});
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
