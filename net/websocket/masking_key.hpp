/// How a client's payloads are masked (RFC 6455 section 5.3).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace klatch::net {

/// A frame's masking key, turned to the next byte of the payload.
class masking_key {
public:
  static constexpr std::size_t size = 4;

  masking_key() = default;
  explicit masking_key(std::span<const char, size> bytes) noexcept {
    std::copy(bytes.begin(), bytes.end(), key_.begin());
  }

  /// Unmasks the payload's next bytes in place.
  void unmask(std::span<char> bytes) noexcept {
    std::uint64_t twice = 0;
    std::memcpy(&twice, key_.data(), size);
    std::memcpy(reinterpret_cast<char*>(&twice) + size, key_.data(), size);
    std::size_t at = 0;
    for (std::uint64_t word = 0; at + sizeof(word) <= bytes.size(); at += sizeof(word)) {
      std::memcpy(&word, bytes.data() + at, sizeof(word));
      word ^= twice;
      std::memcpy(bytes.data() + at, &word, sizeof(word));
    }
    for (; at < bytes.size(); ++at)
      bytes[at] = static_cast<char>(bytes[at] ^ key_[at % size]);
    const auto turned = key_;
    for (std::size_t index = 0; index < size; ++index)
      key_[index] = turned[(index + bytes.size()) % size];
  }

private:
  std::array<char, size> key_{};
};

} // namespace klatch::net
