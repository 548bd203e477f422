#include "actors/connection/connection.hpp"

#include "actors/connection/connection_core.hpp"
#include "messages/wire/command_table.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/encode_pages.hpp"

#include <spdlog/logger.h>

#include <cassert>
#include <exception>
#include <utility>
#include <variant>

namespace klatch::actors {

namespace {

template<class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template<class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

} // namespace

connection::connection(caf::actor_config& cfg, caf::execution_unit& home,
                       const connection_scope& scope, std::shared_ptr<transport> client,
                       directory_table_ptr directory, std::string upgrade_token)
    : lean(cfg, home), scope_(scope), client_(std::move(client)), directory_(std::move(directory)) {
  if (!upgrade_token.empty())
    cold_.get().upgrade_token = std::make_unique<const std::string>(std::move(upgrade_token));
}

void connection::on_start() {
  scope_.counters.connections[static_cast<std::size_t>(spoken::none)].add(1);
  send(scope_.supervisor, watch{self(), directory_->version});
}

void connection::enter(stage next) {
  assert(may_follow(next, stage_));
  stage_ = next;
}

spoken connection::counted_as() const noexcept {
  if (!me_)
    return spoken::none;
  return speaks_ == dialect::extended ? spoken::extended : spoken::plain;
}

void connection::count(int change) noexcept {
  scope_.counters.connections[static_cast<std::size_t>(counted_as())].add(change);
  if (is_guest_)
    scope_.counters.guests.add(change);
}

// -- from the transport ---------------------------------------------------------------------------

void connection::on_text(std::string_view text) {
  if (is_closed() || client_ == nullptr)
    return;
  try {
    const core me{*this};
    const auto now = clock().now();
    if (const auto wait = rates_.charge_frame(me, text.size(), now); wait != rates::at_once)
      return rates::refuse_undecoded(me, wait, text, now);
    const auto decoded = rates_.decode(me, text, now);
    if (!decoded)
      return;
    scope_.counters.frames_received[row_number(decoded->what)].add();
    if (rates_.admits(me, *decoded, text.size(), now))
      handle_frame(*decoded, text);
  } catch (const std::exception& error) { // Not while a message is handled: nobody else sees it.
    scope_.log->error("{}: closed with 1011, a frame of {} bytes could not be handled: {}",
                      scope_.log_addresses ? client_->peer() : "a client", text.size(),
                      error.what());
    close(close_code::internal_error);
  }
}

void connection::on_other_input(std::size_t bytes) {
  if (is_closed() || client_ == nullptr)
    return;
  const core me{*this};
  const auto now = clock().now();
  if (const auto wait = rates_.charge_frame(me, bytes, now); wait != rates::at_once)
    rates::refuse(me, wait, {}, bytes, now);
}

bool connection::may_go_on(std::size_t bytes) {
  return rates_.charge_late_frame(core{*this}, bytes, clock().now()) == rates::at_once;
}

void connection::on_pong(std::string_view payload) {
  on_other_input(payload.size());
  inbox_.on_pong(core{*this}, payload);
}

void connection::on_registration_due() {
  const auto* cold = cold_.peek();
  const bool asks_for_ids = cold != nullptr && !cold->ids.unused();
  if (stage_ == stage::connected && !asks_for_ids)
    refuse(error_code::not_registered, "no registration came within the time allowed");
}

void connection::on_drained() {
  inbox_.on_drained(core{*this});
  if (auto* cold = cold_.peek())
    cold->asked.on_drained(core{*this});
}

void connection::on_closing() {
  if (stage_ < stage::closing)
    enter(stage::closing);
  rates_.forget_frames();
  anon_send(this, transport_closing{});
}

void connection::on_closed() { anon_send(this, transport_closed{}); }

// -- frames of the client -------------------------------------------------------------------------

void connection::handle_frame(const decoded_frame& decoded, std::string_view text) {
  const auto& key = decoded.key;
  if (!me_ && !may_come_unregistered(decoded.what))
    return refuse(error_code::not_registered);
  std::visit(overloaded{
                 [&](const registration& asked) { handle_registration(asked, key); },
                 [&](const user_message& asked) { handle_message(asked, key); },
                 [&](const received& what) { handle_received(what, key); },
                 [&](const have_read& what) { handle_have_read(what, key); },
                 [&](const query& asked) { handle_query(asked, key); },
                 [&](const klatch::ping&) { handle_ping(key); },
                 [&](const refresh& asked) { handle_refresh(asked, key); },
                 [&](const fault& found) { handle_fault(found, key); },
                 [&](const unusual_ids& found) { handle_unusual_ids(found, key, text); },
             },
             decoded.what);
}

void connection::handle_registration(const registration& asked, const frame_key& key) {
  const auto found = let_in(asked, key);
  if (!found)
    return;
  again_ = static_cast<bool>(me_);
  resumes_ = asked.resume.has_value();
  count(-1);
  if (!me_) {
    rates_.forget_sends();
    speaks_ = asked.speaks; // A connection goes on in the dialect that it has begun in.
    if (asked.resume)
      cold_.get().resume = std::make_unique<const resume_point>(*asked.resume);
  }
  me_ = identity{found->who};
  is_guest_ = found->who.as == role::guest;
  profile_noted_ = false;
  count(1);
  note_expiry(found->expires);
  if (!key.ref.empty() || found->expires)
    cold_.get().registration = std::make_unique<const pending_registration>(
        pending_registration{{{}, std::string{key.ref}}, found->expires, found->token});
  pause_reading();
  enter(stage::registering);
  register_at_directory(false);
}

void connection::handle_message(const user_message& asked, const frame_key& key) {
  if (asked.id && *asked.id != me_.user())
    return refuse(error_code::forbidden,
                  "id is not the one that this connection is registered with", key);
  if (asked.project && *asked.project != me_.project())
    return refuse(error_code::forbidden,
                  "projectId is not the one that this connection is registered with", key);
  if (scope_.archive)
    inbox_.store(core{*this}, asked, key);
  else
    direct_.route(core{*this}, asked, key);
}

void connection::handle_received(const received& command, const frame_key& key) {
  if (scope_.archive)
    inbox_.handle_received(core{*this}, command.seq, key);
}

void connection::handle_have_read(const have_read& command, const frame_key& key) {
  if (scope_.archive)
    inbox_.handle_have_read(core{*this}, command, key);
}

void connection::handle_query(const query& asked, const frame_key& key) {
  if (!scope_.archive)
    return client_->send(encode_empty_answer(asked, key.ref));
  cold_.get().asked.ask(core{*this}, asked, {std::string{key.cid}, std::string{key.ref}});
}

void connection::handle_ping(const frame_key& key) { client_->send(encode_pong(key.ref)); }

void connection::handle_fault(const fault& found, const frame_key& key) {
  refuse(found.code, found.text, key);
}

void connection::handle_unusual_ids(const unusual_ids& found, const frame_key& key,
                                    std::string_view text) {
  cold_.get().ids.resolve(core{*this}, found, key, text);
  cold_.free_if_unused();
}

// -- registration ---------------------------------------------------------------------------------

void connection::register_at_directory(bool again) {
  in_directory_ = true;
  auto key = me_.key();
  const auto& shard = directory_->shard_of(key);
  auto name = is_guest_ ? std::string{guest_mark} : std::string{};
  name += me_.name();
  send(shard, register_device{std::move(key), std::move(name), client_->peer(), self(), again});
}

void connection::on_registered(registered& answered) {
  if (is_closed())
    return;
  if (answered.siblings) {
    direct_.set_siblings(core{*this}, *std::move(answered.siblings));
    cold_.free_if_unused();
  }
  if (scope_.archive) {
    if (!is_guest_)
      core{*this}.note_profile();
    if (stage_ == stage::registering)
      enter(stage::opening);
    inbox_.open(core{*this});
  } else if (stage_ == stage::registering) {
    confirm_registration({.id = me_.user()});
  }
}

void connection::on_device_refused(const device_refused& /*refused*/) {
  count_registration(registration_outcome::too_many_devices);
  refuse(error_code::too_many_devices, {}, take_registration().key.view());
}

void connection::confirm_registration(const welcome& as_extended) {
  enter(stage::live);
  if (again_)
    count_registration(registration_outcome::again);
  else if (!resumes_)
    count_registration(registration_outcome::fresh);
  else
    count_registration(as_extended.recovered ? registration_outcome::resumed
                                             : registration_outcome::too_old);
  const auto asked = take_registration();
  auto answer = as_extended;
  answer.project = me_.project();
  answer.name = me_.name();
  answer.as = me_.as();
  answer.expires = asked.expires;
  answer.insecure = scope_.access->open();
  answer.token = asked.token;
  if (speaks_ == dialect::extended)
    client_->send(encode(answer, limits_of_client(), asked.key.ref));
  else
    client_->send(acknowledgement());
  resume_reading();
}

limits connection::limits_of_client() const {
  auto allowed = scope_.allowed;
  if (is_guest_)
    allowed.send_rate = send_rate_of_guests(allowed.send_rate);
  return allowed;
}

pending_registration connection::take_registration() {
  auto* cold = cold_.peek();
  const auto asked = cold == nullptr ? nullptr : std::exchange(cold->registration, nullptr);
  cold_.free_if_unused();
  return asked == nullptr ? pending_registration{} : *asked;
}

// -- the end --------------------------------------------------------------------------------------

void connection::on_transport_closing(const transport_closing& /*closing*/) { leave(); }

void connection::on_transport_closed(const transport_closed& /*closed*/) {
  leave();
  quit();
}

void connection::pause_reading() {
  if (pause_count_++ == 0)
    client_->pause();
}

void connection::resume_reading() {
  assert(pause_count_ > 0);
  if (--pause_count_ == 0)
    client_->resume();
}

void connection::refuse(error_code code, std::string_view text, const frame_key& about) {
  if (is_closed())
    return;
  const bool signs_in = code == error_code::unauthorized || code == error_code::token_expired;
  client_->send(encode_error(speaks_, {.code = code,
                                       .text = text,
                                       .about = about,
                                       .guests = signs_in && !me_ && scope_.access->guests}));
  if (const auto closes_with = describe(code).closes_with)
    close(*closes_with, describe(code).name);
}

void connection::close(close_code code, std::string_view reason) {
  if (const auto mark = delivery_mark(); !mark.empty())
    client_->ping(mark); // What is known when it is answered does not come again.
  client_->close(code, reason.empty() ? describe(code).reason : reason);
  leave();
}

void connection::leave() {
  if (is_closed())
    return;
  enter(stage::closed);
  count(-1);
  direct_.stop(core{*this});
  cold_.reset();
  if (!in_directory_)
    return;
  auto me = me_.key();
  const auto& shard = directory_->shard_of(me);
  send(shard, unregister_device{std::move(me), self()});
}

void connection::give_back(const caf::mailbox_element& element) {
  if (element.sender != nullptr && element.content().match_elements<delivery>())
    anon_send(caf::actor_cast<connection_actor>(element.sender),
              undelivered{me_.user_as_id(), self()});
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
