#include "store/sqlite/free_room.hpp"

#include <limits>

namespace klatch::store {

namespace {

constexpr std::uint64_t look_after_bytes = 1024UL * 1024;
constexpr std::chrono::seconds look_after{1};

} // namespace

/// Where the system does not say, writing itself will tell.
void free_room::look(time_point now) {
  free_ = files_.free_bytes(folder_).value_or(std::numeric_limits<std::uint64_t>::max());
  written_ = 0;
  looked_ = now;
  known_ = true;
}

bool free_room::take(std::uint64_t bytes, std::uint64_t owed, time_point now) {
  if (least_ == 0)
    return true;
  if (!known_ || written_ >= look_after_bytes || now - looked_ >= look_after)
    look(now);
  if (free_ < least_ || free_ - least_ < owed + written_ + bytes)
    return false;
  written_ += bytes;
  return true;
}

} // namespace klatch::store
