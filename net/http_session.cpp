#include "net/http_session.hpp"

#include "net/http_response.hpp"
#include "net/ws_session.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <string_view>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t max_header_bytes = 16 * 1024;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

} // namespace

http_session::http_session(lane& where, tcp_socket socket, admission place, bool admitted)
    : lane_(where), socket_(std::move(socket)), place_(std::move(place)), admitted_(admitted) {}

void http_session::start() {
  lane_.enter(*this);
  read_request();
}

void http_session::read_request() {
  parser_.emplace();
  parser_->header_limit(max_header_bytes);
  lane_.schedule(*this, lane_.chosen().times.request);
  reading_ = true;
  http::async_read_header(socket_, input_, *parser_,
                          [self = shared_from_this()](boost::system::error_code error,
                                                      std::size_t) { self->on_request(error); });
}

void http_session::on_request(boost::system::error_code error) {
  if (closed_ || !std::exchange(reading_, false))
    return;
  if (error)
    return on_bad_request(error);
  answer(parser_->get());
}

void http_session::on_bad_request(boost::system::error_code error) {
  if (error == http::error::header_limit)
    return write(text_response(http::status::request_header_fields_too_large,
                               "The request's header is over 16 KiB."));
  const bool gone = error == http::error::end_of_stream || error == http::error::partial_message ||
                    error.category() != http::make_error_code(http::error::bad_method).category();
  if (gone)
    return close_socket();
  write(text_response(http::status::bad_request,
                      "This is not an HTTP request: " + error.message() + "."));
}

void http_session::answer(const http_request& request) {
  if (!admitted_)
    return write(
        text_response(http::status::too_many_requests, "Too many connections from this address."));
  if (!well_formed(request))
    return write(
        text_response(http::status::bad_request, "The request needs a Host field and a path."));
  if (!boost::beast::websocket::is_upgrade(request))
    return write(respond(request, has_body(), lane_.assets()));
  if (!admits_origin(request))
    return write(
        text_response(http::status::forbidden,
                      "Pages of this origin may not connect here; the operator can allow it "
                      "with --allow-origin."));
  if (has_body()) {
    auto refusal = text_response(request, http::status::bad_request,
                                 "A request for an upgrade has no body here.");
    refusal.keep_alive(false);
    return write(std::move(refusal));
  }
  upgrade(parser_->release());
}

bool http_session::has_body() const {
  return parser_->chunked() || parser_->content_length().value_or(0) > 0;
}

bool http_session::admits_origin(const http_request& request) const {
  const auto found = request.find(http::field::origin);
  const auto origin = found == request.end() ? std::nullopt : std::optional{view(found->value())};
  return lane_.origins().admits(origin, view(request[http::field::host]),
                                place_.from().is_loopback());
}

void http_session::upgrade(http_request&& request) {
  closed_ = true;
  leave_lane();
  auto early = boost::beast::buffers_to_string(input_.data());
  const auto next = std::make_shared<ws_session>(lane_, std::move(socket_), std::move(place_));
  next->start(request, std::move(early));
}

// -- writing and the end --------------------------------------------------------------------------

void http_session::write(http_response response) {
  response_.emplace(std::move(response));
  lane_.schedule(*this, lane_.chosen().times.request);
  http::async_write(socket_, *response_,
                    [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                      self->on_written(error);
                    });
}

void http_session::on_written(boost::system::error_code error) {
  if (closed_)
    return;
  if (error)
    return close_socket();
  const bool goes_on = response_->keep_alive() && admitted_;
  response_.reset();
  if (goes_on)
    read_request();
  else
    linger();
}

void http_session::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
  lane_.schedule(*this, lane_.chosen().times.close);
  discard_input();
}

void http_session::discard_input() {
  socket_.async_read_some(
      lane_.scratch(), [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        if (error)
          return self->close_socket();
        self->discard_input();
      });
}

void http_session::on_deadline() {
  const auto self = shared_from_this();
  const bool begun = reading_ && (input_.size() > 0 || parser_->got_some());
  if (!begun)
    return close_socket();
  reading_ = false;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  write(text_response(http::status::request_timeout, "The request did not end in time."));
}

void http_session::close_socket() {
  if (std::exchange(closed_, true))
    return;
  const auto self = shared_from_this();
  leave_lane();
  boost::system::error_code ignored;
  socket_.close(ignored);
  place_.give_back();
}

} // namespace klatch::net
