#include "bench/load/tls_client.hpp"

#include "bench/load/failure.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace load {

namespace {

using session_slot = std::unique_ptr<SSL_SESSION, tls_deleter>;

failure tls_failure(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return failure{what + ": " + text.data()};
}

/// Called by OpenSSL for each ticket that comes. Returns 1: the session is ours now.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  static_cast<session_slot*>(SSL_get_app_data(ssl))->reset(session);
  return 1;
}

/// What a call that has returned `result` means: 0 for the end, -1 with errno for all else.
ssize_t outcome_of(const SSL* ssl, int result) {
  switch (SSL_get_error(ssl, result)) {
  case SSL_ERROR_ZERO_RETURN:
    return 0;
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE:
    errno = EAGAIN;
    return -1;
  case SSL_ERROR_SYSCALL:
    errno = errno == 0 ? ECONNRESET : errno;
    return -1;
  default:
    throw tls_failure("TLS");
  }
}

} // namespace

void tls_deleter::operator()(SSL* what) const noexcept {
  // Otherwise its session is taken for a bad one, which nothing goes on with.
  SSL_set_shutdown(what, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(what);
}
void tls_deleter::operator()(SSL_CTX* what) const noexcept { SSL_CTX_free(what); }
void tls_deleter::operator()(SSL_SESSION* what) const noexcept { SSL_SESSION_free(what); }

bool tls_stream::shake_hands() {
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1)
    return true;
  const auto outcome = outcome_of(ssl_.get(), result);
  if (outcome < 0 && errno == EAGAIN)
    return false;
  throw failure("the server ended a handshake" +
                (outcome < 0 ? ": " + std::string(std::strerror(errno)) : std::string()));
}

ssize_t tls_stream::receive(char* into, std::size_t size) {
  std::size_t taken = 0;
  do {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_read(ssl_.get(), into + taken, static_cast<int>(size - taken));
    if (result <= 0) {
      // What came before the end is taken first; the end is told again.
      const auto outcome = outcome_of(ssl_.get(), result);
      return taken > 0 ? static_cast<ssize_t>(taken) : outcome;
    }
    taken += static_cast<std::size_t>(result);
  } while (taken < size && SSL_has_pending(ssl_.get()) != 0);
  return static_cast<ssize_t>(taken);
}

ssize_t tls_stream::send(const char* from, std::size_t size) {
  std::size_t sent = 0;
  while (sent < size) {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_write(ssl_.get(), from + sent, static_cast<int>(size - sent));
    if (result <= 0) {
      const auto outcome = outcome_of(ssl_.get(), result);
      return sent > 0 ? static_cast<ssize_t>(sent) : outcome;
    }
    sent += static_cast<std::size_t>(result);
  }
  return static_cast<ssize_t>(sent);
}

bool tls_stream::is_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

std::string tls_stream::form() const {
  return std::string(SSL_get_version(ssl_.get())) + ' ' + SSL_get_cipher_name(ssl_.get());
}

tls_client::tls_client(std::size_t clients, bool resumes)
    : context_(SSL_CTX_new(TLS_client_method())), sessions_(resumes ? clients : 0) {
  if (context_ == nullptr)
    throw tls_failure("SSL_CTX_new");
  auto* const context = context_.get();
  // OpenSSL writes to sockets without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c): cannot fail
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(context, 1); // one system call for all records that have come
  // In the order of browsers, so that all servers choose the same.
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                    "TLS_CHACHA20_POLY1305_SHA256");
  if (!resumes)
    return;
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
}

std::unique_ptr<tls_stream> tls_client::secure(std::size_t client, int fd) {
  std::unique_ptr<SSL, tls_deleter> ssl(SSL_new(context_.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1)
    throw tls_failure("SSL_new");
  SSL_set_connect_state(ssl.get());
  if (!sessions_.empty()) {
    SSL_set_app_data(ssl.get(), &sessions_[client]);
    if (sessions_[client] != nullptr)
      SSL_set_session(ssl.get(), sessions_[client].get());
  }
  return std::make_unique<tls_stream>(std::move(ssl));
}

} // namespace load
