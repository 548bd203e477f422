/// A connection as it begins: HTTP.
#pragma once

#include "net/admission.hpp"
#include "net/client_socket.hpp"
#include "net/http_request.hpp"
#include "net/http_types.hpp"
#include "net/lane.hpp"
#include "net/session.hpp"

#include <boost/beast/http/parser.hpp>

#include <memory>
#include <optional>
#include <string>

namespace klatch::net {

/// Answers requests for the page's files until one asks for a WebSocket; then it hands its socket
/// on.
class http_session final : public session,
                           public client_socket,
                           public std::enable_shared_from_this<http_session> {
public:
  /// `place`: nothing where the address has all the connections it may have; then the answer is
  /// 429.
  /// `on_loopback`: it was reached at a loopback address.
  http_session(lane& where, descriptor socket, admission place, bool admitted, bool on_loopback);

  void start();

  std::size_t held_bytes() const noexcept override { return output_bytes(); }
  void shed() override { close_socket(); }
  void abort() override { close_socket(); }

private:
  enum class stage : std::uint8_t { reading, writing, lingering, closed };

  void await_request();
  void read_request();
  void take_header();
  void on_bad_request(boost::system::error_code error);
  void answer(const http_request& request);
  void answer_upgrade_of(const http_request& request, const request_target& target);
  void upgrade(http_request&& request);
  bool has_body() const;

  void write(const http_response& response);
  void linger();
  void discard_input();
  void close_socket();

  void on_readable() override;
  void on_idle() override;
  void on_write_error() override { close_socket(); }
  void on_deadline() override;

  lane& lane_;
  admission place_;
  bool admitted_;
  bool on_loopback_;
  bool goes_on_ = true; ///< after the answer that is being written
  stage stage_ = stage::reading;
  std::string input_; ///< of a request that is not whole, or not begun with
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
};

} // namespace klatch::net
