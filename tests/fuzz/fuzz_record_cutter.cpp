// Any bytes are cut into the same records however they come, within the memory that is promised.
#include "tests/fuzz/require.hpp"
#include "tests/net/cut_records.hpp"

#include <cstdint>
#include <string_view>

// libFuzzer's name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace klatch;
  if (size < 2)
    return 0;
  const std::string_view wire{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto at_once = net::cut_in_pieces(wire, wire.size());
  const auto in_pieces = net::cut_in_pieces(wire, 1U + data[0]);
  fuzz::require(at_once.whole == in_pieces.whole, "the same records");
  fuzz::require(at_once.failed == in_pieces.failed, "the same refusal");
  fuzz::require(at_once.in_bounds && in_pieces.in_bounds, "within bounds");
  fuzz::require(wire.starts_with(at_once.whole), "nothing is changed");
  return 0;
}
