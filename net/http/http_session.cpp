#include "net/http/http_session.hpp"

#include "net/http/http_request.hpp"
#include "net/http/http_response.hpp"
#include "net/stream/cork_stream.hpp"
#include "net/websocket/handshake.hpp"
#include "net/websocket/ws_session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t max_header_bytes = 16 * 1024;

/// What waits to be written is never more than one answer.
constexpr std::size_t all_of_an_answer = std::numeric_limits<std::size_t>::max();

constexpr std::string_view no_place = "This address has all the WebSockets that it may have.";

} // namespace

http_session::http_session(session_host& where, descriptor socket,
                           std::shared_ptr<admission_control> control, arrival from)
    : socket_(*this, std::move(socket), where.home(), all_of_an_answer), host_(where),
      control_(std::move(control)), from_(std::move(from)) {
  begin_idle(clock::now());
}

void http_session::start() {
  if (const auto error = socket_.open(shared_from_this())) {
    spdlog::error("{}: no connection more can be watched: {}", from_.address.to_string(),
                  error.message());
    return give_slot_back();
  }
  host_.enter(*this);
  await_request();
}

// -- reading --------------------------------------------------------------------------------------

void http_session::await_request() {
  stage_ = stage::reading;
  begin_idle(clock::now());
  parser_.emplace();
  parser_->header_limit(max_header_bytes);
  host_.schedule(*this, host_.chosen().times.request);
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
  case stage::seeking_place:
  case stage::writing: // The next request waits.
  case stage::closed:
    return;
  }
}

void http_session::read_request() {
  const auto buffer = host_.input();
  const auto found = socket_.read(buffer);
  if (found.ended)
    return close_socket();
  input_.append(buffer.data(), found.bytes);
  if (socket_.readable())
    socket_.read_later();
  take_header();
}

void http_session::take_header() {
  if (!parser_->got_some()) // RFC 9112 section 2.2: empty lines before a request mean nothing.
    while (input_.starts_with("\r\n"))
      input_.erase(0, 2);
  if (input_.empty() || (!parser_->got_some() && input_ == "\r"))
    return;
  end_idle();
  boost::system::error_code error;
  input_.erase(0, parser_->put(boost::asio::buffer(input_), error));
  if (error && error != http::error::need_more)
    return on_bad_request(error);
  if (!parser_->is_header_done())
    return;
  begin_busy();
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
  const auto target = target_of(request);
  if (!target)
    return write(
        text_response(http::status::bad_request, "The request needs one Host field and a path."));
  if (!has_known_coding(request))
    return write(text_response(http::status::not_implemented,
                               "No transfer coding but chunked is understood here."));
  if (from_.on_loopback && target->host && !host_.origins().admits_on_loopback(*target->host)) {
    host_.refusals().host_refused(*target->host, from_.address.to_string());
    return write(text_response(http::status::forbidden, why_host_refused(*target->host)));
  }
  if (is_upgrade(request))
    return answer_upgrade_of(request, *target);
  if (is_stripped_upgrade(request))
    return write(refuse_stripped_upgrade(request));
  const auto origin = query_value(request, "origin");
  if (target->path == "/healthz" && request.method() == http::verb::get && origin && !has_body())
    return answer_health(request, *target, *origin);
  write(respond(request, target->path, has_body(), host_.assets()));
}

provenance http_session::provenance_of(const http_request& request, const request_target& target,
                                       std::optional<std::string_view> origin) const {
  return {origin, target.host, from_.address.is_loopback(), is_forwarded(request)};
}

/// What a WebSocket of a page of `origin` would be told now: a browser keeps that from the page.
void http_session::answer_health(const http_request& request, const request_target& target,
                                 std::string_view origin) {
  const auto asked = provenance_of(request, target, origin);
  if (!host_.origins().admits(asked))
    return write(health_response(request, http::status::forbidden, why_origin_refused(asked)));
  ask_desk([](const admission_control& control,
              const auto& address) { return control.websockets.has_place(address); },
           &http_session::on_health);
}

void http_session::on_health(bool has_place) {
  if (stage_ != stage::seeking_place)
    return;
  if (has_place)
    return write(health_response(parser_->get(), http::status::ok, "ok"));
  write(health_response(parser_->get(), http::status::too_many_requests, no_place));
}

void http_session::answer_upgrade_of(const http_request& request, const request_target& target) {
  if (request.count(http::field::origin) > 1)
    return write(text_response(http::status::bad_request, "The request has more than one Origin."));
  const auto found = request.find(http::field::origin);
  const auto asked = provenance_of(
      request, target, found == request.end() ? std::nullopt : std::optional{view(found->value())});
  if (!host_.origins().admits(asked)) {
    host_.refusals().origin_refused(asked, from_.address.to_string());
    return write(text_response(http::status::forbidden, why_origin_refused(asked)));
  }
  if (has_body())
    return write(
        text_response(http::status::bad_request, "A request for an upgrade has no body here."));
  if (const auto refusal = refuse_upgrade(request))
    return write(*refusal);
  seek_place();
}

bool http_session::has_body() const {
  return parser_->chunked() || parser_->content_length().value_or(0) > 0;
}

