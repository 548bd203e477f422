#include "actors/connection/connection.hpp"

#include "messages/wire/command_table.hpp"
#include "messages/wire/encode_error.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace klatch::actors {

connection::connection(caf::actor_config& cfg, caf::execution_unit& home,
                       const connection_scope& scope, std::shared_ptr<transport> client,
                       directory_table_ptr directory)
    : lean(cfg, home), scope_(scope), client_(std::move(client)), directory_(std::move(directory)) {
}

connection_actor connection::self() { return connection_actor{this}; }

connection::cold_state& connection::rare() {
  if (cold_ == nullptr)
    cold_ = std::make_unique<cold_state>();
  return *cold_;
}

void connection::free_cold_state() {
  if (cold_ != nullptr && cold_->resume == nullptr && cold_->siblings.empty() &&
      !cold_->looked_up && cold_->asked_for_ids == nullptr && cold_->registers == nullptr &&
      cold_->queries == nullptr && cold_->refusals.unused())
    cold_.reset();
}

void connection::on_start() { send(scope_.supervisor, watch{self(), directory_->version}); }

// -- from the transport ---------------------------------------------------------------------------

void connection::on_text(std::string_view text) {
  if (stage_ == stage::leaving || client_ == nullptr)
    return;
  try {
    const auto now = clock().now();
    if (const auto wait = take_frame(text.size(), now); wait != rate::clock::duration::zero())
      return refuse_undecoded(wait, text, now);
    const auto said = decode(text, now);
    if (said && within_send_rate(*said, text.size(), now))
      take(*said, text);
  } catch (const std::exception& error) { // Not while a message is handled: nobody else sees it.
    spdlog::error("{}: closed with 1011, a frame of {} bytes could not be handled: {}",
                  client_->peer(), text.size(), error.what());
    close(close_code::internal_error);
  }
}

void connection::take(const decoded_frame& said, std::string_view text) {
  if (!me_ && !may_come_unregistered(said.what))
    return refuse(error_code::not_registered);
  std::visit(
      [&](const auto& each) {
        if constexpr (std::is_same_v<decltype(each), const unusual_ids&>)
          resolve(each, said.key, text);
        else
          handle(each, said.key);
      },
      said.what);
}

void connection::on_registration_due() {
  const bool asks_for_ids = cold_ != nullptr && cold_->asked_for_ids != nullptr;
  if (stage_ == stage::waiting && !asks_for_ids)
    refuse(error_code::not_registered, "no registration came within the time allowed");
}

void connection::on_closing() {
  input_closed_ = true;
  frames_ = {}; // What comes until the end has a bound of its own.
  anon_send(this, transport_closing{});
}

void connection::on_closed() { anon_send(this, transport_closed{}); }

// -- registration ---------------------------------------------------------------------------------

void connection::handle(const registration& asked, const frame_key& key) {
  if (me_ && !me_.is(asked.key))
    return refuse(error_code::forbidden, "This connection is registered with another id or project",
                  key);
  if (!me_) {
    sends_ = {};            // What came before is not held against who has registered.
    speaks_ = asked.speaks; // A connection goes on in the dialect that it has begun in.
    if (asked.resume)
      rare().resume = std::make_unique<const resume_point>(*asked.resume);
  }
  me_ = identity{asked};
  if (!key.ref.empty())
    rare().registers = std::make_unique<const owned_key>(owned_key{{}, std::string{key.ref}});
  hold();
  stage_ = stage::registering;
  register_at_directory();
}

void connection::register_at_directory() {
  in_directory_ = true;
  auto key = me_.key();
  const auto& shard = directory_->shard_of(key);
  send(shard, register_device{std::move(key), std::string{me_.name()}, client_->peer(), self()});
}

void connection::on(registered& answered) {
  if (stage_ == stage::leaving)
    return;
  if (answered.siblings)
    set_siblings(*std::move(answered.siblings));
  // Registered at the directory first, and only then is it seen where the inbox stands: what is
  // stored in between arrives live.
  if (scope_.archive) {
    keep_profile();
    return open_inbox();
  }
  if (stage_ != stage::registered)
    confirm_registration({.id = me_.user()});
}

