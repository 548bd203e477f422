/// A file on its way to a client.
#pragma once

#include "net/http/assets.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace klatch::net {

/// How far a file has been read, piece by piece, and taken.
class download {
public:
  explicit download(asset file) : content_(std::move(file.content)), size_(file.size) {}

  std::uint64_t size() const noexcept { return size_; }
  bool is_read() const noexcept { return read_ == size_; }

  /// The next piece, of at most the size of `buffer`, in which it may stand. Empty if the file has
  /// become shorter.
  std::string_view next_piece(std::span<char> buffer) {
    const auto piece =
        content_.piece(read_, buffer.first(std::min<std::uint64_t>(buffer.size(), size_ - read_)));
    read_ += piece.size();
    return piece;
  }

  /// Returns true if the client has taken more of it since the last call. `unconfirmed`: bytes that
  /// are on their way to it.
  bool goes_on(std::uint64_t unconfirmed) noexcept {
    const auto taken = read_ > unconfirmed ? read_ - unconfirmed : 0; // but for the header
    const bool more = taken > taken_;
    taken_ = std::max(taken, taken_);
    return more;
  }

private:
  asset_content content_;
  std::uint64_t size_;
  std::uint64_t read_ = 0;
  std::uint64_t taken_ = 0;
};

} // namespace klatch::net
