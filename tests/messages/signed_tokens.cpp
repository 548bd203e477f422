#include "tests/messages/signed_tokens.hpp"

#include "messages/auth/base64.hpp"
#include "messages/auth/freed_by.hpp"

#include <array>
#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdexcept>

namespace klatch::test {

namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<::EVP_PKEY_free>>;
using bio_pointer = std::unique_ptr<BIO, freed_by<::BIO_free_all>>;
using digest_pointer = std::unique_ptr<EVP_MD_CTX, freed_by<::EVP_MD_CTX_free>>;
using number_pointer = std::unique_ptr<BIGNUM, freed_by<::BN_free>>;
using ecdsa_pointer = std::unique_ptr<ECDSA_SIG, freed_by<::ECDSA_SIG_free>>;

const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* data_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

key_pair pair_of(const key_pointer& key, bool is_rsa) {
  const bio_pointer own{::BIO_new(::BIO_s_mem())};
  const bio_pointer others{::BIO_new(::BIO_s_mem())};
  ::PEM_write_bio_PrivateKey(own.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  ::PEM_write_bio_PUBKEY(others.get(), key.get());
  return {text_of(own.get()), text_of(others.get()), is_rsa};
}

key_pointer private_key(const key_pair& key) {
  const bio_pointer in{::BIO_new_mem_buf(key.private_pem.data(), -1)};
  return key_pointer{::PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)};
}

std::string number(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* found = nullptr;
  ::EVP_PKEY_get_bn_param(key, name, &found);
  const number_pointer owner{found};
  std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(found) : size), '\0');
  ::BN_bn2binpad(found, data_of(bytes), static_cast<int>(bytes.size()));
  return encode_base64url(bytes);
}

/// From DER to two numbers of 32 bytes each (RFC 7518 section 3.4).
std::string as_raw(const std::string& der) {
  const auto* from = data_of(std::string_view{der});
  const ecdsa_pointer parts{::d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()))};
  std::string raw(64, '\0');
  ::BN_bn2binpad(::ECDSA_SIG_get0_r(parts.get()), data_of(raw), 32);
  ::BN_bn2binpad(::ECDSA_SIG_get0_s(parts.get()), data_of(raw) + 32, 32);
  return raw;
}

} // namespace

token_key secret_key(const std::string& kid, char letter) {
  token_key key;
  key.kid = kid;
  key.material = std::string(40, letter) + '!';
  return key;
}

access_rules site_rules() {
  access_rules rules;
  rules.keys.push_back(secret_key());
  return rules;
}

access_rules rules_with_guests(const std::string& contact) {
  auto rules = site_rules();
  auto key = secret_key(std::string{guest_kid}, 'g');
  key.of_guests = true;
  key.role_limit = role::guest;
  rules.guests = guest_rules{.key = std::move(key), .contacts = {contact}, .lifetime = 3600};
  return rules;
}

std::string header_of(std::string_view algorithm) {
  return R"({"alg":")" + std::string{algorithm} + "\"}";
}

std::string signed_by(const token_key& key, std::string_view claims, std::string_view header) {
  const auto text = encode_base64url(header) + '.' + encode_base64url(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned size = 0;
  ::HMAC(::EVP_sha256(), key.material.data(), static_cast<int>(key.material.size()),
         data_of(std::string_view{text}), text.size(), code.data(), &size);
  return text + '.' + encode_base64url({reinterpret_cast<const char*>(code.data()), size});
}

std::string with_claims_of(const std::string& token, const std::string& other) {
  const auto first = other.find('.');
  return token.substr(0, token.find('.')) + other.substr(first, other.rfind('.') - first) +
         token.substr(token.rfind('.'));
}

key_pair make_rsa_key(unsigned bits) { return pair_of(key_pointer{EVP_RSA_gen(bits)}, true); }

key_pair make_ec_key() { return pair_of(key_pointer{EVP_EC_gen("P-256")}, false); }

std::string signed_with(const key_pair& key, std::string_view claims, std::string_view kid) {
  const auto owner = private_key(key);
  auto header = header_of(key.is_rsa ? "RS256" : "ES256");
  if (!kid.empty())
    header.replace(header.size() - 1, 1, R"(,"kid":")" + std::string{kid} + "\"}");
  const auto text = encode_base64url(header) + '.' + encode_base64url(claims);
  const digest_pointer context{::EVP_MD_CTX_new()};
  std::size_t size = 0;
  ::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, owner.get());
  ::EVP_DigestSign(context.get(), nullptr, &size, data_of(std::string_view{text}), text.size());
  std::string made(size, '\0');
  ::EVP_DigestSign(context.get(), data_of(made), &size, data_of(std::string_view{text}),
                   text.size());
  made.resize(size);
  return text + '.' + encode_base64url(key.is_rsa ? made : as_raw(made));
}

std::string jwk_of(const key_pair& key, std::string_view kid) {
  const auto owner = private_key(key);
  const auto rest = R"(","kid":")" + std::string{kid} + "\"}";
  if (key.is_rsa)
    return R"({"kty":"RSA","n":")" + number(owner.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
           number(owner.get(), OSSL_PKEY_PARAM_RSA_E) + rest;
  return R"({"kty":"EC","crv":"P-256","x":")" + number(owner.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32) +
         R"(","y":")" + number(owner.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32) + rest;
}

} // namespace klatch::test
