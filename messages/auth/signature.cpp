#include "messages/auth/signature.hpp"

#include "messages/auth/base64.hpp"
#include "messages/auth/freed_by.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <jwt.h>
#include <memory>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdexcept>

namespace klatch {

namespace {

using jwt_pointer = std::unique_ptr<jwt_t, freed_by<::jwt_free>>;
using digest_pointer = std::unique_ptr<EVP_MD_CTX, freed_by<::EVP_MD_CTX_free>>;
using mac_pointer = std::unique_ptr<EVP_MAC, freed_by<::EVP_MAC_free>>;
using mac_context_pointer = std::unique_ptr<EVP_MAC_CTX, freed_by<::EVP_MAC_CTX_free>>;
using pair_pointer = std::unique_ptr<ECDSA_SIG, freed_by<::ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data()); // NOLINT: the libraries' type
}

/// Returns a context of HMAC-SHA-256 without a key; null: memory is short.
mac_context_pointer make_mac_context() {
  const mac_pointer mac{::EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr)};
  mac_context_pointer context{mac == nullptr ? nullptr : ::EVP_MAC_CTX_new(mac.get())};
  std::string digest{OSSL_DIGEST_NAME_SHA2_256};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  if (context == nullptr || ::EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1)
    return nullptr;
  return context;
}

/// One context serves all keys of a thread: to find the algorithms by name costs more than a MAC.
bool is_mac_of(std::string_view text, const std::string& secret, std::string_view mac) {
  thread_local mac_context_pointer context;
  if (context == nullptr)
    context = make_mac_context();
  std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
  std::size_t size = 0;
  return context != nullptr &&
         ::EVP_MAC_init(context.get(), bytes_of(secret), secret.size(), nullptr) == 1 &&
         ::EVP_MAC_update(context.get(), bytes_of(text), text.size()) == 1 &&
         ::EVP_MAC_final(context.get(), expected.data(), &size, expected.size()) == 1 &&
         mac.size() == size && ::CRYPTO_memcmp(mac.data(), expected.data(), size) == 0;
}

/// Returns two numbers of 32 bytes each, as ES256 has them (RFC 7518 section 3.4), in the DER that
/// OpenSSL takes; empty: they are not that.
std::string der_of(std::string_view numbers) {
  constexpr std::size_t bytes = 32;
  if (numbers.size() != 2 * bytes)
    return {};
  const pair_pointer pair{::ECDSA_SIG_new()};
  auto* const r = ::BN_bin2bn(bytes_of(numbers), bytes, nullptr);
  auto* const s = ::BN_bin2bn(bytes_of(numbers.substr(bytes)), bytes, nullptr);
  if (pair == nullptr || ::ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    ::BN_free(r);
    ::BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const auto size = ::i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0)
    return {};
  std::string result(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)); // NOLINT
  ::OPENSSL_free(der);
  return result;
}

bool is_signature_of(std::string_view text, evp_pkey_st* key, std::string_view signature) {
  const digest_pointer context{::EVP_MD_CTX_new()};
  return key != nullptr && context != nullptr &&
         ::EVP_DigestVerifyInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key) == 1 &&
         ::EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

bool is_signature_by(std::string_view text, const token_key& key, std::string_view signature) {
  switch (key.algorithm) {
  case signature_algorithm::hs256:
    return is_mac_of(text, key.material, signature);
  case signature_algorithm::rs256:
    return is_signature_of(text, key.open.get(), signature);
  case signature_algorithm::es256:
    return is_signature_of(text, key.open.get(), der_of(signature));
  }
  return false;
}

} // namespace

bool is_signed_by(std::string_view token, const token_key& key) {
  const auto end = token.rfind('.');
  if (end == std::string_view::npos)
    return false;
  const auto signature = decode_base64url(token.substr(end + 1));
  if (!signature)
    return false;
  const bool result = is_signature_by(token.substr(0, end), key, *signature);
  if (!result)
    ::ERR_clear_error(); // What is left there would be taken for a fault of the next connection.
  return result;
}

std::string sign_token(const token_key& key, const std::string& claims) {
  assert(key.algorithm == signature_algorithm::hs256);
  jwt_t* made = nullptr;
  if (::jwt_new(&made) != 0)
    throw std::runtime_error("a token cannot be made");
  const jwt_pointer owner{made};
  if (::jwt_add_header(made, "kid", key.kid.c_str()) != 0 ||
      ::jwt_add_grants_json(made, claims.c_str()) != 0 ||
      ::jwt_set_alg(made, JWT_ALG_HS256, bytes_of(key.material),
                    static_cast<int>(key.material.size())) != 0)
    throw std::runtime_error("a token cannot be made of " + claims);
  const std::unique_ptr<char, decltype(&std::free)> text{::jwt_encode_str(made), &std::free};
  if (text == nullptr)
    throw std::runtime_error("a token cannot be signed");
  return text.get();
}

} // namespace klatch
