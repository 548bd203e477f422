/// What has come from a client and is not dealt with yet.
#pragma once

#include "net/loop/buffer_pool.hpp"
#include "net/websocket/frame_reader.hpp"

#include <cassert>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace klatch::net {

/// A frame reader and the input that it has yet to be given. `counted` is where the memory of both
/// is counted: always the same pool.
class client_input {
public:
  explicit client_input(std::size_t max_message_bytes) noexcept : frames_(max_message_bytes) {}

  /// As `frame_reader::next`.
  read_result next(std::span<char>& input, buffer_pool& counted) {
    const auto before = frames_.kept_bytes();
    const auto found = frames_.next(input);
    counted.resized(before, frames_.kept_bytes());
    return found;
  }

  /// Keeps `rest`, which comes before anything that is read later. Expects that nothing is kept.
  void keep(std::string rest, buffer_pool& counted) {
    assert(!rest_);
    rest_ = std::make_unique<std::string>(std::move(rest));
    counted.resized(0, rest_->capacity());
  }
  bool has_rest() const noexcept { return rest_ != nullptr; }
  /// Gives away what is kept. Expects that something is.
  std::unique_ptr<std::string> release_rest(buffer_pool& counted) noexcept {
    assert(rest_);
    counted.resized(rest_->capacity(), 0);
    return std::exchange(rest_, nullptr);
  }

  /// What both hold, in bytes of memory.
  std::size_t bytes() const noexcept {
    return frames_.kept_bytes() + (rest_ ? rest_->capacity() : 0);
  }
  /// Frees all of it; what comes from now on means nothing. Not while a result of `next` is used.
  void drop(buffer_pool& counted) noexcept {
    counted.resized(bytes(), 0);
    rest_.reset();
    frames_.give_up();
  }

private:
  frame_reader frames_;
  std::unique_ptr<std::string> rest_;
};

} // namespace klatch::net
