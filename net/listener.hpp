/// Accepts connections on one address.
#pragma once

#include "net/admission.hpp"
#include "net/descriptor.hpp"
#include "net/lane.hpp"
#include "net/shortage.hpp"
#include "net/socket.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace klatch::net {

/// A socket that listens before any thread is there to accept.
class bound_socket {
public:
  /// Listens on a numeric address; port 0 lets the system choose. IPv6 sockets take IPv6 only.
  /// Throws `boost::system::system_error`.
  bound_socket(const std::string& host, std::uint16_t port);

  const tcp_endpoint& endpoint() const noexcept { return endpoint_; }
  /// Gives the descriptor away.
  int release() noexcept { return socket_.release(); }

private:
  descriptor socket_;
  tcp_endpoint endpoint_;
};

/// Hands accepted sockets to the lanes in turn. Errors do not end it: without descriptors it pauses
/// and goes on. On its worker only, but for the constructor.
class listener : public std::enable_shared_from_this<listener> {
public:
  /// `lanes` outlives the listener's pending operations.
  listener(bound_socket socket, std::vector<lane*> lanes, std::shared_ptr<admission_desk> desk);

  void start() { accept(); }
  void stop();

private:
  void accept();
  void on_ready(boost::system::error_code failed);
  /// Says whether there may be more; an error where one could not be accepted.
  bool accept_one(std::error_code& error);
  void begin_session(descriptor socket, const tcp_endpoint& from);
  void pause();

  std::vector<lane*> lanes_;
  std::shared_ptr<admission_desk> desk_;
  tcp_endpoint endpoint_;
  tcp_acceptor acceptor_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      pause_;
  std::size_t turn_ = 0;
  shortage of_descriptors_;
};

} // namespace klatch::net