/// The WebSocket needs a place under the limit of its address.
void http_session::seek_place() {
  if (!control_->websockets.is_unlimited())
    return ask_desk([](admission_control& control,
                       const auto& address) { return control.websockets.take(address); },
                    &http_session::on_place);
  stage_ = stage::seeking_place;
  upgrade(nullptr);
}

template<class Ask>
void http_session::ask_desk(Ask ask, void (http_session::*then)(bool)) {
  stage_ = stage::seeking_place;
  at_control(control_, [self = shared_from_this(), ask, then](admission_control& control) mutable {
    const bool answer = ask(control, self->from_.address);
    auto& home = self->host_.home();
    if (worker::current() == &home)
      return ((*self).*then)(answer);
    boost::asio::post(home.io(),
                      [self = std::move(self), then, answer] { ((*self).*then)(answer); });
  });
}

void http_session::on_place(bool taken) {
  auto control = taken ? control_ : nullptr;
  if (stage_ == stage::seeking_place && taken)
    return upgrade(std::move(control));
  admission{std::move(control), from_.address}.give_back();
  if (stage_ == stage::seeking_place)
    write(text_response(http::status::too_many_requests, no_place));
}

void http_session::upgrade(std::shared_ptr<admission_control> control) {
  stage_ = stage::closed;
  leave_host();
  give_slot_back();
  const auto next = std::make_shared<ws_session>(host_, std::move(socket_),
                                                 admission{std::move(control), from_.address});
  next->start(parser_->release(), std::move(input_));
}

// -- writing and the end --------------------------------------------------------------------------

void http_session::write(const http_response& response) {
  stage_ = stage::writing;
  begin_busy();
  goes_on_ = response.keep_alive() && !makes_room_;
  host_.schedule(*this, host_.chosen().times.request);
  cork_stream way_out{socket_};
  boost::system::error_code error;
  http::write(way_out, response, error);
  if (error)
    close_socket();
}

void http_session::write(http_answer answer) {
  if (answer.file)
    download_ =
        std::make_unique<download>(download{std::move(answer.file->content), answer.file->size});
  write(answer.head);
  if (!download_ || stage_ != stage::writing)
    return;
  // So that what a client does not read waits in the file, not in the system.
  if (download_->size > host_.input().size())
    socket_.limit_unsent(host_.input().size());
  write_piece();
}

void http_session::write_piece() {
  const auto left = download_->size - download_->read;
  const auto buffer = host_.input();
  const auto piece = download_->content.piece(
      download_->read, buffer.first(std::min<std::uint64_t>(buffer.size(), left)));
  if (piece.empty() || !socket_.append(piece)) {
    spdlog::warn("{}: cut off, a file of --web has become shorter while it was sent",
                 from_.address.to_string());
    return close_socket();
  }
  download_->read += piece.size();
  host_.schedule(*this, host_.chosen().times.gone);
}

/// Of the file, but for a constant: the header.
std::uint64_t http_session::taken_by_client() {
  const auto waiting = socket_.unconfirmed_bytes();
  return download_->read > waiting ? download_->read - waiting : 0;
}

void http_session::on_idle() {
  if (stage_ != stage::writing)
    return;
  if (download_) {
    if (download_->read < download_->size)
      return write_piece();
    download_.reset();
  }
  if (!goes_on_)
    return linger();
  await_request();
  if (!input_.empty() || socket_.readable())
    socket_.read_later();
}

void http_session::linger() {
  socket_.end_output();
  stage_ = stage::lingering;
  begin_idle(clock::now()); // All is said: it can make room.
  host_.schedule(*this, host_.chosen().times.close);
  if (socket_.readable())
    socket_.read_later();
}

void http_session::discard_input() {
  if (socket_.read(host_.input()).ended)
    return close_socket();
  if (socket_.readable())
    socket_.read_later();
}

void http_session::on_deadline() {
  const auto self = shared_from_this();
  if (download_) {
    if (const auto taken = taken_by_client(); taken > download_->taken) {
      download_->taken = taken;
      return host_.schedule(*this, host_.chosen().times.gone);
    }
    spdlog::debug("{}: gone, nothing of a file was taken for a while", from_.address.to_string());
    return close_socket();
  }
  const bool begun = stage_ == stage::reading && (!input_.empty() || parser_->got_some());
  if (!begun)
    return close_socket();
  write(text_response(http::status::request_timeout, "The request did not end in time."));
}

void http_session::make_room(room which) {
  boost::asio::post(host_.home().io(), [weak = weak_from_this(), which] {
    const auto self = weak.lock();
    if (!self)
      return;
    self->makes_room_ = true;
    self->goes_on_ = false;
    if (self->stage_ == stage::reading)
      self->read_request(); // It may have come, and not have been looked at.
    if (self->waits_since(which))
      self->close_socket();
  });
}

void http_session::give_slot_back() {
  // This lives until then, so that its address stands for nobody else.
  at_control(control_, [self = shared_from_this()](admission_control& control) {
    control.http.give_back(self->from_.address, self.get());
  });
}

void http_session::close_socket() {
  if (std::exchange(stage_, stage::closed) == stage::closed)
    return;
  begin_busy();
  leave_host();
  const auto self = socket_.shut();
  give_slot_back();
}

} // namespace klatch::net
