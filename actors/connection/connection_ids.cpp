// What a connection does with frames whose ids only stores of older versions have.
#include "actors/connection/connection.hpp"
#include "messages/wire/command_table.hpp"

#include <memory>
#include <string>
#include <utility>

namespace klatch::actors {

void connection::resolve(const unusual_ids& found, const frame_key& key, std::string_view text) {
  const bool registers = is_registration(*found.row);
  as_written known;
  if (me_)
    known = {found.project.written == me_.project(), found.user.written == me_.user(),
             found.other.written == me_.user()};
  if (me_ && (known.other || !found.other.unusual()))
    return take_again(text, known);
  resolve_ids asked{{}, {}, {}, self()};
  if (registers) {
    if (found.project.unusual())
      asked.written = project_id::parse(found.project.written);
    asked.spelled = project_id::parse(found.project.spelled);
    if (found.user.unusual())
      asked.user = user_id::parse(found.user.written);
  } else {
    asked.spelled = me_.project_as_id();
    asked.user = user_id::parse(found.other.written);
  }
  hold();
  rare().asked_for_ids = std::make_unique<const unresolved>(unresolved{
      std::string{text}, {std::string{key.cid}, std::string{key.ref}}, known, registers});
  ask_reader(read_failed::part::ids, std::move(asked));
}

void connection::take_again(std::string_view text, const as_written& known) {
  take(scope_.frames.decode(text, speaks(), known), text);
}

void connection::on(const ids_resolved& answered) {
  if (cold_ == nullptr || cold_->asked_for_ids == nullptr)
    return;
  const auto asked = std::exchange(cold_->asked_for_ids, nullptr);
  free_cold_state();
  if (stage_ == stage::leaving)
    return;
  auto known = asked->known;
  if (asked->registers)
    known = {.project = answered.project, .user = answered.user};
  else
    known.other = answered.user;
  take_again(asked->text, known);
  release();
}

void connection::give_up_ids() {
  if (cold_ == nullptr || cold_->asked_for_ids == nullptr)
    return;
  const auto asked = std::exchange(cold_->asked_for_ids, nullptr);
  free_cold_state();
  refuse(error_code::unavailable, {}, asked->key.view());
  release();
}

} // namespace klatch::actors
