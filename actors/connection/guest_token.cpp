#include "actors/connection/guest_token.hpp"

#include "messages/auth/base64.hpp"
#include "messages/auth/public_key.hpp"
#include "messages/auth/signature.hpp"
#include "messages/wire/json_text.hpp"

namespace klatch::actors {

user_id make_guest_id() {
  constexpr std::size_t bytes = 16;
  const auto id = user_id::parse(std::string{guest_prefix} + encode_base64url(random_bytes(bytes)));
  return id.value();
}

guest_token make_guest_token(const guest_rules& rules, const user_key& guest, std::int64_t now) {
  const auto expires = now + rules.lifetime;
  std::string claims = R"({"sub":)";
  append_json_string(claims, guest.user.str());
  claims += R"(,"project":)";
  append_json_string(claims, guest.project.str());
  claims += R"(,"iat":)" + std::to_string(now) + R"(,"exp":)" + std::to_string(expires) + '}';
  return {sign_token(rules.key, claims), expires};
}

bool is_half_over(const guest_rules& rules, std::int64_t expires, std::int64_t now) noexcept {
  return expires - now < rules.lifetime / 2;
}

} // namespace klatch::actors
