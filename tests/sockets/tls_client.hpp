/// A client that speaks TLS by OpenSSL over buffers, so that a test decides what of it goes over
/// the socket, and when.
#pragma once

#include "tests/sockets/raw_client.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace klatch::sockets {

struct tls_choice {
  int version = 0;               ///< as OpenSSL numbers it; 0: any
  std::string name{"localhost"}; ///< the server's, as the client asks for it; empty: none
  std::string protocols{};       ///< for ALPN, as on the wire
  std::shared_ptr<ssl_session_st> session{};
  std::string suites{}; ///< of TLS 1.3, as OpenSSL names them; empty: any
};

class tls_client {
public:
  explicit tls_client(const net::tcp_endpoint& to, const tls_choice& chosen = {},
                      int receive_buffer = 0);
  tls_client(tls_client&&) noexcept = default;
  ~tls_client();

  // By hand: what goes out is returned instead of sent.
  std::string hello();                       ///< the first flight
  std::string sealed(std::string_view text); ///< records of it
  std::string sealed_end();                  ///< `close_notify`
  std::string key_update(bool asks);

  /// As above, once the first flight is out.
  void shake_hands();
  /// Shakes hands; returns false if the server ends that.
  bool try_to_shake_hands();
  void write(std::string_view text) { raw_.write(sealed(text)); }

  std::string read(std::size_t bytes);
  http_reply get(std::string_view path, std::string_view host = "localhost");
  /// Upgrades and registers; `id` as it stands in the JSON.
  void register_as(std::string_view id);
  void push(std::string_view text);
  void expect_push(std::string_view text);
  server_frame read_frame();
  /// Reads to the end of the connection; returns what came before.
  std::string read_to_end();
  /// The server has said that nothing follows.
  bool ended_in_order() const;

  bool resumed() const;
  std::string protocol() const;    ///< of ALPN
  std::string certificate() const; ///< the server's, in PEM
  /// client_application_traffic_secret_0, once hands are shaken with TLS 1.3.
  const std::string& secret() const { return *secret_; }
  std::shared_ptr<ssl_session_st> session() const;
  raw_client& raw() noexcept { return raw_; }
  std::size_t received_bytes() const noexcept { return received_bytes_; } ///< of ciphertext

private:
  std::string output();
  /// Takes what comes next; returns false at the end of the connection.
  bool take_input();
  bool read_more();
  std::string read_head();

  raw_client raw_;
  std::unique_ptr<std::string> secret_;
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> connection_;
  std::string text_;
  std::size_t received_bytes_ = 0;
};

} // namespace klatch::sockets
