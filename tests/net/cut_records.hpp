/// What a record cutter finds, as a text to compare, however its input is cut.
#pragma once

#include "net/tls/record_cutter.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace klatch::net {

struct cut_records {
  std::string whole;   ///< all records that were found, one after the other
  bool failed = false; ///< and nothing was found after that
  /// No block was ever larger than twice what of a record had come, or than the record.
  bool in_bounds = true;
};

/// A record of that type and payload.
inline std::string tls_record(unsigned type, std::string_view payload) {
  const auto size = payload.size();
  std::string result{static_cast<char>(type), '\3', '\3', static_cast<char>(size >> 8U),
                     static_cast<char>(size & 0xffU)};
  return result.append(payload);
}

/// Cuts `wire`, which comes in pieces of that size.
inline cut_records cut_in_pieces(std::string_view wire, std::size_t piece) {
  record_cutter cutter;
  cut_records result;
  std::size_t come = 0;
  while (come < wire.size()) {
    auto input = wire.substr(come, piece);
    come += input.size();
    for (auto found = cutter.next(input); !found.empty(); found = cutter.next(input))
      result.whole.append(found);
    result.failed = cutter.failed();
    if (result.failed)
      break;
    const auto kept = come - result.whole.size();
    result.in_bounds =
        result.in_bounds && input.empty() && cutter.bytes() <= record_cutter::max_record_bytes &&
        (kept == 0 ? cutter.bytes() == 0 : cutter.bytes() >= kept && cutter.bytes() <= 2 * kept);
  }
  return result;
}

} // namespace klatch::net
