/// How a connection comes to be somebody's, and how long it stays so.
#include "actors/connection/connection.hpp"
#include "actors/connection/connection_core.hpp"
#include "messages/wire/encode_session.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace klatch::actors {

namespace {

/// So long before a token's end its client is told, and so long after it the connection is closed.
constexpr std::chrono::milliseconds renewal_time{25'000};
constexpr std::chrono::milliseconds shortest_notice{1'000};
/// A client that is told late, since its token was nearly over when it came, has this at least.
constexpr std::chrono::milliseconds shortest_renewal{15'000};

} // namespace

void connection::handle_refresh(const refresh& asked, const frame_key& key) {
  if (!has_token_ || scope_.access->open()) // It may have been another at the registration.
    return refuse(error_code::bad_frame, "this server asks for no token", key);
  registration same;
  same.token = asked.token;
  same.name = me_.name(); // Where the token says none, the client's own stay.
  same.color = me_.color();
  const auto found = let_in(same, key, true);
  if (!found)
    return;
  me_ = identity{found->who};
  note_expiry(found->expires);
  client_->send(encode_refreshed(*found->expires, key.ref, found->token));
}

std::optional<admitted> connection::let_in(const registration& asked, const frame_key& key,
                                           bool renews) {
  const auto* cold = cold_.peek();
  const bool has_other = cold != nullptr && cold->upgrade_token != nullptr;
  const auto token =
      asked.token.empty() && has_other ? std::string_view{*cold->upgrade_token} : asked.token;
  auto* const failures = token.empty() || scope_.access->open() ? nullptr : scope_.failures;
  const auto now = scope_.time.steady();
  if (failures != nullptr &&
      failures->blocked_for(client_->network(), now) > failure_limit::clock::duration::zero()) {
    turn_down(asked, {}, key);
    return std::nullopt;
  }
  const sign_in_request request{asked, token, me_, scope_.time.wall_ms() / 1000, renews};
  const auto result = sign_in(request, *scope_.access);
  if (const auto* why = std::get_if<turned_down>(&result)) {
    if (failures != nullptr && why->counts)
      failures->note(client_->network(), now);
    turn_down(asked, *why, key);
    return std::nullopt;
  }
  auto found = std::holds_alternative<guest_wanted>(result) ? let_in_guest(request, key)
                                                            : std::get<admitted>(result);
  if (found && has_other) {
    cold_.get().upgrade_token.reset();
    cold_.free_if_unused();
  }
  return found;
}

std::optional<admitted> connection::let_in_guest(const sign_in_request& request,
                                                 const frame_key& key) {
  const auto now = scope_.time.steady();
  if (scope_.new_guests != nullptr) {
    const auto wait = scope_.new_guests->take(client_->network(), now);
    if (wait > guest_limit::clock::duration::zero()) {
      scope_.counters.new_guests[guest_outcome::rate_limited].add();
      const auto before = std::exchange(speaks_, request.asked.speaks);
      rates::refuse(core{*this}, wait, key, 0, now,
                    "too many new guests from this address: wait a moment before the next one");
      speaks_ = before;
      return std::nullopt;
    }
  }
  scope_.counters.new_guests[guest_outcome::made].add();
  return make_guest(request, *scope_.access);
}

void connection::note_profile_of_guest() {
  if (profile_noted_ || is_closed())
    return;
  profile_noted_ = true;
  core{*this}.note_profile();
}

/// In the dialect that is asked for; what that is of a frame that has to be mended is not known
/// yet.
void connection::turn_down(const registration& asked, const turned_down& why,
                           const frame_key& key) {
  if (!why.logged.empty()) {
    if (const auto held_back = scope_.refused_tokens.admit(scope_.time.steady()))
      scope_.log->warn("{}: a token was refused: {} ({} more within the minute before)",
                       scope_.log_addresses ? client_->peer() : "a client", why.logged, *held_back);
  }
  if (why.code == error_code::unauthorized)
    count_registration(registration_outcome::unauthorized);
  else if (why.code == error_code::token_expired)
    count_registration(registration_outcome::expired);
  const auto before = speaks_;
  if (!me_ && why.code != error_code::bad_frame)
    speaks_ = asked.speaks;
  refuse(why.code, why.text, key);
  speaks_ = before;
  if (why.code == error_code::unavailable && !me_)
    close(close_code::internal_error); // Or it would wait here for a registration that is in vain.
}

void connection::note_expiry(std::optional<std::int64_t> expires) {
  if (!expires)
    return;
  has_token_ = true;
  told_to_renew_ = false;
  const std::chrono::milliseconds left{*expires * 1000 - scope_.time.wall_ms()};
  // A token that is over already is within its leeway.
  const auto notice = std::max(left - renewal_time, shortest_notice);
  time_to_renew_ =
      static_cast<std::uint8_t>(std::chrono::ceil<std::chrono::seconds>(
                                    std::max(left + renewal_time - notice, shortest_renewal))
                                    .count());
  client_->call_when_token_is_due(notice);
}

void connection::on_token_due() {
  if (is_closed())
    return;
  if (told_to_renew_)
    return refuse(error_code::token_expired);
  if (stage_ < stage::live) { // The registration is answered first, however long that takes.
    constexpr auto shortest = std::chrono::ceil<std::chrono::seconds>(shortest_renewal).count();
    if (time_to_renew_ > shortest)
      --time_to_renew_;
    return client_->call_when_token_is_due(shortest_notice);
  }
  told_to_renew_ = true;
  const std::chrono::seconds rest{time_to_renew_};
  if (speaks_ == dialect::extended)
    client_->send(encode_expiring(
        std::max<std::chrono::milliseconds>(rest - renewal_time, std::chrono::milliseconds{0})));
  client_->call_when_token_is_due(rest);
}

void connection::on_access_changed(const access_rules& before) {
  if (!me_ || is_closed())
    return;
  if (!has_token_ && !scope_.access->open())
    return refuse(error_code::unauthorized);
  const auto since = scope_.access->revoked_before(me_.key());
  if (since && since != before.revoked_before(me_.key()))
    refuse(error_code::unauthorized);
}

} // namespace klatch::actors
