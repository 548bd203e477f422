/// A connection as it begins: HTTP.
#pragma once

#include "net/http/acme_challenges.hpp"
#include "net/http/download.hpp"
#include "net/http/http_request.hpp"
#include "net/http/origin_policy.hpp"
#include "net/http/refusal_log.hpp"
#include "net/http/reply.hpp"
#include "net/http/router.hpp"
#include "net/stream/admission.hpp"
#include "net/stream/arrival.hpp"
#include "net/stream/client_socket.hpp"
#include "net/stream/http_slots.hpp"
#include "net/stream/session.hpp"
#include "net/stream/session_host.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>
#include <string>

namespace klatch::net {

/// What the HTTP sessions of a server share. Outlives them.
struct http_service {
  router routes;
  const origin_policies& origins;
  refusal_log& refusals;
  std::shared_ptr<admission_control> control;
  std::optional<acme_challenges> acme; ///< answered without TLS
  /// Where requests that come without TLS from elsewhere are led to; 0: they are answered.
  std::uint16_t https_port = 0;
};

/// Answers requests, one after the other, until one asks for an upgrade; then it hands its socket
/// on (`http_upgrade.cpp`). Its slot among the HTTP connections is taken by its maker, and given
/// back by itself.
class http_session final : public session,
                           public socket_owner,
                           public http_slot,
                           public answerable,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(session_host& host, const http_service& service, descriptor socket, arrival from);

  void start();
  /// Gives the socket away, before `start`.
  descriptor release() noexcept { return socket_.release(); }

  std::size_t held_bytes() const noexcept override { return socket_.output_bytes(); }
  void shed() override { close_socket(); }
  void abort() override { close_socket(); }
  void make_room(room which) override;
  void on_answer(std::uint32_t number, http_answer answer) override;

private:
  enum class stage : std::uint8_t {
    reading,
    reading_body,
    answering,    ///< a handler has yet to answer
    seeking_slot, ///< for a WebSocket
    writing,
    lingering, ///< our side of the socket is shut, and what comes is discarded
    closed     ///< the socket is gone, or another session's
  };

  void await_request();
  void read_input();
  void parse_header();
  void parse_body();
  void on_bad_request(boost::system::error_code error);
  void on_header();
  /// The answer to what is asked without TLS and belongs elsewhere, or nowhere else.
  std::optional<http_response> answer_plain(const std::optional<request_target>& target);
  std::optional<http_response> refuse_header(const std::optional<request_target>& target);
  /// Nobody is asked for a token, and only this machine is let in.
  bool asks_nobody() const noexcept {
    return host_.options().only_this_machine && host_.access().open();
  }
  /// For the count: `refusal` of what `refuse_header` has refused.
  upgrade_refusal why_refused(const http_response& refusal) const;
  std::optional<http_response> refuse_other_machines(const http_request& request,
                                                     const request_target& target);
  void route_request(const request_target& target);
  void pass_on(const route& row, const request_target& target);
  router::body_size body_size() const;

  void on_upgrade(const incoming& asked);
  /// Who asks, where a trusted proxy may stand between.
  boost::asio::ip::address client_of(const http_request& request) const;
  void refuse_upgrade(upgrade_refusal why, const http_response& answer);
  void seek_slot();
  void on_slot(bool taken);
  /// `control`: of which a slot is held; null: there is no limit.
  void upgrade(std::shared_ptr<admission_control> control);

  void write(const http_response& response);
  /// The next piece of the file, once all before it is with the system.
  void write_piece();
  void linger();
  void discard_input();
  void give_slot_back();
  void close_socket();

  void on_readable() override;
  void on_idle() override;
  void on_write_error() override { close_socket(); }
  void on_deadline() override;

  client_socket socket_;
  session_host& host_;
  const http_service& service_;
  arrival from_;
  boost::asio::ip::address client_; ///< that asks for a WebSocket: `from_`, or who a proxy names
  std::string token_;               ///< of that request
  stage stage_ = stage::reading;
  bool goes_on_ = true;        ///< after the answer that is being written
  bool makes_room_ = false;    ///< ends with its answer
  std::uint32_t number_ = 0;   ///< of the request, among those that handlers were given
  std::size_t textless_ = 0;   ///< records of TLS that brought nothing
  std::string input_;          ///< of a request that is not whole, or not begun with
  const route* row_ = nullptr; ///< whose body is read
  std::unique_ptr<download> download_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
};

} // namespace klatch::net
