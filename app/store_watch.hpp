/// Looks at the store's files while the service runs.
#pragma once

#include "store/message_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace klatch::app {

/// Checks once a second that the store is still where it was opened, and logs what has changed.
class store_watch {
public:
  /// On the thread of `loop`; both outlive it.
  store_watch(boost::asio::io_context& loop, store::message_store& watched);

private:
  void arm();
  void look();

  boost::asio::steady_timer timer_;
  store::message_store& store_;
};

} // namespace klatch::app
