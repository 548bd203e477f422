/// The buffers in which a worker's sockets collect what they write.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace klatch::net {

/// Buffers that go from socket to socket: one is needed from the first thing that is written in a
/// round to its end, so a few that stay warm serve many sockets, and an idle socket has none. Not
/// thread-safe: on its worker only.
class buffer_pool {
public:
  using buffer = std::unique_ptr<std::string>;

  /// An empty one.
  buffer take() {
    if (spare_.empty())
      return std::make_unique<std::string>();
    auto taken = std::move(spare_.back());
    spare_.pop_back();
    return taken;
  }

  /// Keeps `done` for the next one who asks, unless there are enough or it has grown large.
  void give_back(buffer done) {
    if (spare_.size() >= most_spare || done->capacity() > most_capacity)
      return;
    done->clear();
    spare_.push_back(std::move(done));
  }

private:
  static constexpr std::size_t most_spare = 64;
  static constexpr std::size_t most_capacity = 4UL * 1024; ///< bytes

  std::vector<buffer> spare_;
};

} // namespace klatch::net
