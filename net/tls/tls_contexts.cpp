#include "net/tls/tls_contexts.hpp"

#include "net/loop/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace klatch::net {

namespace {

using system_time = std::chrono::system_clock::time_point;

/// A certificate file is some kilobytes.
constexpr std::size_t max_file_bytes = 1024UL * 1024;

/// Why one pair cannot be used; ends the loading.
class refused : public std::runtime_error {
public:
  explicit refused(const std::string& text, bool is_missing = false)
      : std::runtime_error(text), missing(is_missing) {}

  bool missing;
};

template<auto Free>
struct freed_by {
  template<class T>
  void operator()(T* each) const noexcept {
    Free(each);
  }
};
using bio_owner = std::unique_ptr<BIO, freed_by<BIO_free>>;
using certificate_owner = std::unique_ptr<X509, freed_by<X509_free>>;
using key_owner = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;

/// What OpenSSL says of its last error, in its words.
std::string reason() {
  const auto* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text != nullptr ? text : "it is not what it should be";
}

[[noreturn]] void refuse_unreadable(const std::string& what, const std::filesystem::path& path) {
  const int error = errno;
  auto text =
      "cannot read " + what + ' ' + path.string() + ": " + std::system_category().message(error);
  if (error == EACCES)
    text += "; let the user that klatch runs as read it, such as by: chgrp klatch " +
            path.string() + " && chmod 640 " + path.string();
  throw refused{text, error == ENOENT};
}

/// `secret`: others may not read it.
std::string read_whole(const std::string& what, const std::filesystem::path& path, bool secret) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat found {};
  if (!file.is_open() || ::fstat(file.get(), &found) != 0)
    refuse_unreadable(what, path);
  if (!S_ISREG(found.st_mode))
    throw refused{what + ' ' + path.string() + " is no file"};
  if (secret && (found.st_mode & S_IRWXO) != 0)
    throw refused{what + ' ' + path.string() +
                  " is open to every user of this machine: chmod o= " + path.string()};
  std::string text(max_file_bytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0)
      refuse_unreadable(what, path);
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

bio_owner reader_of(const std::string& text) {
  return bio_owner{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// There is nobody to type one.
int no_passphrase(char* /*into*/, int /*most*/, int /*writing*/, void* /*unused*/) { return -1; }

system_time time_of(const ASN1_TIME* text) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(text, &parts) != 1)
    return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

/// The first name that it is for, otherwise its subject's.
std::string name_of(X509* certificate) {
  using names_owner = std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>>;
  const names_owner names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* each = sk_GENERAL_NAME_value(names.get(), i);
    if (each->type != GEN_DNS)
      continue;
    const auto* text = each->d.dNSName;
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
  }
  std::array<char, 256> subject{};
  X509_NAME_oneline(X509_get_subject_name(certificate), subject.data(), subject.size());
  return subject.data();
}

void use_chain(SSL_CTX* context, const std::filesystem::path& path) {
  const auto text = read_whole("certificate", path, false);
  const auto pem = reader_of(text);
  const certificate_owner first{PEM_read_bio_X509_AUX(pem.get(), nullptr, no_passphrase, nullptr)};
  if (!first || SSL_CTX_use_certificate(context, first.get()) != 1)
    throw refused{"certificate " + path.string() + " cannot be used: " + reason()};
  while (certificate_owner next{PEM_read_bio_X509(pem.get(), nullptr, no_passphrase, nullptr)})
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1)
      throw refused{"certificate " + path.string() + " cannot be used: " + reason()};
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    throw refused{"certificate " + path.string() + " is damaged: " + reason()};
  ERR_clear_error();
}

void use_key(SSL_CTX* context, const certificate_files& files) {
  const auto text = read_whole("key", files.key, true);
  const auto pem = reader_of(text);
  const key_owner key{PEM_read_bio_PrivateKey(pem.get(), nullptr, no_passphrase, nullptr)};
  if (!key)
    throw refused{"key " + files.key.string() +
                  " cannot be used (it has to be PEM, without a passphrase): " + reason()};
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key.get()) != 1)
    throw refused{"certificate " + files.chain.string() + " and key " + files.key.string() +
                  " do not belong together"};
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    throw refused{"key " + files.key.string() + " cannot be used: " + reason()};
}

