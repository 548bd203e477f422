/// The stream that Beast's WebSocket reads from and writes its own control frames to.
#pragma once

#include "net/cork.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace klatch::net {

/// An AsyncStream over a cork. A write takes the whole buffer at once, so that the pongs and closes
/// that Beast writes never fall within a frame that was appended beside it. Reads first hand out
/// what had been read before the upgrade.
class cork_stream {
public:
  using executor_type = tcp_socket::executor_type;
  using next_layer_type = tcp_socket;

  explicit cork_stream(cork& way_out) noexcept : cork_(&way_out) {}

  /// Bytes that the client sent behind its upgrade request.
  void put_back(std::string early) { early_ = std::move(early); }

  executor_type get_executor() noexcept { return cork_->socket().get_executor(); }
  tcp_socket& next_layer() noexcept { return cork_->socket(); }
  const tcp_socket& next_layer() const noexcept { return cork_->socket(); }

  template<class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    cork_->on_read_wanted();
    return boost::asio::async_initiate<Handler, void(boost::system::error_code, std::size_t)>(
        [this](auto&& done, const auto& into) {
          if (early_.empty())
            return cork_->socket().async_read_some(into, std::forward<decltype(done)>(done));
          const auto copied = boost::asio::buffer_copy(into, boost::asio::buffer(early_));
          early_.erase(0, copied);
          complete(std::forward<decltype(done)>(done), copied);
        },
        handler, buffers);
  }

  template<class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(boost::system::error_code, std::size_t)>(
        [this](auto&& done, const auto& from) {
          if (!cork_->append(boost::beast::buffers_to_string(from)))
            cork_->on_overflow();
          complete(std::forward<decltype(done)>(done), boost::asio::buffer_size(from));
        },
        handler, buffers);
  }

private:
  template<class Handler>
  void complete(Handler&& handler, std::size_t bytes) {
    boost::asio::post(get_executor(),
                      boost::beast::bind_handler(std::forward<Handler>(handler),
                                                 boost::system::error_code{}, bytes));
  }

  cork* cork_;
  std::string early_;
};

/// Beast asks for this at the end of a connection; the session closes the socket itself, once all
/// has been written.
inline void teardown(boost::beast::role_type, cork_stream&, boost::system::error_code& error) {
  error = {};
}

template<class Handler>
void async_teardown(boost::beast::role_type, cork_stream& stream, Handler&& handler) {
  boost::asio::post(
      stream.get_executor(),
      boost::beast::bind_handler(std::forward<Handler>(handler), boost::system::error_code{}));
}

} // namespace klatch::net
