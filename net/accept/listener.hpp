/// Accepts connections on one address.
#pragma once

#include "net/accept/bound_socket.hpp"
#include "net/accept/descriptor_reserve.hpp"
#include "net/accept/repeat_filter.hpp"
#include "net/accept/socket.hpp"
#include "net/accept/turned_away.hpp"
#include "net/loop/descriptor.hpp"
#include "net/options.hpp"
#include "net/stream/admission.hpp"
#include "net/stream/arrival.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

namespace klatch::net {

/// What becomes of accepted connections.
struct accept_handler {
  /// Takes `socket` over. Returns false, with `socket` as it was, if the client's address has all
  /// the connections that it may have. Called on the control's worker.
  std::function<bool(descriptor& socket, const arrival& from)> on_accepted;
  std::string too_many;      ///< what is sent to those it does not take
  std::string no_descriptor; ///< what is sent to those for whom there are too few descriptors
};

/// Hands accepted sockets on. What cannot be taken is answered at once: if its address has all the
/// connections that it may have, or only those descriptors are left that are kept in reserve.
/// Errors do not end it: without descriptors it pauses and goes on. On the control's worker only,
/// but for the constructor.
class listener : public std::enable_shared_from_this<listener> {
public:
  /// `max_connections`: beyond about so many nobody is taken; 0: as many as there are descriptors.
  listener(bound_socket socket, accept_handler handler, const timing& times,
           std::shared_ptr<admission_control> control, std::size_t max_connections);

  void start() { accept(); }
  void stop();

private:
  using timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  void accept();
  void on_ready(boost::system::error_code failed);
  /// Returns true if there may be more; sets `error` if one could not be accepted.
  bool accept_one(std::error_code& error);
  void hand_over(descriptor socket, const tcp_endpoint& from);
  bool is_one_too_many(const descriptor& accepted) noexcept;
  /// Returns true if there are descriptors enough to take it.
  bool has_descriptors_for(const descriptor& accepted);
  void turn_away(descriptor socket, const std::string& answer);
  void close_turned_away();
  void pause();

  accept_handler handler_;
  std::shared_ptr<admission_control> control_;
  std::chrono::milliseconds pause_length_;
  tcp_endpoint endpoint_;
  bool secure_;
  tcp_acceptor acceptor_;
  std::size_t max_connections_;
  int first_number_ = -1; ///< of the descriptors that connections have got; -1: none has one
  timer pause_;
  timer closing_; ///< of those that were turned away
  bool closing_awaited_ = false;
  turned_away turned_away_;
  descriptor_reserve reserve_;
  repeat_filter shortages_; ///< of descriptors
};

} // namespace klatch::net