// -- what a context calls -------------------------------------------------------------------------

/// HTTP/1.1 is what is spoken here (RFC 7301).
int on_protocols(SSL* /*connection*/, const unsigned char** chosen, unsigned char* size,
                 const unsigned char* offered, unsigned offered_size, void* /*unused*/) {
  static constexpr std::array<unsigned char, 9> spoken{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  const auto result =
      SSL_select_next_proto(&found, size, spoken.data(), spoken.size(), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int prepare_ticket(const ticket_key& key, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, bool sealing) {
  std::string digest{"SHA256"};
  auto secret = key.mac;
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const bool done = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv,
                                      sealing ? 1 : 0) == 1 &&
                    EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
  return done ? 1 : -1;
}

/// As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has it.
int on_ticket(SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
              EVP_MAC_CTX* mac, int sealing) {
  auto& keys = *static_cast<ticket_keys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  const auto now = std::chrono::steady_clock::now();
  if (sealing != 0) {
    const auto key = keys.to_seal(now);
    if (!key || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
      return 0;
    std::copy(key->name.begin(), key->name.end(), name);
    return prepare_ticket(*key, iv, cipher, mac, true);
  }
  const auto found = keys.to_open(std::span<const unsigned char, 16>{name, 16}, now);
  if (!found)
    return 0;
  const auto prepared = prepare_ticket(found->key, iv, cipher, mac, false);
  return prepared == 1 && !found->newest ? 2 : prepared;
}

void set_up(SSL_CTX* context, bool only_1_3, ticket_keys& tickets) {
  constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"; // of TLS 1.2
  constexpr long ticket_seconds = 24L * 3600;
  SSL_CTX_set_min_proto_version(context, only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, ciphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, ticket_seconds);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_alpn_select_cb(context, on_protocols, nullptr);
  SSL_CTX_set_app_data(context, &tickets);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}

} // namespace

void tls_contexts::release::operator()(ssl_ctx_st* each) const noexcept { SSL_CTX_free(each); }

tls_contexts::~tls_contexts() = default;

void tls_contexts::add(const certificate_files& files, bool only_1_3, ticket_keys& tickets,
                       system_time now) {
  context made{SSL_CTX_new(TLS_server_method())};
  if (!made)
    throw refused{"OpenSSL cannot be used: " + reason()};
  set_up(made.get(), only_1_3, tickets);
  use_chain(made.get(), files.chain);
  use_key(made.get(), files);
  auto* certificate = SSL_CTX_get0_certificate(made.get());
  const auto end = time_of(X509_get0_notAfter(certificate));
  if (end <= now)
    throw refused{"certificate " + files.chain.string() + " has expired: renew it"};
  SSL_CTX_set_tlsext_servername_callback(made.get(), &tls_contexts::on_server_name);
  SSL_CTX_set_tlsext_servername_arg(made.get(), this);
  expiries_.push_back({name_of(certificate), end});
  contexts_.push_back(std::move(made));
}

tls_contexts::loaded tls_contexts::load(const tls_settings& settings, ticket_keys& tickets,
                                        system_time now) {
  const std::shared_ptr<tls_contexts> made{new tls_contexts}; // its constructor is private
  try {
    for (const auto& each : settings.certificates)
      made->add(each, settings.only_1_3, tickets, now);
  } catch (const refused& fault) {
    return certificate_fault{fault.what(), fault.missing};
  }
  return made;
}

ssl_st* tls_contexts::begin() const { return SSL_new(contexts_.front().get()); }

void tls_contexts::choose(ssl_st* connection, const char* name) const {
  const auto fits = [&](const context& each) {
    return X509_check_host(SSL_CTX_get0_certificate(each.get()), name, std::strlen(name), 0,
                           nullptr) == 1;
  };
  const auto found = std::find_if(contexts_.begin(), contexts_.end(), fits);
  if (found != contexts_.end())
    SSL_set_SSL_CTX(connection, found->get());
}

int tls_contexts::on_server_name(ssl_st* connection, int* /*alert*/, void* contexts) {
  const auto* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name != nullptr)
    static_cast<const tls_contexts*>(contexts)->choose(connection, name);
  return name != nullptr ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

} // namespace klatch::net
