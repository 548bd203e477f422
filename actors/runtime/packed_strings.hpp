/// Short texts in one allocation.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <string_view>

namespace klatch::actors {

/// `Count` texts of at most 4,095 bytes each, in the place of as many `std::string`: one pointer,
/// and behind it their lengths and bytes. A number below 16 has room beside the first length. All
/// texts empty: nothing is allocated, and the number is 0. Immutable but for assignment.
template<std::size_t Count>
class packed_strings {
public:
  packed_strings() = default;
  explicit packed_strings(const std::array<std::string_view, Count>& texts, unsigned number = 0) {
    const auto bytes =
        std::accumulate(texts.begin(), texts.end(), std::size_t{0},
                        [](std::size_t sum, std::string_view each) { return sum + each.size(); });
    if (bytes == 0)
      return;
    packed_ = std::make_unique_for_overwrite<char[]>(head + bytes);
    auto* to = packed_.get() + head;
    for (std::size_t index = 0; index < Count; ++index) {
      const auto beside = index == 0 ? number << length_bits : 0U;
      const auto length = static_cast<std::uint16_t>(texts[index].size() | beside);
      std::memcpy(packed_.get() + index * sizeof length, &length, sizeof length);
      to = std::copy(texts[index].begin(), texts[index].end(), to);
    }
  }

  /// Valid until this is assigned to.
  std::string_view operator[](std::size_t index) const noexcept {
    if (packed_ == nullptr)
      return {};
    const char* from = packed_.get() + head;
    for (std::size_t before = 0; before < index; ++before)
      from += length_of(before);
    return {from, length_of(index)};
  }

  unsigned number() const noexcept { return packed_ == nullptr ? 0U : word(0) >> length_bits; }

private:
  static constexpr std::size_t head = Count * sizeof(std::uint16_t);
  static constexpr unsigned length_bits = 12;
  static constexpr unsigned length_mask = (1U << length_bits) - 1;

  std::uint16_t word(std::size_t index) const noexcept {
    std::uint16_t result = 0;
    std::memcpy(&result, packed_.get() + index * sizeof result, sizeof result);
    return result;
  }
  std::size_t length_of(std::size_t index) const noexcept { return word(index) & length_mask; }

  std::unique_ptr<char[]> packed_;
};

} // namespace klatch::actors
