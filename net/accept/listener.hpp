/// Accepts connections on one address.
#pragma once

#include "net/accept/descriptor_reserve.hpp"
#include "net/accept/repeat_filter.hpp"
#include "net/accept/socket.hpp"
#include "net/accept/turned_away.hpp"
#include "net/loop/descriptor.hpp"
#include "net/stream/admission.hpp"
#include "net/stream/session_host.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace klatch::net {

/// What an IPv6 socket takes: `both` is IPv4 too, if the system lets it.
enum class families : std::uint8_t { one, both };

/// A socket that listens before any thread is there to accept.
class bound_socket {
public:
  /// Listens on a numeric address; port 0 lets the system choose. Throws
  /// `boost::system::system_error`.
  bound_socket(const std::string& host, std::uint16_t port, families taken = families::one);

  const tcp_endpoint& endpoint() const noexcept { return endpoint_; }
  /// Gives the descriptor away.
  int release() noexcept { return socket_.release(); }

private:
  descriptor socket_;
  tcp_endpoint endpoint_;
};

/// Hands accepted sockets to the hosts in turn. What cannot be taken is answered at once: with 429
/// if its address has all the HTTP connections it may have, with 503 while only those descriptors
/// are left that are kept in reserve. Errors do not end it: without descriptors it pauses and goes
/// on. On its worker only, but for the constructor.
class listener : public std::enable_shared_from_this<listener> {
public:
  /// `hosts` outlives the listener's pending operations.
  listener(bound_socket socket, std::vector<session_host*> hosts,
           std::shared_ptr<admission_control> control);

  void start() { accept(); }
  void stop();

private:
  using timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  void accept();
  void on_ready(boost::system::error_code failed);
  /// Says whether there may be more; an error where one could not be accepted.
  bool accept_one(std::error_code& error);
  void begin_session(descriptor socket, const tcp_endpoint& from);
  /// Whether it may be taken as far as descriptors go.
  bool has_descriptors_for(const descriptor& accepted);
  void turn_away(descriptor socket, const std::string& answer);
  void close_turned_away();
  void pause();

  std::vector<session_host*> hosts_;
  std::shared_ptr<admission_control> control_;
  tcp_endpoint endpoint_;
  tcp_acceptor acceptor_;
  timer pause_;
  timer closing_; ///< of those that were turned away
  bool closing_awaited_ = false;
  turned_away turned_away_;
  descriptor_reserve reserve_;
  std::size_t turn_ = 0;
  repeat_filter of_descriptors_;
};

} // namespace klatch::net
