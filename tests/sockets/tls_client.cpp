#include "tests/sockets/tls_client.hpp"

#include "tests/catch.hpp"
#include "tests/sockets/wire_frame.hpp"
#include "tests/sockets/ws_client.hpp"

#include <array>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

namespace klatch::sockets {

namespace {

/// A line as in the files that SSLKEYLOGFILE names: what it is, the client's random, and it in hex.
void note_secret(const ssl_st* connection, const char* line) {
  const std::string_view all{line};
  if (!all.starts_with("CLIENT_TRAFFIC_SECRET_0 "))
    return;
  const auto hex = all.substr(all.rfind(' ') + 1);
  auto& into = *static_cast<std::string*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  into.clear();
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    into += static_cast<char>(std::stoi(std::string{hex.substr(at, 2)}, nullptr, 16));
}

} // namespace

tls_client::tls_client(const net::tcp_endpoint& to, const tls_choice& chosen, int receive_buffer)
    : raw_(to, receive_buffer), secret_(std::make_unique<std::string>()),
      context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      connection_(SSL_new(context_.get()), SSL_free) {
  SSL_CTX_set_app_data(context_.get(), secret_.get());
  SSL_CTX_set_keylog_callback(context_.get(), note_secret);
  auto* connection = connection_.get();
  SSL_set_bio(connection, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(connection);
  if (chosen.version != 0) {
    SSL_set_min_proto_version(connection, chosen.version);
    SSL_set_max_proto_version(connection, chosen.version);
  }
  if (!chosen.name.empty())
    SSL_set_tlsext_host_name(connection, chosen.name.c_str());
  if (!chosen.protocols.empty())
    SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>(chosen.protocols.data()),
                        static_cast<unsigned>(chosen.protocols.size()));
  if (!chosen.suites.empty())
    SSL_set_ciphersuites(connection, chosen.suites.c_str());
  if (chosen.session)
    SSL_set_session(connection, chosen.session.get());
}

tls_client::~tls_client() = default;

std::string tls_client::output() {
  auto* from = SSL_get_wbio(connection_.get());
  std::string bytes(BIO_ctrl_pending(from), '\0');
  if (!bytes.empty())
    BIO_read(from, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

bool tls_client::take_input() {
  std::array<char, 16 * 1024> chunk{};
  if (!wait_for(raw_.descriptor(), POLLIN, std::chrono::steady_clock::now() + patience))
    FAIL("nothing came in time");
  const auto got = ::recv(raw_.descriptor(), chunk.data(), chunk.size(), 0);
  if (got <= 0)
    return false;
  received_bytes_ += static_cast<std::size_t>(got);
  BIO_write(SSL_get_rbio(connection_.get()), chunk.data(), static_cast<int>(got));
  return true;
}

std::string tls_client::hello() {
  REQUIRE(SSL_do_handshake(connection_.get()) == -1);
  return output();
}

std::string tls_client::sealed(std::string_view text) {
  std::size_t written = 0;
  ERR_clear_error();
  REQUIRE(SSL_write_ex(connection_.get(), text.data(), text.size(), &written) == 1);
  return output();
}

std::string tls_client::sealed_end() {
  SSL_shutdown(connection_.get());
  return output();
}

std::string tls_client::key_update(bool asks) {
  REQUIRE(SSL_key_update(connection_.get(),
                         asks ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
  REQUIRE(SSL_do_handshake(connection_.get()) == 1);
  return output();
}

bool tls_client::try_to_shake_hands() {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(connection_.get());
    const auto flight = output();
    if (raw_.write_until_refused(flight) != flight.size())
      return false;
    if (done == 1)
      return true;
    if (SSL_get_error(connection_.get(), done) != SSL_ERROR_WANT_READ || !take_input())
      return false;
  }
}

void tls_client::shake_hands() {
  const bool done = try_to_shake_hands();
  INFO(ERR_error_string(ERR_peek_last_error(), nullptr));
  REQUIRE(done);
}

bool tls_client::read_more() {
  std::array<char, 16 * 1024> chunk{};
  for (;;) {
    std::size_t got = 0;
    ERR_clear_error();
    const int done = SSL_read_ex(connection_.get(), chunk.data(), chunk.size(), &got);
    if (done == 1) {
      text_.append(chunk.data(), got);
      return true;
    }
    if (SSL_get_error(connection_.get(), done) != SSL_ERROR_WANT_READ || !take_input())
      return false;
  }
}

std::string tls_client::read(std::size_t bytes) {
  while (text_.size() < bytes)
    if (!read_more())
      FAIL("the server closed; before that came: " << text_.substr(0, 200));
  auto result = text_.substr(0, bytes);
  text_.erase(0, bytes);
  return result;
}

std::string tls_client::read_head() {
  while (text_.find("\r\n\r\n") == std::string::npos)
    if (!read_more())
      FAIL("the server closed; before that came: " << text_.substr(0, 200));
  return read(text_.find("\r\n\r\n") + 4);
}

std::string tls_client::read_to_end() {
  while (read_more()) {
  }
  return std::exchange(text_, {});
}

http_reply tls_client::get(std::string_view path, std::string_view host) {
  write("GET " + std::string{path} + " HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n");
  auto reply = parse_head(read_head());
  reply.body = read(std::stoul(reply.fields.at("content-length")));
  return reply;
}

void tls_client::register_as(std::string_view id) {
  write(upgrade_request());
  REQUIRE(read_head().starts_with("HTTP/1.1 101 "));
  push(registration(id));
  expect_push(acknowledged);
}

void tls_client::push(std::string_view text) {
  write(wire_frame{.payload = std::string{text}}.bytes());
}

server_frame tls_client::read_frame() {
  const auto octet = [](char each) {
    return static_cast<std::size_t>(static_cast<unsigned char>(each));
  };
  const auto head = read(2);
  auto length = octet(head[1]);
  if (length >= 126) {
    const auto more = read(length == 126 ? 2 : 8);
    length = 0;
    for (const char each : more)
      length = length << 8U | octet(each);
  }
  return {(octet(head[0]) & 0x80U) != 0, static_cast<unsigned>(octet(head[0]) & 0x0FU),
          read(length)};
}

void tls_client::expect_push(std::string_view text) {
  const auto frame = read_frame();
  REQUIRE(frame.kind == opcode::text);
  REQUIRE(frame.payload == text);
}

bool tls_client::ended_in_order() const {
  return (SSL_get_shutdown(connection_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool tls_client::resumed() const { return SSL_session_reused(connection_.get()) == 1; }

std::string tls_client::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string tls_client::certificate() const {
  auto* certificate = SSL_get1_peer_certificate(connection_.get());
  auto* into = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(into, certificate);
  X509_free(certificate);
  std::string text(BIO_ctrl_pending(into), '\0');
  BIO_read(into, text.data(), static_cast<int>(text.size()));
  BIO_free(into);
  return text;
}

std::shared_ptr<ssl_session_st> tls_client::session() const {
  return {SSL_get1_session(connection_.get()), SSL_SESSION_free};
}

} // namespace klatch::sockets
