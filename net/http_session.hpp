/// A connection as it begins: HTTP.
#pragma once

#include "net/admission.hpp"
#include "net/http_types.hpp"
#include "net/lane.hpp"
#include "net/session.hpp"
#include "net/socket.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>
#include <optional>

namespace klatch::net {

/// Answers requests for the page's files until one asks for a WebSocket; then it hands its socket
/// on.
class http_session final : public session, public std::enable_shared_from_this<http_session> {
public:
  /// `place`: nothing where the address has all the connections it may have; then the answer is
  /// 429.
  http_session(lane& where, tcp_socket socket, admission place, bool admitted);

  void start();

  void abort() override { close_socket(); }

private:
  void read_request();
  void on_request(boost::system::error_code error);
  void on_bad_request(boost::system::error_code error);
  void answer(const http_request& request);
  void upgrade(http_request&& request);
  bool admits_origin(const http_request& request) const;
  bool has_body() const;

  void write(http_response response);
  void on_written(boost::system::error_code error);
  void linger();
  void discard_input();
  void close_socket();
  void on_deadline() override;

  lane& lane_;
  tcp_socket socket_;
  admission place_;
  bool admitted_;
  bool reading_ = false;
  bool closed_ = false;
  boost::beast::flat_buffer input_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  std::optional<http_response> response_;
};

} // namespace klatch::net
