#include "store/sqlite/live_state.hpp"

#include <algorithm>

namespace klatch::store {

void tail_list::push(std::uint64_t number, std::uint64_t pos) {
  if (positions.empty())
    first = number;
  positions.push_back(pos);
}

std::size_t tail_list::count_through(std::uint64_t pos) const {
  return static_cast<std::size_t>(std::upper_bound(positions.begin(), positions.end(), pos) -
                                  positions.begin());
}

void tail_list::drop_through(std::uint64_t pos) {
  const auto count = count_through(pos);
  first += count;
  if (count == positions.size())
    positions = {};
  else
    positions.erase(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(count));
}

} // namespace klatch::store
