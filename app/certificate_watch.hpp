/// Looks at the certificates' files while the service runs.
#pragma once

#include "net/tls/tls_certificates.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace klatch::app {

/// Takes certificates over that have changed, within a minute, and logs what has become of them and
/// which end soon.
class certificate_watch {
public:
  /// On the thread of `loop`; both outlive it.
  certificate_watch(boost::asio::io_context& loop, net::tls_certificates& watched);

private:
  void arm();
  void look();
  void warn_of_ends();

  boost::asio::steady_timer timer_;
  net::tls_certificates& certificates_;
};

} // namespace klatch::app
