#include "tests/sockets/test_certificate.hpp"

#include "tests/catch.hpp"

#include <fstream>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace klatch::sockets {

namespace {

std::string text_of(BIO* from) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(from, &bytes);
  std::string text{bytes, static_cast<std::size_t>(size)};
  BIO_free(from);
  return text;
}

void name_it(X509* certificate, const std::string& dns_name) {
  auto* name = X509_get_subject_name(certificate);
  const auto* bytes = reinterpret_cast<const unsigned char*>(dns_name.data());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes, static_cast<int>(dns_name.size()), -1,
                             0);
  X509_set_issuer_name(certificate, name);
  const auto names = "DNS:" + dns_name;
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

} // namespace

test_certificate make_certificate(const std::string& host, std::chrono::hours ends_in) {
  constexpr long day = 24L * 3600;
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const std::unique_ptr<X509, void (*)(X509*)> made{X509_new(), X509_free};
  REQUIRE(key);
  X509_set_version(made.get(), 2); // version 3
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -365 * day);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), std::chrono::seconds{ends_in}.count());
  X509_set_pubkey(made.get(), key.get());
  name_it(made.get(), host);
  REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
  auto* chain = BIO_new(BIO_s_mem());
  auto* secret = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(chain, made.get());
  PEM_write_bio_PrivateKey(secret, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(chain), text_of(secret)};
}

certificate_folder::certificate_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "klatch-tls-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

certificate_folder::~certificate_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void certificate_folder::write(const std::string& name, const std::string& text) const {
  using std::filesystem::perms;
  std::ofstream{path_ / name, std::ios::binary} << text;
  std::filesystem::permissions(path_ / name, perms::owner_read | perms::owner_write);
}

net::certificate_files certificate_folder::files(const std::string& name) const {
  return {path_ / (name + ".pem"), path_ / (name + ".key")};
}

net::certificate_files certificate_folder::put(const std::string& name,
                                               const test_certificate& pair) const {
  write(name + ".pem", pair.chain);
  write(name + ".key", pair.key);
  return files(name);
}

} // namespace klatch::sockets
