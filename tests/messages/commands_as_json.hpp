/// Commands in the words of tests/golden/client_frames.json, to compare and to print.
#pragma once

#include "messages/commands.hpp"

#include <nlohmann/json.hpp>

#include <string_view>
#include <variant>

namespace klatch {

inline std::string_view word_for(frame_type type) {
  switch (type) {
  case frame_type::none:
    return "none";
  case frame_type::system:
    return "system";
  case frame_type::user:
    return "user";
  case frame_type::unknown:
    return "unknown";
  }
  return "";
}

inline nlohmann::json as_json(const registration& what) {
  return {{"kind", "registration"},
          {"project", what.key.project.str()},
          {"user", what.key.user.str()},
          {"name", what.name},
          {"color", what.color}};
}

inline nlohmann::json as_json(const user_message& what) {
  nlohmann::json result{{"kind", "user_message"}, {"to", what.to}, {"message", what.message}};
  const auto add = [&](const char* key, const auto& value) {
    if (value)
      result[key] = *value;
  };
  add("name", what.name);
  add("color", what.color);
  add("id", what.id);
  add("project", what.project);
  return result;
}

/// Without the text for people.
inline nlohmann::json as_json(const fault& what) {
  return {{"kind", "fault"}, {"code", describe(what.code).name}, {"type", word_for(what.type)}};
}

inline nlohmann::json as_json(const command& what) {
  return std::visit([](const auto& each) { return as_json(each); }, what);
}

} // namespace klatch
