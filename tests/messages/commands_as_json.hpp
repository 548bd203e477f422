/// Commands in the words of tests/golden/client_frames.json, to compare and to print.
#pragma once

#include "messages/wire/command_table.hpp"

#include <nlohmann/json.hpp>

#include <string_view>
#include <variant>

namespace klatch {

/// The type of a frame that was not decoded: "none", "unknown", or as it stands in the frame.
inline std::string_view type_of(const fault& what) {
  if (what.row != nullptr)
    return what.row->type;
  return what.code == error_code::unknown_type ? "unknown" : "none";
}

/// What the extended dialect adds is there only where the frame has it.
inline nlohmann::json as_json(const fault& what);

/// Without a token an id that is missing is a fault; the name that a frame does not have is the id.
inline nlohmann::json as_json(const registration& what) {
  if (what.missing && what.token.empty() && !what.guest)
    return as_json(*what.missing);
  nlohmann::json result{{"kind", "registration"}, {"color", what.color}};
  if (what.project)
    result["project"] = what.project->str();
  if (what.user)
    result["user"] = what.user->str();
  result["name"] = what.name.empty() && what.user ? what.user->str() : what.name;
  if (!what.token.empty())
    result["token"] = what.token;
  if (what.guest)
    result["guest"] = true;
  if (what.speaks == dialect::extended)
    result["v"] = 2;
  if (what.resume)
    result["resume"] = {{"epoch", what.resume->epoch}, {"since", what.resume->since}};
  return result;
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
  if (!what.cid.empty())
    result["cid"] = what.cid;
  return result;
}

inline nlohmann::json as_json(const received& what) {
  return {{"kind", "received"}, {"seq", what.seq}};
}

inline nlohmann::json as_json(const have_read& what) {
  return {{"kind", "have_read"}, {"with", what.with}, {"n", what.n}};
}

inline nlohmann::json as_json(const history_query& what) {
  nlohmann::json result{{"kind", "history"}, {"with", what.with.str()}, {"limit", what.limit}};
  if (what.before)
    result["before"] = *what.before;
  if (what.after)
    result["after"] = *what.after;
  return result;
}

inline nlohmann::json as_json(const conversations_query& what) {
  nlohmann::json result{{"kind", "conversations"}, {"limit", what.limit}};
  if (what.before)
    result["before"] = *what.before;
  return result;
}

inline nlohmann::json as_json(const query& what) {
  return std::visit([](const auto& each) { return as_json(each); }, what);
}

inline nlohmann::json as_json(const ping& /*what*/) { return {{"kind", "ping"}}; }

inline nlohmann::json as_json(const refresh& what) {
  return {{"kind", "refresh"}, {"token", what.token}};
}

inline nlohmann::json as_json(const unusual_ids& what) {
  const auto add = [](nlohmann::json& to, const char* key, const written_id& id) {
    if (!id.written.empty())
      to[key] = {id.written, id.spelled};
  };
  nlohmann::json result{{"kind", "unusual_ids"}, {"type", what.row->type}};
  add(result, "project", what.project);
  add(result, "user", what.user);
  add(result, "other", what.other);
  return result;
}

/// Without the text for people.
inline nlohmann::json as_json(const fault& what) {
  return {{"kind", "fault"}, {"code", describe(what.code).name}, {"type", type_of(what)}};
}

inline nlohmann::json as_json(const command& what) {
  return std::visit([](const auto& each) { return as_json(each); }, what);
}

inline nlohmann::json as_json(const decoded_frame& frame) {
  auto result = as_json(frame.what);
  if (!frame.key.cid.empty())
    result["cid"] = frame.key.cid;
  if (!frame.key.ref.empty())
    result["ref"] = frame.key.ref;
  return result;
}

} // namespace klatch