void connection::on(const device_refused& /*now*/) {
  refuse(error_code::too_many_devices, {}, registration_key().view());
}

void connection::confirm_registration(const welcome& as_extended) {
  stage_ = stage::registered;
  const auto key = registration_key();
  if (speaks() == dialect::extended)
    client_->send(encode(as_extended, scope_.allowed, key.ref));
  else
    client_->send(acknowledgement());
  release();
}

owned_key connection::registration_key() {
  const auto key = cold_ == nullptr ? nullptr : std::exchange(cold_->registers, nullptr);
  free_cold_state();
  return key == nullptr ? owned_key{} : *key;
}

void connection::hold() {
  if (pause_count_++ == 0)
    client_->pause();
}

void connection::release() {
  if (--pause_count_ == 0)
    client_->resume();
}

// -- messages of this client ----------------------------------------------------------------------

void connection::handle(const user_message& asked, const frame_key& key) {
  if (asked.id && *asked.id != me_.user())
    return refuse(error_code::forbidden,
                  "id is not the one that this connection is registered with", key);
  if (asked.project && *asked.project != me_.project())
    return refuse(error_code::forbidden,
                  "projectId is not the one that this connection is registered with", key);
  if (scope_.archive)
    store(asked, key);
  else
    route_message(asked, key);
}

std::string_view connection::name_for(const user_message& asked) const {
  return asked.name && speaks() == dialect::plain ? *asked.name : me_.name();
}

std::string_view connection::color_for(const user_message& asked) const {
  return asked.color && speaks() == dialect::plain ? *asked.color : me_.color();
}

void connection::handle(const ping& /*asked*/, const frame_key& key) {
  client_->send(encode_pong(key.ref));
}

void connection::handle(const fault& found, const frame_key& key) {
  refuse(found.code, found.text, key);
}

// -- from other actors ----------------------------------------------------------------------------

void connection::on(const notice& what) { client_->send(what.text); }

void connection::on(const going_away& /*now*/) { close(close_code::going_away); }

void connection::on(const transport_closing& /*now*/) { leave(); }

void connection::on(const transport_closed& /*now*/) {
  leave();
  quit();
}

void connection::on(directory_changed& changed) {
  const auto before = std::exchange(directory_, std::move(changed.table));
  if (!me_ || stage_ == stage::leaving)
    return;
  const auto replaced = [&](const user_key& user) {
    return before->shard_of(user) != directory_->shard_of(user);
  };
  const auto me = me_.key();
  routes_.drop_if([&](std::string_view user) {
    return replaced({me.project, user_id::parse(user).value()});
  });
  if (cold_ != nullptr && cold_->looked_up && replaced({me.project, cold_->looked_up->to}))
    give_up_look_up();
  if (!replaced(me))
    return;
  // What became of sends that are under way went to the shard that is no more: the client asks
  // again, with the same cids, when it is back.
  if (under_way_ > 0)
    return close(close_code::internal_error);
  register_at_directory();
}

// -- the end --------------------------------------------------------------------------------------

void connection::refuse(error_code code, std::string_view text, const frame_key& about) {
  if (stage_ == stage::leaving)
    return;
  client_->send(encode_error(speaks(), {.code = code, .text = text, .about = about}));
  if (const auto closes_with = describe(code).closes_with)
    close(*closes_with);
}

void connection::close(close_code code) {
  if (const auto mark = delivery_mark(); !mark.empty())
    client_->ping(mark); // What is known when it is answered does not come again.
  client_->close(code);
  leave();
}

void connection::leave() {
  if (std::exchange(stage_, stage::leaving) == stage::leaving)
    return;
  drop_routes();
  if (!in_directory_)
    return;
  auto me = me_.key();
  const auto& shard = directory_->shard_of(me);
  send(shard, unregister_device{std::move(me), self()});
}

// On any thread: who this is does not change any more once the mailbox is closed.
void connection::on_late(const caf::mailbox_element& element) { give_back(element); }

void connection::on_exit() {
  leave();
  if (client_ != nullptr)
    client_->close(close_code::internal_error);
  client_.reset();
}

} // namespace klatch::actors
