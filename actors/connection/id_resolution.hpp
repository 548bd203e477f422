/// What a connection does with frames whose ids only stores of older versions have.
#pragma once

#include "actors/connection/identity.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/inbox_messages.hpp"
#include "messages/wire/command_table.hpp"
#include "messages/wire/commands.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace klatch::actors {

/// Asks the archive's reader which ids of a frame are stored as they are written, and has the frame
/// handled then. Nothing more is read from the client meanwhile, so there is one at most.
///
/// A part of the connection, without actors: `core` is what it does things with.
class id_resolution {
public:
  /// `text`: the frame.
  void resolve(auto&& core, const unusual_ids& found, const frame_key& key, std::string_view text) {
    const bool registers = is_registration(*found.row);
    const identity& me = core.me();
    as_written known;
    if (me)
      known = {found.project.written == me.project(), found.user.written == me.user(),
               found.other.written == me.user()};
    if (me && (known.other || !found.other.unusual()))
      return core.handle_again(text, known);
    core.pause_reading();
    pending_ = std::make_unique<const pending>(
        pending{std::string{text}, {std::string{key.cid}, std::string{key.ref}}, known, registers});
    if (registers)
      core.resolve_ids(found.project.unusual() ? project_id::parse(found.project.written)
                                               : std::nullopt,
                       project_id::parse(found.project.spelled),
                       found.user.unusual() ? user_id::parse(found.user.written) : std::nullopt);
    else
      core.resolve_ids(std::nullopt, me.project_as_id(), user_id::parse(found.other.written));
  }

  void on_resolved(auto&& core, const ids_resolved& answer) {
    const auto asked = std::exchange(pending_, nullptr);
    if (asked == nullptr || !core.takes_frames())
      return;
    auto known = asked->known;
    if (asked->registers)
      known = {.project = answer.project, .user = answer.user};
    else
      known.other = answer.user;
    // What the frame does may free this part: nothing of it is used afterwards.
    core.handle_again(asked->text, known);
    core.resume_reading();
  }

  /// The reader cannot say: the frame is refused.
  void give_up(auto&& core) {
    const auto asked = std::exchange(pending_, nullptr);
    if (asked == nullptr)
      return;
    core.refuse(error_code::unavailable, {}, asked->key.view());
    core.resume_reading();
  }

  bool unused() const noexcept { return pending_ == nullptr; }

private:
  struct pending {
    std::string text;
    owned_key key;
    as_written known; ///< without the reader
    bool registers;
  };

  std::unique_ptr<const pending> pending_;
};

} // namespace klatch::actors
