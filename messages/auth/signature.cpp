#include "messages/auth/signature.hpp"

#include "messages/auth/freed_by.hpp"

#include <cassert>
#include <cstdlib>
#include <jwt.h>
#include <memory>
#include <stdexcept>

namespace klatch {

namespace {

using jwt_pointer = std::unique_ptr<jwt_t, freed_by<::jwt_free>>;

constexpr jwt_alg_t algorithm_of(const token_key& key) noexcept {
  switch (key.algorithm) {
  case signature_algorithm::hs256:
    return JWT_ALG_HS256;
  case signature_algorithm::rs256:
    return JWT_ALG_RS256;
  case signature_algorithm::es256:
    return JWT_ALG_ES256;
  }
  return JWT_ALG_NONE;
}

const unsigned char* bytes_of(const std::string& text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data()); // NOLINT: libjwt's type for bytes
}

} // namespace

bool is_signed_by(const std::string& token, const token_key& key) {
  jwt_t* decoded = nullptr;
  if (::jwt_decode(&decoded, token.c_str(), bytes_of(key.material),
                   static_cast<int>(key.material.size())) != 0)
    return false;
  const jwt_pointer owner{decoded};
  return ::jwt_get_alg(decoded) == algorithm_of(key);
}

std::string sign_token(const token_key& key, const std::string& claims) {
  assert(key.algorithm == signature_algorithm::hs256);
  jwt_t* made = nullptr;
  if (::jwt_new(&made) != 0)
    throw std::runtime_error("a token cannot be made");
  const jwt_pointer owner{made};
  if (::jwt_add_header(made, "kid", key.kid.c_str()) != 0 ||
      ::jwt_add_grants_json(made, claims.c_str()) != 0 ||
      ::jwt_set_alg(made, algorithm_of(key), bytes_of(key.material),
                    static_cast<int>(key.material.size())) != 0)
    throw std::runtime_error("a token cannot be made of " + claims);
  const std::unique_ptr<char, decltype(&std::free)> text{::jwt_encode_str(made), &std::free};
  if (text == nullptr)
    throw std::runtime_error("a token cannot be signed");
  return text.get();
}

} // namespace klatch
