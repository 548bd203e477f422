#include "net/handshake.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <cstddef>
#include <string>

namespace klatch::net {

namespace {

/// A SyncStream over what the answer is written to. Beast does the handshake and is gone after it:
/// its WebSocket stream would hold 2.5 KiB a connection.
class answer_stream {
public:
  using executor_type = tcp_socket::executor_type;
  using next_layer_type = tcp_socket;

  explicit answer_stream(cork& way_out) noexcept : cork_(way_out) {}

  executor_type get_executor() noexcept { return cork_.socket().get_executor(); }
  tcp_socket& next_layer() noexcept { return cork_.socket(); }
  const tcp_socket& next_layer() const noexcept { return cork_.socket(); }

  // The request has been read already.
  template<class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    return next_layer().read_some(buffers);
  }
  template<class Buffers>
  std::size_t read_some(const Buffers& buffers, boost::system::error_code& error) {
    return next_layer().read_some(buffers, error);
  }

  template<class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    boost::system::error_code error;
    const auto written = write_some(buffers, error);
    if (error)
      throw boost::system::system_error{error};
    return written;
  }
  template<class Buffers>
  std::size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    const auto bytes = boost::beast::buffers_to_string(buffers);
    if (!cork_.append(bytes))
      error = boost::asio::error::no_buffer_space;
    return bytes.size();
  }

private:
  cork& cork_;
};

} // namespace

boost::system::error_code answer_upgrade(const http_request& upgrade, cork& way_out) {
  boost::beast::websocket::stream<answer_stream, false> stream{answer_stream{way_out}};
  boost::system::error_code error;
  stream.accept(upgrade, error);
  return error;
}

} // namespace klatch::net
