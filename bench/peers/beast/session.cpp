#include "bench/peers/beast/session.hpp"

#include "messages/wire/decoder.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>

#include <chrono>
#include <string_view>
#include <utility>

namespace peer {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::size_t largest_frame = std::size_t{128} * 1024;
constexpr std::size_t most_waiting = std::size_t{1024} * 1024;
/// A ping goes out after half of it.
constexpr std::chrono::seconds idle_timeout{50};

/// A decoder is for one thread.
klatch::decoder& decoder() {
  thread_local klatch::decoder own{klatch::limits{}};
  return own;
}

} // namespace

session::session(asio::ip::tcp::socket socket, registry& users)
    : socket_(std::move(socket)), users_(users) {
  auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
  timeouts.idle_timeout = idle_timeout;
  timeouts.keep_alive_pings = true;
  socket_.set_option(timeouts);
  socket_.read_message_max(largest_frame);
  socket_.text(true);
  error_code ignored;
  beast::get_lowest_layer(socket_).socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void session::run() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->socket_.async_accept(beast::bind_front_handler(&session::on_accept, self));
  });
}

void session::on_accept(error_code error) {
  if (!error)
    read();
}

void session::read() {
  socket_.async_read(
      in_, [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void session::on_read(error_code error) {
  if (error)
    return leave();
  const auto bytes = in_.cdata();
  const std::string_view text(static_cast<const char*>(bytes.data()), bytes.size());
  const auto said = decoder().decode(text).what;
  if (const auto* asked = std::get_if<klatch::registration>(&said))
    take(*asked);
  else if (const auto* message = std::get_if<klatch::user_message>(&said))
    take(*message);
  else
    refuse(klatch::error_code::bad_frame);
  in_.consume(in_.size());
  read();
}

void session::take(const klatch::registration& asked) {
  if (asked.missing)
    return refuse(asked.missing->code);
  if (me_)
    users_.remove(me_->key, *this);
  const klatch::user_key key{*asked.project, *asked.user};
  me_ = member{key, asked.name.empty() ? key.user.str() : asked.name, asked.color};
  users_.add(key, shared_from_this());
  queue(klatch::acknowledgement());
}

void session::take(const klatch::user_message& asked) {
  if (!me_)
    return refuse(klatch::error_code::not_registered);
  const auto to = klatch::user_id::parse(asked.to);
  if (!to)
    return refuse(klatch::error_code::bad_frame);
  const auto text = encode(klatch::usermsg{.name = asked.name.value_or(me_->name),
                                           .message = asked.message,
                                           .color = asked.color.value_or(me_->color),
                                           .from = me_->key.user.str(),
                                           .to = asked.to});
  if (!users_.send({me_->key.project, *to}, text))
    queue(klatch::encode_not_connected(klatch::dialect::plain, asked.to));
}

void session::refuse(klatch::error_code code) {
  queue(klatch::encode_error(klatch::dialect::plain, {.code = code}));
}

void session::send(klatch::frame text) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), text = std::move(text)]() mutable {
    self->queue(std::move(text));
  });
}

void session::queue(klatch::frame text) {
  waiting_bytes_ += text.text().size();
  if (waiting_bytes_ > most_waiting)
    return beast::get_lowest_layer(socket_).close();
  out_.push_back(std::move(text));
  if (out_.size() == 1)
    write();
}

void session::write() {
  socket_.async_write(
      asio::buffer(out_.front().text()),
      [self = shared_from_this()](error_code error, std::size_t) { self->on_write(error); });
}

void session::on_write(error_code error) {
  if (error)
    return;
  waiting_bytes_ -= out_.front().text().size();
  out_.pop_front();
  if (!out_.empty())
    write();
}

void session::leave() {
  if (me_)
    users_.remove(me_->key, *this);
  me_.reset();
}

} // namespace peer
