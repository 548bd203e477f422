// Tokens and keys of any bytes: none breaks the verifier, and none is accepted that is not signed.
#include "messages/auth/base64.hpp"
#include "messages/auth/key_text.hpp"
#include "messages/auth/signature.hpp"
#include "messages/auth/token.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

namespace {

using fuzz::require;

constexpr std::int64_t now = 1763800000;

token_key key_of(std::string_view kid, char letter) {
  token_key key;
  key.kid = kid;
  key.material = std::string(40, letter);
  return key;
}

const access_rules& rules() {
  static const access_rules made = [] {
    access_rules result;
    result.keys.push_back(key_of("site", 's'));
    auto& guests = result.guests.emplace();
    guests.key = key_of(guest_kid, 'g');
    guests.key.role_limit = role::guest;
    guests.key.of_guests = true;
    return result;
  }();
  return made;
}

const token_key& site_key() { return rules().keys.front(); }
const token_key& guest_key() { return rules().guests->key; }

/// Signed with `key`, where libjwt takes the claims at all.
std::string signed_token(const token_key& key, const std::string& claims) {
  try {
    return sign_token(key, claims);
  } catch (const std::exception&) {
    return {};
  }
}

void check_accepted(const token_claims& claims) {
  require(valid_id(claims.user) && valid_id(claims.project), "who is let in has ids");
  require(claims.expires + token_leeway >= now, "and a token that is not over");
  require(claims.user.starts_with(guest_prefix) == (claims.as == role::guest),
          "who has a guest's id is one, and nobody else");
}

void check_verified(const std::string& token) {
  const auto found = verify(token, rules(), now);
  const auto* claims = std::get_if<token_claims>(&found);
  if (claims == nullptr)
    return;
  const auto& signer = claims->as == role::guest ? guest_key() : site_key();
  require(is_signed_by(token, signer), "what is accepted is signed");
  check_accepted(*claims);
}

void check_base64(std::string_view text) {
  if (const auto bytes = decode_base64url(text))
    require(encode_base64url(*bytes) == text, "of one value there is one spelling");
  require(decode_base64url(encode_base64url(text)) == text, "what is encoded is decoded");
}

/// What is wrong with a key is said, whatever it is.
void check_keys(const std::string& text) {
  for (auto* parse : {parse_secret, parse_public_key})
    try {
      parse("kid", text);
    } catch (const bad_key&) {
    }
  try {
    parse_key_set(text);
  } catch (const bad_key&) {
  }
}

} // namespace

} // namespace klatch

// libFuzzer's name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  klatch::check_verified(text);
  klatch::check_verified(klatch::signed_token(klatch::site_key(), text));
  klatch::check_verified(klatch::signed_token(klatch::guest_key(), text));
  klatch::check_base64(text);
  klatch::check_keys(text);
  return 0;
}
