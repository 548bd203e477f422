#include "actors/connection/sign_in.hpp"

#include "actors/connection/guest_token.hpp"

#include <utility>

namespace klatch::actors {

namespace {

turned_down forbidden(std::string text) { return {error_code::forbidden, std::move(text)}; }

constexpr std::string_view another_user =
    "This connection is registered with another id or project";

/// The name that others see where the frame has none.
std::string name_or_id(const registration& asked, const user_key& key) {
  return asked.name.empty() ? key.user.str() : asked.name;
}

sign_in_result by_own_word(const sign_in_request& request) {
  const auto& asked = request.asked;
  if (asked.missing)
    return turned_down{asked.missing->code, asked.missing->text};
  const user_key key{*asked.project, *asked.user};
  if (is_guest_id(key.user.str()))
    return forbidden("an id of this form is a guest's, and only the server gives it");
  if (request.me && !request.me.is(key))
    return forbidden(std::string{another_user});
  return admitted{{key, name_or_id(asked, key), asked.color}, std::nullopt};
}

/// Registers again without a token: as who it is, under another name where no token has said it.
sign_in_result again(const sign_in_request& request) {
  const auto& asked = request.asked;
  const auto& me = request.me;
  if ((asked.user && asked.user->str() != me.user()) ||
      (asked.project && asked.project->str() != me.project()))
    return forbidden(std::string{another_user});
  const auto key = me.key();
  return admitted{{.key = key,
                   .name = me.name_is_signed() ? std::string{me.name()} : name_or_id(asked, key),
                   .color = me.color_is_signed() ? std::string{me.color()} : asked.color,
                   .as = me.as(),
                   .name_is_signed = me.name_is_signed(),
                   .color_is_signed = me.color_is_signed()},
                  std::nullopt};
}

/// The id of a store of an older version is spelled as the frame has it, where that is the token's
/// to the byte.
bool is_same_user(const user_id& asked, const token_claims& claims) {
  return asked.str() == claims.user || asked.str() == claims.user_written;
}

/// A guest's token lives from its last use.
void add_next_token(admitted& guest, const sign_in_request& request, const guest_rules& rules) {
  if (!request.renews && !is_half_over(rules, *guest.expires, request.now))
    return;
  auto next = make_guest_token(rules, guest.who.key, request.now);
  guest.token = std::move(next.text);
  guest.expires = next.expires;
}

sign_in_result by_claims(const sign_in_request& request, const token_claims& claims,
                         const access_rules& rules) {
  const auto& asked = request.asked;
  if (asked.user && !is_same_user(*asked.user, claims))
    return forbidden("id is not the one that the token is for");
  if (asked.project && asked.project->str() != claims.project)
    return forbidden("projectId is not the one that the token is for");
  const user_key key{project_id::parse(claims.project).value(),
                     asked.user ? *asked.user : user_id::parse(claims.user).value()};
  if (request.me && !request.me.is(key))
    return forbidden(std::string{another_user});
  admitted result{{.key = key,
                   .name = claims.name.value_or(name_or_id(asked, key)),
                   .color = claims.color.value_or(asked.color),
                   .as = claims.as,
                   .name_is_signed = claims.name.has_value(),
                   .color_is_signed = claims.color.has_value()},
                  claims.expires};
  if (claims.as == role::guest)
    add_next_token(result, request, *rules.guests);
  return result;
}

/// A visitor without a token that counts.
sign_in_result by_being_new(const registration& asked, const access_rules& rules) {
  if (asked.user)
    return forbidden("a guest has no id before the server gives it one");
  if (!asked.project)
    return turned_down{error_code::bad_frame, "projectId is missing: a guest needs it"};
  if (!rules.knows_project(asked.project->str()))
    return forbidden("projectId is none that this server has a key for");
  return guest_wanted{};
}

turned_down refused(const token_refusal& why, const access_rules& rules) {
  using reason = token_refusal::reason;
  if (why.missing_key && rules.wanted && rules.wanted->ask(*why.missing_key))
    return {error_code::unavailable, "The key of this token is looked for: try again in a moment"};
  if (why.why == reason::expired)
    return {error_code::token_expired, {}, why.text};
  // A site's own tokens that are not good now are no attack: an office behind one address may come
  // back with many that are over.
  // So may the guests of before, where they are let in no more.
  const bool signed_well =
      why.why == reason::revoked || why.why == reason::not_yet || why.why == reason::no_guests;
  return {error_code::unauthorized, {}, why.text, !signed_well};
}

} // namespace

sign_in_result sign_in(const sign_in_request& request, const access_rules& rules) {
  if (rules.open())
    return by_own_word(request);
  const bool may_be_guest =
      request.asked.guest && request.asked.token.empty() && rules.guests && !request.me;
  if (request.token.empty() && may_be_guest)
    return by_being_new(request.asked, rules);
  if (request.token.empty())
    return request.me ? again(request) : turned_down{};
  const auto found = verify(request.token, rules, request.now);
  const auto* why = std::get_if<token_refusal>(&found);
  if (why == nullptr)
    return by_claims(request, std::get<token_claims>(found), rules);
  // A cookie that is over outlives many a visit.
  return may_be_guest ? by_being_new(request.asked, rules) : refused(*why, rules);
}

admitted make_guest(const sign_in_request& request, const access_rules& rules) {
  const auto& asked = request.asked;
  const user_key key{*asked.project, make_guest_id()};
  auto token = make_guest_token(*rules.guests, key, request.now);
  return {{.key = key, .name = name_or_id(asked, key), .color = asked.color, .as = role::guest},
          token.expires,
          std::move(token.text)};
}

} // namespace klatch::actors
