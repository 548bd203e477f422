#include "net/http/http_session.hpp"

#include "net/http/https_redirect.hpp"
#include "net/stream/cork_stream.hpp"
#include "net/stream/text_response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

#include <cassert>
#include <limits>
#include <string_view>
#include <utility>
#include <variant>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t max_header_bytes = 16 * 1024;

/// Begins what a client sends that speaks TLS (RFC 8446 section 5.1); no request begins so.
constexpr char tls_handshake = 22;

/// Records of TLS that bring no text, such as changes of keys, cost much and are nothing that an
/// HTTP client needs.
constexpr std::size_t max_textless = 32;

/// What waits to be written is never more than one answer.
constexpr std::size_t all_of_an_answer = std::numeric_limits<std::size_t>::max();

} // namespace

http_session::http_session(session_host& host, const http_service& service, descriptor socket,
                           arrival from)
    : socket_(*this, std::move(socket), host.home(), all_of_an_answer), host_(host),
      service_(service), from_(std::move(from)) {
  begin_idle(clock::now());
}

void http_session::start() {
  if (from_.secure && !socket_.secure(host_.tls())) { // There is no certificate yet.
    socket_.release();
    return give_slot_back();
  }
  if (const auto error = socket_.open(shared_from_this())) {
    spdlog::error("{}: no connection more can be watched: {}", host_.name_in_log(from_.address),
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
  parser_->body_limit(boost::none); // The router's rows have limits of their own.
  host_.schedule(*this, host_.options().times.request);
}

void http_session::on_readable() {
  switch (stage_) {
  case stage::reading:
    parse_header(); // There may be one that has come behind the one before.
    if (stage_ == stage::reading || stage_ == stage::reading_body)
      read_input();
    return;
  case stage::reading_body:
    return read_input();
  case stage::lingering:
    return discard_input();
  case stage::answering:
  case stage::seeking_slot:
  case stage::writing: // The next request waits.
  case stage::closed:
    return;
  }
}

void http_session::read_input() {
  const auto buffer = host_.input();
  const auto found = socket_.read(buffer);
  textless_ += found.textless;
  if (found.ended || textless_ > max_textless)
    return close_socket();
  if (found.not_secure)
    return write(text_response(http::status::bad_request,
                               "TLS is spoken at this address: ask for https here."));
  input_.append(buffer.data(), found.bytes);
  if (socket_.readable())
    socket_.read_later();
  if (stage_ == stage::reading)
    parse_header();
  else
    parse_body();
}

void http_session::parse_header() {
  if (!parser_->got_some()) // RFC 9112 section 2.2: empty lines before a request mean nothing.
    while (input_.starts_with("\r\n"))
      input_.erase(0, 2);
  if (input_.empty() || (!parser_->got_some() && input_ == "\r"))
    return;
  if (!parser_->got_some() && input_.front() == tls_handshake)
    return close_socket(); // A client that speaks TLS understands no answer without it.
  end_idle();
  boost::system::error_code error;
  input_.erase(0, parser_->put(boost::asio::buffer(input_), error));
  if (error && error != http::error::need_more)
    return on_bad_request(error);
  if (parser_->is_header_done())
    on_header();
}

void http_session::parse_body() {
  boost::system::error_code error;
  while (!error && !input_.empty() && !parser_->is_done())
    input_.erase(0, parser_->put(boost::asio::buffer(input_), error));
  if (error && error != http::error::need_more)
    return on_bad_request(error);
  if (parser_->is_done())
    pass_on(*row_, *target_of(parser_->get()));
}

void http_session::on_bad_request(boost::system::error_code error) {
  if (error == http::error::header_limit)
    return write(text_response(http::status::request_header_fields_too_large,
                               "The request's header is over 16 KiB."));
  if (error == http::error::body_limit)
    return write(body_too_large(parser_->get()));
  write(text_response(http::status::bad_request,
                      "This is not an HTTP request: " + error.message() + "."));
}

// -- answering ------------------------------------------------------------------------------------

void http_session::on_header() {
  const http_request& request = parser_->get();
  const auto target = target_of(request);
  if (const auto answer = answer_plain(target))
    return write(*answer);
  const auto& upgrade = service_.routes.upgrade();
  if (const auto refusal = refuse_header(target)) {
    if (!upgrade.asks(request))
      return write(*refusal);
    return refuse_upgrade(why_refused(*refusal), *refusal);
  }
  if (upgrade.asks(request))
    return on_upgrade({request, *target, {}, from_});
  if (const auto refusal = upgrade.refuse_stripped(request))
    return write(*refusal);
  route_request(*target);
}

upgrade_refusal http_session::why_refused(const http_response& refusal) const {
  if (refusal.result() != http::status::forbidden)
    return upgrade_refusal::bad_request;
  return asks_nobody() ? upgrade_refusal::open_mode : upgrade_refusal::host;
}

std::optional<http_response>
http_session::answer_plain(const std::optional<request_target>& target) {
  if (from_.secure || !target)
    return std::nullopt;
  const http_request& request = parser_->get();
  if (service_.acme)
    if (auto answer = service_.acme->answer(request, target->path))
      return answer;
  if (service_.https_port == 0 || from_.on_loopback)
    return std::nullopt;
  return redirect_to_https(request, *target, service_.https_port);
}

std::optional<http_response>
http_session::refuse_header(const std::optional<request_target>& target) {
  const http_request& request = parser_->get();
  if (!target)
    return text_response(http::status::bad_request, "The request needs one Host field and a path.");
  if (!has_known_coding(request))
    return text_response(http::status::not_implemented,
                         "No transfer coding but chunked is understood here.");
  if (asks_nobody())
    if (auto refusal = refuse_other_machines(request, *target))
      return refusal;
  if (!from_.on_loopback || !target->host ||
      service_.origins.here().admits_on_loopback(*target->host))
    return std::nullopt;
  service_.refusals.host_refused(*target->host, host_.name_in_log(from_.address));
  return text_response(http::status::forbidden, why_host_refused(*target->host));
}

/// In open mode: whoever a proxy lets in, or a name that leads here, would be whom they say.
std::optional<http_response> http_session::refuse_other_machines(const http_request& request,
                                                                 const request_target& target) {
  const bool named = target.host && !is_loopback_host(target.host->host);
  if (!named && !is_forwarded(request))
    return std::nullopt;
  const auto why = why_open_mode_refused(named ? &*target.host : nullptr);
  service_.refusals.open_mode_refused(why, host_.name_in_log(from_.address));
  return text_response(http::status::forbidden, why);
}

router::body_size http_session::body_size() const {
  const auto known = parser_->content_length().value_or(0);
  return {!parser_->chunked() && known == 0, known};
}

void http_session::route_request(const request_target& target) {
  const auto body = body_size();
  const auto match = service_.routes.match(parser_->get(), target.path, body);
  if (const auto* refusal = std::get_if<http_response>(&match))
    return write(*refusal);
  row_ = std::get<const route*>(match);
  if (body.none)
    return pass_on(*row_, target);
  stage_ = stage::reading_body;
  parser_->body_limit(row_->body_limit);
  parser_->eager(true);
  parse_body();
}

void http_session::pass_on(const route& row, const request_target& target) {
  stage_ = stage::answering;
  begin_busy();
  row.handle({parser_->get(), target, parser_->get().body(), from_},
             reply{weak_from_this(), host_.home(), ++number_});
}

void http_session::on_answer(std::uint32_t number, http_answer answer) {
  if (stage_ != stage::answering || number != number_)
    return;
  if (answer.file)
    download_ = std::make_unique<download>(*std::move(answer.file));
  write(answer.head);
  if (!download_ || stage_ != stage::writing)
    return;
  // So that what a client does not read waits in the file, not in the system.
  if (download_->size() > host_.input().size())
    socket_.limit_unsent(host_.input().size());
  write_piece();
}

// -- writing and the end --------------------------------------------------------------------------

void http_session::write(const http_response& response) {
  assert(stage_ != stage::closed && socket_.idle());
  stage_ = stage::writing;
  begin_busy();
  goes_on_ = response.keep_alive() && !makes_room_;
  host_.schedule(*this, host_.options().times.request);
  cork_stream way_out{socket_};
  boost::system::error_code error;
  http::write(way_out, response, error);
  if (error)
    close_socket();
}

void http_session::write_piece() {
  const auto piece = download_->next_piece(host_.input());
  if (piece.empty() || !socket_.append(piece)) {
    spdlog::warn("{}: cut off, a file of --web has become shorter while it was sent",
                 host_.name_in_log(from_.address));
    return close_socket();
  }
  host_.schedule(*this, host_.options().times.gone);
}

void http_session::on_idle() {
  if (stage_ != stage::writing)
    return;
  if (download_) {
    if (!download_->is_read())
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
  begin_idle(clock::now()); // All is sent: it can make room.
  host_.schedule(*this, host_.options().times.close);
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
    if (download_->goes_on(socket_.unconfirmed_bytes()))
      return host_.schedule(*this, host_.options().times.gone);
    spdlog::debug("{}: gone, nothing of a file was taken for a while",
                  host_.name_in_log(from_.address));
    return close_socket();
  }
  const bool begun = stage_ == stage::reading_body ||
                     (stage_ == stage::reading && (!input_.empty() || parser_->got_some()));
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
    if (self->stage_ == stage::reading || self->stage_ == stage::reading_body)
      self->read_input(); // It may have come, and not have been looked at.
    if (self->waits_since(which))
      self->close_socket();
  });
}

void http_session::give_slot_back() {
  // This lives until then, so that its address stands for nobody else.
  at_control(service_.control, [self = shared_from_this()](admission_control& control) {
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
