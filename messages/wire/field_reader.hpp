/// The rules that the protocol has for a frame's fields.
#pragma once

#include "messages/limits.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/raw_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace klatch {

/// Reads fields by their rules and keeps the first fault; what is read after it does not count.
class field_reader {
public:
  /// `made` and `known` as for `interpret`.
  field_reader(const raw_frame& source, const command_row& row, const limits& allowed,
               made_texts& made, const std::optional<as_written>& known)
      : source_(source), row_(row), allowed_(allowed), made_(made), known_(known) {}

  std::string_view required_id(field which);
  std::optional<std::string_view> optional_id(field which);
  std::string_view message();
  std::optional<std::string_view> name();
  std::optional<std::string_view> color();
  /// Keys chosen by the client: empty if there is none.
  std::string_view cid();
  std::string_view ref();
  std::uint64_t required_number(field which);
  std::optional<std::uint64_t> optional_number(field which);
  /// A number of up to 64 bits that may stand in a string, as a mid does.
  std::optional<std::uint64_t> optional_mid(field which);
  unsigned limit();
  dialect version();
  std::optional<resume_point> resume();
  /// A boolean; false if there is none.
  bool flag(field which);
  /// A token; empty if there is none.
  std::string_view token();
  std::string_view required_token();
  /// Returns what to say of the first of `id` and `projectId` that is not there; nothing if both
  /// are.
  std::optional<fault> missing_id() const;

  /// Returns why there is no command: the first fault, or ids whose meaning is not known; nothing
  /// if there is one.
  std::optional<command> refusal() const;

private:
  bool is_missing(field which) const noexcept;
  std::string_view present_id(field which);
  std::string_view spelled_id(field which, std::string_view written);
  bool taken_as_written(field which) const noexcept;
  written_id written(field which) const;
  std::uint64_t present_number(field which);
  std::string_view string(field which);
  std::string_view optional_key(field which);
  std::optional<std::string_view> optional_string(field which, std::size_t max_bytes);
  void check_size(field which, std::string_view text, std::size_t max_bytes);
  void fail(error_code code, field which, std::string_view what, std::string_view more = {});

  const raw_frame& source_;
  const command_row& row_;
  const limits& allowed_;
  made_texts& made_;
  const std::optional<as_written>& known_;
  bool has_unusual_ids_ = false;
  std::optional<field> other_; ///< the one that names another user, once it was read
  std::optional<fault> failure_;
};

} // namespace klatch
