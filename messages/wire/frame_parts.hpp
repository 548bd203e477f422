/// Parts of frames that several encoders write.
#pragma once

#include "messages/frame.hpp"
#include "messages/stored_message.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/json_text.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klatch {

/// Returns the frame of an object that is whole but for its last brace; `type` and `error` as the
/// frame has them.
frame closed_frame(std::string text, frame_type type, std::optional<error_code> error = {});

/// Appends `opening` and the number, as `,"n":` and 3.
template<std::integral Integer>
void append_member(std::string& out, std::string_view opening, Integer number) {
  out += opening;
  append_number(out, number);
}

/// Appends an open `{"type":"usermsg",…`.
void append_usermsg(std::string& out, const usermsg& message);

/// Appends `,"mid":"9","n":3,"seq":12,"ts":…`; without `seq` if it is 0.
void append_numbers(std::string& out, const message_numbers& numbers, std::uint64_t seq = 0);

/// Appends `,"ref":…`, or nothing if it is empty.
void append_ref(std::string& out, std::string_view ref);

/// Appends `,"cid":…,"ref":…`, without those that are empty.
void append_key(std::string& out, const frame_key& key);

/// Returns an open `{"type":"system","message":TEXT`.
std::string open_system_frame(std::string_view text);

} // namespace klatch
