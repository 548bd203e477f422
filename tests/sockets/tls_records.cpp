#include "tests/sockets/tls_records.hpp"

#include "tests/catch.hpp"

#include <array>
#include <memory>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

namespace klatch::sockets {

namespace {

constexpr std::size_t key_bytes = 16;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t tag_bytes = 16;

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) without a context.
std::string expand(std::string secret, std::string_view label, std::size_t size) {
  const auto whole = "tls13 " + std::string{label};
  std::string info{'\0', static_cast<char>(size), static_cast<char>(whole.size())};
  info += whole + '\0';
  std::string digest{"SHA256"};
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array params{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_KDF, void (*)(EVP_KDF*)> kind{EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                          EVP_KDF_free};
  const std::unique_ptr<EVP_KDF_CTX, void (*)(EVP_KDF_CTX*)> context{EVP_KDF_CTX_new(kind.get()),
                                                                     EVP_KDF_CTX_free};
  std::string result(size, '\0');
  REQUIRE(EVP_KDF_derive(context.get(), bytes_of(result), size, params.data()) == 1);
  return result;
}

std::string sealed(const std::string& key, const std::string& nonce, std::string_view header,
                   std::string_view inner) {
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> with{EVP_CIPHER_CTX_new(),
                                                                        EVP_CIPHER_CTX_free};
  std::string result(inner.size() + tag_bytes, '\0');
  int size = 0;
  EVP_EncryptInit_ex(with.get(), EVP_aes_128_gcm(), nullptr, bytes_of(std::string_view{key}),
                     bytes_of(std::string_view{nonce}));
  EVP_EncryptUpdate(with.get(), nullptr, &size, bytes_of(header), static_cast<int>(header.size()));
  EVP_EncryptUpdate(with.get(), bytes_of(result), &size, bytes_of(inner),
                    static_cast<int>(inner.size()));
  EVP_EncryptFinal_ex(with.get(), bytes_of(result) + inner.size(), &size);
  REQUIRE(EVP_CIPHER_CTX_ctrl(with.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                              bytes_of(result) + inner.size()) == 1);
  return result;
}

} // namespace

std::string record_maker::record(std::uint8_t type, std::string_view content) {
  const auto inner = std::string{content} + static_cast<char>(type);
  const auto size = inner.size() + tag_bytes;
  const std::string header{'\x17', '\3', '\3', static_cast<char>(size >> 8U),
                           static_cast<char>(size & 0xffU)};
  auto nonce = expand(secret_, "iv", nonce_bytes);
  auto number = number_++;
  for (auto at = nonce.rbegin(); number != 0; ++at, number >>= 8U)
    *at = static_cast<char>(*at ^ static_cast<char>(number & 0xffU));
  return header + sealed(expand(secret_, "key", key_bytes), nonce, header, inner);
}

void record_maker::change_keys() {
  secret_ = expand(secret_, "traffic upd", secret_bytes);
  number_ = 0;
}

} // namespace klatch::sockets
