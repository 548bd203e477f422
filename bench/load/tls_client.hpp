/// TLS on the client's side of connections, by OpenSSL. No certificate is checked: that of the
/// server was made for the benchmark.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace load {

struct tls_deleter {
  void operator()(ssl_st* what) const noexcept;
  void operator()(ssl_ctx_st* what) const noexcept;
  void operator()(ssl_session_st* what) const noexcept;
};

/// One connection. `receive` and `send` are used as recv(2) and send(2) of a non-blocking socket.
class tls_stream {
public:
  explicit tls_stream(std::unique_ptr<ssl_st, tls_deleter> ssl) : ssl_(std::move(ssl)) {}

  /// Goes on with the handshake, whenever there is something to read. Returns true once it is over.
  /// Throws `failure` if the server ends it.
  bool shake_hands();

  /// Returns how many bytes were taken; 0: the server has ended the connection; -1: errno says why
  /// not, EAGAIN if there are none. What is left then is still in the socket, unless `size` was
  /// reached.
  ssize_t receive(char* into, std::size_t size);

  /// Returns how many bytes have left; -1: errno says why not. After EAGAIN the next call has to
  /// begin with the same bytes.
  ssize_t send(const char* from, std::size_t size);

  /// Returns true if the handshake went on with an earlier session.
  bool is_resumed() const;
  /// Version and cipher suite.
  std::string form() const;

private:
  std::unique_ptr<ssl_st, tls_deleter> ssl_;
};

/// Makes the connections of a number of clients.
class tls_client {
public:
  /// `resumes`: each handshake but a client's first goes on with the session of the one before;
  /// otherwise all are full ones.
  tls_client(std::size_t clients, bool resumes);

  /// A connection of the client on a socket, which is connected. Has to go before this.
  std::unique_ptr<tls_stream> secure(std::size_t client, int fd);

private:
  std::unique_ptr<ssl_ctx_st, tls_deleter> context_;
  /// By client: the last session, if handshakes go on with it.
  std::vector<std::unique_ptr<ssl_session_st, tls_deleter>> sessions_;
};

} // namespace load
