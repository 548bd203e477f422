#include "net/handshake.hpp"

#include "net/cork_stream.hpp"

#include <boost/beast/websocket/stream.hpp>

namespace klatch::net {

// Beast does the handshake and is gone after it: its stream would hold 2.5 KiB a connection.
boost::system::error_code answer_upgrade(const http_request& upgrade, cork& way_out) {
  boost::beast::websocket::stream<cork_stream, false> stream{cork_stream{way_out}};
  boost::system::error_code error;
  stream.accept(upgrade, error);
  return error;
}

} // namespace klatch::net
