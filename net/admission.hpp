/// A connection's place under the limit of its address.
#pragma once

#include "net/address_limit.hpp"
#include "net/worker.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace klatch::net {

/// Where places are taken and given back: the limit and the worker that it belongs to.
struct admission_desk {
  address_limit limit;
  worker& home;
};

/// Move-only. The place is given back by `give_back`, on a worker: not by the destructor, which may
/// run anywhere.
class admission {
public:
  admission(std::shared_ptr<admission_desk> desk, boost::asio::ip::address from) noexcept
      : desk_(std::move(desk)), from_(std::move(from)) {}
  admission(admission&&) noexcept = default;
  admission& operator=(admission&&) noexcept = default;

  const boost::asio::ip::address& from() const noexcept { return from_; }

  void give_back() {
    if (auto desk = std::exchange(desk_, nullptr)) {
      auto& home = desk->home;
      if (worker::current() == &home)
        return desk->limit.give_back(from_);
      boost::asio::post(home.io(),
                        [desk = std::move(desk), from = from_] { desk->limit.give_back(from); });
    }
  }

private:
  std::shared_ptr<admission_desk> desk_;
  boost::asio::ip::address from_;
};

} // namespace klatch::net
