/// A connection as it begins: HTTP.
#pragma once

#include "net/http/http_request.hpp"
#include "net/http/http_response.hpp"
#include "net/http/http_types.hpp"
#include "net/stream/admission.hpp"
#include "net/stream/client_socket.hpp"
#include "net/stream/http_slots.hpp"
#include "net/stream/session.hpp"
#include "net/stream/session_host.hpp"

#include <boost/beast/http/parser.hpp>

#include <memory>
#include <optional>
#include <string>

namespace klatch::net {

/// Where a connection has come from and in.
struct arrival {
  boost::asio::ip::address address; ///< the client's
  bool on_loopback = false;         ///< it was reached at a loopback address
};

/// Answers requests for the page's files until one asks for a WebSocket; then it hands its socket
/// on. Its slot among the HTTP connections is taken by whoever makes it, and given back by itself.
class http_session final : public session,
                           public socket_owner,
                           public http_slot,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(session_host& where, descriptor socket, std::shared_ptr<admission_control> control,
               arrival from);

  void start();
  /// Gives the socket away, before `start`.
  descriptor release() noexcept { return socket_.release(); }

  std::size_t held_bytes() const noexcept override { return socket_.output_bytes(); }
  void shed() override { close_socket(); }
  void abort() override { close_socket(); }
  void make_room(room which) override;

private:
  enum class stage : std::uint8_t { reading, seeking_place, writing, lingering, closed };

  void await_request();
  void read_request();
  void take_header();
  void on_bad_request(boost::system::error_code error);
  void answer(const http_request& request);
  void answer_upgrade_of(const http_request& request, const request_target& target);
  void answer_health(const http_request& request, const request_target& target,
                     std::string_view origin);
  void on_health(bool has_place);
  provenance provenance_of(const http_request& request, const request_target& target,
                           std::optional<std::string_view> origin) const;
  void seek_place();
  void on_place(bool taken);
  /// Calls `then` with what `ask` returns of the control, on this worker, if nothing else has
  /// happened.
  template<class Ask>
  void ask_desk(Ask ask, void (http_session::*then)(bool));
  /// `control`: whose place it has; null: there is no limit.
  void upgrade(std::shared_ptr<admission_control> control);
  bool has_body() const;

  /// A file on its way to the client.
  struct download {
    asset_content content;
    std::uint64_t size;
    std::uint64_t read = 0;  ///< of the file, in bytes
    std::uint64_t taken = 0; ///< by the client, as far as was looked
  };

  void write(const http_response& response);
  void write(http_answer answer);
  /// The next piece of the file, once all before it is with the system.
  void write_piece();
  std::uint64_t taken_by_client();
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
  std::shared_ptr<admission_control> control_;
  arrival from_;
  bool goes_on_ = true;     ///< after the answer that is being written
  bool makes_room_ = false; ///< ends with its answer
  stage stage_ = stage::reading;
  std::string input_; ///< of a request that is not whole, or not begun with
  std::unique_ptr<download> download_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
};

} // namespace klatch::net
