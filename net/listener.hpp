/// Accepts connections on one address.
#pragma once

#include "net/admission.hpp"
#include "net/lane.hpp"
#include "net/socket.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace klatch::net {

/// A socket that listens before any thread is there to accept.
class bound_socket {
public:
  /// Listens on a numeric address; port 0 lets the system choose. IPv6 sockets take IPv6 only.
  /// Throws `boost::system::system_error`.
  bound_socket(const std::string& host, std::uint16_t port);
  bound_socket(bound_socket&& other) noexcept;
  bound_socket& operator=(bound_socket&&) = delete;
  ~bound_socket();

  const tcp_endpoint& endpoint() const noexcept { return endpoint_; }
  /// Gives the descriptor away.
  int release() noexcept;

private:
  int descriptor_ = -1;
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
  void on_accept(boost::system::error_code error, tcp_socket socket, std::size_t turn);
  void begin_session(tcp_socket socket, lane& where);
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
  bool starved_ = false; ///< of descriptors, and that has been logged
};

} // namespace klatch::net
