#include "net/http_session.hpp"

#include "net/cork_stream.hpp"
#include "net/http_response.hpp"
#include "net/ws_session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <spdlog/spdlog.h>

#include <limits>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t max_header_bytes = 16 * 1024;

/// What waits to be written is never more than one answer.
constexpr std::size_t all_of_an_answer = std::numeric_limits<std::size_t>::max();

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

} // namespace

http_session::http_session(lane& where, descriptor socket, admission place, bool admitted)
    : client_socket(std::move(socket), where.home(), all_of_an_answer), lane_(where),
      place_(std::move(place)), admitted_(admitted) {}

void http_session::start() {
  if (const auto error = open(shared_from_this())) {
    spdlog::error("{}: no connection more can be watched: {}", place_.from().to_string(),
                  error.message());
    return place_.give_back();
  }
  lane_.enter(*this);
  await_request();
}

// -- reading --------------------------------------------------------------------------------------

void http_session::await_request() {
  stage_ = stage::reading;
  parser_.emplace();
  parser_->header_limit(max_header_bytes);
  lane_.schedule(*this, lane_.chosen().times.request);
}

void http_session::on_readable() {
  switch (stage_) {
  case stage::reading:
    take_header(); // There may be one that has come behind the one before.
    if (stage_ == stage::reading)
      read_request();
    return;
  case stage::lingering:
    return discard_input();
  case stage::writing: // The next request waits.
  case stage::closed:
    return;
  }
}

void http_session::read_request() {
  const auto buffer = lane_.input();
  const auto found = read(buffer);
  if (found.ended)
    return close_socket();
  input_.append(buffer.data(), found.bytes);
  if (readable())
    read_later();
  take_header();
}

void http_session::take_header() {
  if (input_.empty())
    return;
  boost::system::error_code error;
  input_.erase(0, parser_->put(boost::asio::buffer(input_), error));
  if (error && error != http::error::need_more)
    return on_bad_request(error);
  if (parser_->is_header_done())
    answer(parser_->get());
}

void http_session::on_bad_request(boost::system::error_code error) {
  if (error == http::error::header_limit)
    return write(text_response(http::status::request_header_fields_too_large,
                               "The request's header is over 16 KiB."));
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
    return write(refusal);
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
  stage_ = stage::closed;
  leave_lane();
  const auto next = std::make_shared<ws_session>(lane_, std::move(*this), std::move(place_));
  next->start(request, std::move(input_));
}

// -- writing and the end --------------------------------------------------------------------------

void http_session::write(const http_response& response) {
  stage_ = stage::writing;
  goes_on_ = response.keep_alive() && admitted_;
  lane_.schedule(*this, lane_.chosen().times.request);
  cork_stream way_out{*this};
  boost::system::error_code error;
  http::write(way_out, response, error);
  if (error)
    close_socket();
}

void http_session::on_idle() {
  if (stage_ != stage::writing)
    return;
  if (!goes_on_)
    return linger();
  await_request();
  if (!input_.empty() || readable())
    read_later();
}

void http_session::linger() {
  ::shutdown(socket().get(), SHUT_WR);
  stage_ = stage::lingering;
  lane_.schedule(*this, lane_.chosen().times.close);
  if (readable())
    read_later();
}

void http_session::discard_input() {
  if (read(lane_.input()).ended)
    return close_socket();
  if (readable())
    read_later();
}

void http_session::on_deadline() {
  const auto self = shared_from_this();
  const bool begun = stage_ == stage::reading && (!input_.empty() || parser_->got_some());
  if (!begun)
    return close_socket();
  write(text_response(http::status::request_timeout, "The request did not end in time."));
}

void http_session::close_socket() {
  if (std::exchange(stage_, stage::closed) == stage::closed)
    return;
  home().forget(*this);
  leave_lane();
  const auto self = shut();
  place_.give_back();
}

} // namespace klatch::net
