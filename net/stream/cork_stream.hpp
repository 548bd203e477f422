/// A cork as Beast's streams see it.
#pragma once

#include "net/stream/cork.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>

namespace klatch::net {

/// A SyncStream that writes to a cork and has nothing to read: what Beast writes goes out with the
/// rest of the round.
class cork_stream {
public:
  using executor_type = boost::asio::io_context::executor_type;

  explicit cork_stream(cork& way_out) noexcept : cork_(way_out) {}

  executor_type get_executor() noexcept { return cork_.home().io().get_executor(); }

  template<class Buffers>
  std::size_t read_some(const Buffers& /*buffers*/) {
    throw boost::system::system_error{boost::asio::error::eof};
  }
  template<class Buffers>
  std::size_t read_some(const Buffers& /*buffers*/, boost::system::error_code& error) {
    error = boost::asio::error::eof;
    return 0;
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
    error = {};
    if (!cork_.append(bytes))
      error = boost::asio::error::no_buffer_space;
    return bytes.size();
  }

private:
  cork& cork_;
};

} // namespace klatch::net
