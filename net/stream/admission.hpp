/// A WebSocket's place under the limit of its address.
#pragma once

#include "net/loop/worker.hpp"
#include "net/stream/address_limit.hpp"
#include "net/stream/http_slots.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace klatch::net {

/// Where places are taken and given back: the limits and the worker that they belong to.
struct admission_control {
  admission_control(unsigned websockets_per_address, unsigned http_per_address, worker& control)
      : websockets(websockets_per_address), http(http_per_address), home(control) {}

  address_limit websockets;
  http_slots http;
  worker& home;
};

/// Calls `work` with the control on its worker: at once if this is it. What `work` holds may be
/// destroyed there.
template<class Work>
void at_control(std::shared_ptr<admission_control> control, Work work) {
  auto& home = control->home;
  if (worker::current() == &home)
    return work(*control);
  boost::asio::post(home.io(), [control = std::move(control), work = std::move(work)]() mutable {
    work(*control);
  });
}

/// Move-only. The place is given back by `give_back`, on a worker: not by the destructor, which may
/// run anywhere.
class admission {
public:
  /// `control`: null if there is nothing to give back.
  admission(std::shared_ptr<admission_control> control, boost::asio::ip::address from) noexcept
      : control_(std::move(control)), from_(std::move(from)) {}
  admission(admission&&) noexcept = default;
  admission& operator=(admission&&) noexcept = default;

  const boost::asio::ip::address& from() const noexcept { return from_; }

  void give_back() {
    if (auto control = std::exchange(control_, nullptr))
      at_control(std::move(control),
                 [from = from_](admission_control& there) { there.websockets.give_back(from); });
  }

private:
  std::shared_ptr<admission_control> control_;
  boost::asio::ip::address from_;
};

} // namespace klatch::net
