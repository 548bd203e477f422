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
struct admission_desk {
  address_limit websockets;
  http_slots http;
  worker& home;
};

/// Calls `work` with the desk on its worker: at once if this is it. What `work` holds may be
/// destroyed there.
template<class Work>
void at_desk(std::shared_ptr<admission_desk> desk, Work work) {
  auto& home = desk->home;
  if (worker::current() == &home)
    return work(*desk);
  boost::asio::post(home.io(),
                    [desk = std::move(desk), work = std::move(work)]() mutable { work(*desk); });
}

/// Move-only. The place is given back by `give_back`, on a worker: not by the destructor, which may
/// run anywhere.
class admission {
public:
  /// `desk`: null if there is nothing to give back.
  admission(std::shared_ptr<admission_desk> desk, boost::asio::ip::address from) noexcept
      : desk_(std::move(desk)), from_(std::move(from)) {}
  admission(admission&&) noexcept = default;
  admission& operator=(admission&&) noexcept = default;

  const boost::asio::ip::address& from() const noexcept { return from_; }

  void give_back() {
    if (auto desk = std::exchange(desk_, nullptr))
      at_desk(std::move(desk),
              [from = from_](admission_desk& there) { there.websockets.give_back(from); });
  }

private:
  std::shared_ptr<admission_desk> desk_;
  boost::asio::ip::address from_;
};

} // namespace klatch::net
