#include "messages/auth/public_key.hpp"

#include "messages/auth/base64.hpp"
#include "messages/auth/freed_by.hpp"
#include "messages/auth/key_text.hpp"

#include <simdjson.h>

#include <array>
#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <utility>

namespace klatch {

namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<::EVP_PKEY_free>>;
using bio_pointer = std::unique_ptr<BIO, freed_by<::BIO_free_all>>;
using number_pointer = std::unique_ptr<BIGNUM, freed_by<::BN_free>>;
using builder_pointer = std::unique_ptr<OSSL_PARAM_BLD, freed_by<::OSSL_PARAM_BLD_free>>;
using params_pointer = std::unique_ptr<OSSL_PARAM, freed_by<::OSSL_PARAM_free>>;
using context_pointer = std::unique_ptr<EVP_PKEY_CTX, freed_by<::EVP_PKEY_CTX_free>>;

constexpr int min_rsa_bits = 2048;

signature_algorithm algorithm_of(const EVP_PKEY& key) {
  if (::EVP_PKEY_get_base_id(&key) == EVP_PKEY_RSA) {
    if (::EVP_PKEY_get_bits(&key) < min_rsa_bits)
      throw bad_key("is an RSA key of " + std::to_string(::EVP_PKEY_get_bits(&key)) +
                    " bits: 2048 are the least");
    return signature_algorithm::rs256;
  }
  std::array<char, 64> group{};
  if (::EVP_PKEY_get_base_id(&key) == EVP_PKEY_EC &&
      ::EVP_PKEY_get_group_name(&key, group.data(), group.size(), nullptr) == 1 &&
      std::string_view{group.data()} == "prime256v1")
    return signature_algorithm::es256;
  throw bad_key("is neither an RSA key nor one of the curve P-256");
}

std::string pem_of(const EVP_PKEY& key) {
  const bio_pointer out{::BIO_new(::BIO_s_mem())};
  if (out == nullptr || ::PEM_write_bio_PUBKEY(out.get(), &key) != 1)
    throw bad_key("has a key that cannot be written as PEM");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// -- JWK ------------------------------------------------------------------------------------------

using simdjson::dom::element;

std::string_view text_of(const element& jwk, std::string_view name) {
  std::string_view text;
  return jwk[name].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

std::string number_bytes(const element& jwk, std::string_view name) {
  auto bytes = decode_base64url(text_of(jwk, name));
  constexpr std::size_t longest = 1024; // RSA of 8192 bits
  if (!bytes || bytes->empty() || bytes->size() > longest)
    throw bad_key("has a key whose " + std::string{name} + " is no number in base64url");
  return *std::move(bytes);
}

const unsigned char* data_of(const std::string& bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data()); // NOLINT: OpenSSL's type for bytes
}

number_pointer number_of(const std::string& bytes) {
  return number_pointer{::BN_bin2bn(data_of(bytes), static_cast<int>(bytes.size()), nullptr)};
}

key_pointer key_from(const char* type, OSSL_PARAM_BLD& builder) {
  const params_pointer params{::OSSL_PARAM_BLD_to_param(&builder)};
  const context_pointer context{::EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* made = nullptr;
  if (params == nullptr || context == nullptr || ::EVP_PKEY_fromdata_init(context.get()) != 1 ||
      ::EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    throw bad_key(std::string{"has a key that is no public key of "} + type);
  return key_pointer{made};
}

key_pointer rsa_key(const element& jwk) {
  const auto modulus = number_of(number_bytes(jwk, "n"));
  const auto exponent = number_of(number_bytes(jwk, "e"));
  const builder_pointer builder{::OSSL_PARAM_BLD_new()};
  if (builder == nullptr ||
      ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    throw std::bad_alloc{};
  return key_from("RSA", *builder);
}

key_pointer ec_key(const element& jwk) {
  constexpr std::size_t coordinate = 32;
  const auto x = number_bytes(jwk, "x");
  const auto y = number_bytes(jwk, "y");
  if (x.size() != coordinate || y.size() != coordinate)
    throw bad_key("has a key of P-256 whose x and y are not of 32 bytes each");
  const auto point = '\x04' + x + y;
  const builder_pointer builder{::OSSL_PARAM_BLD_new()};
  if (builder == nullptr ||
      ::OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) != 1 ||
      ::OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
    throw std::bad_alloc{};
  return key_from("EC", *builder);
}

/// Returns the key, or null for one of another kind.
key_pointer key_of(const element& jwk) {
  const auto type = text_of(jwk, "kty");
  if (type == "oct" || jwk["d"].error() == simdjson::SUCCESS)
    throw bad_key("has a secret or private key, and whoever can read it could sign: only public "
                  "keys belong into a set");
  const auto use = text_of(jwk, "use");
  if (!use.empty() && use != "sig")
    return nullptr;
  const auto algorithm = text_of(jwk, "alg");
  if (type == "RSA" && (algorithm.empty() || algorithm == "RS256"))
    return rsa_key(jwk);
  if (type == "EC" && text_of(jwk, "crv") == "P-256" && (algorithm.empty() || algorithm == "ES256"))
    return ec_key(jwk);
  return nullptr;
}

} // namespace

token_key public_key_of(std::string pem) {
  const bio_pointer in{::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  key_pointer key{in == nullptr ? nullptr
                                : ::PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr)};
  if (key == nullptr)
    throw bad_key("is no public key in PEM (-----BEGIN PUBLIC KEY-----)");
  token_key result;
  result.algorithm = algorithm_of(*key);
  result.material = std::move(pem);
  result.open = std::move(key);
  return result;
}

std::vector<token_key> public_keys_of_set(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::array keys;
  if (parser.parse(json.data(), json.size())["keys"].get(keys) != simdjson::SUCCESS)
    throw bad_key("is no JWK set: a JSON object with the array keys");
  if (keys.size() > max_set_keys)
    throw bad_key("has more than " + std::to_string(max_set_keys) + " keys");
  std::vector<token_key> result;
  for (const element each : keys) {
    auto key = key_of(each);
    if (key == nullptr)
      continue;
    const auto kid = text_of(each, "kid");
    if (kid.empty() || kid.size() > max_kid_bytes)
      throw bad_key("has a key whose kid has not 1 to " + std::to_string(max_kid_bytes) + " bytes");
    token_key made;
    made.kid = kid;
    made.algorithm = algorithm_of(*key);
    made.material = pem_of(*key);
    made.open = std::move(key);
    result.push_back(std::move(made));
  }
  return result;
}

std::string random_bytes(std::size_t count) {
  std::string result(count, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(result.data()); // NOLINT: OpenSSL's type
  if (::RAND_bytes(bytes, static_cast<int>(count)) != 1)
    throw std::runtime_error("the system has no random bytes");
  return result;
}

} // namespace klatch
