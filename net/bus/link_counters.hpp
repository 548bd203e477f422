/// What a link counts, for any thread.
#pragma once

#include "actors/cluster/bus_link.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace klatch::net {

class link_counters {
public:
  void count_published(std::size_t bytes) noexcept {
    add(published_, 1);
    add(published_bytes_, bytes);
  }
  void count_refused() noexcept { add(refused_, 1); }
  void count_received(std::size_t bytes) noexcept {
    add(received_, 1);
    add(received_bytes_, bytes);
  }
  void count_dropped(std::uint64_t frames) noexcept { add(dropped_, frames); }
  void count_reconnect() noexcept { add(reconnects_, 1); }

  actors::link_figures figures() const noexcept {
    return {.published = published_,
            .published_bytes = published_bytes_,
            .refused = refused_,
            .received = received_,
            .received_bytes = received_bytes_,
            .dropped = dropped_,
            .reconnects = reconnects_};
  }

private:
  using counter = std::atomic<std::uint64_t>;
  static void add(counter& to, std::uint64_t number) noexcept {
    to.fetch_add(number, std::memory_order_relaxed);
  }

  counter published_ = 0, published_bytes_ = 0, refused_ = 0;
  counter received_ = 0, received_bytes_ = 0, dropped_ = 0, reconnects_ = 0;
};

} // namespace klatch::net
