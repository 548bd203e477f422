#include "store/sqlite/free_room.hpp"

#include <limits>
#include <sys/statvfs.h>

namespace klatch::store {

namespace {

constexpr std::uint64_t look_after_bytes = 1024UL * 1024;
constexpr std::chrono::seconds look_after{1};

} // namespace

/// Where the system does not say, writing itself will tell.
void free_room::look(time_point now) {
  struct statvfs found {};
  free_ = ::statvfs(folder_.c_str(), &found) == 0 ? std::uint64_t{found.f_bavail} * found.f_frsize
                                                  : std::numeric_limits<std::uint64_t>::max();
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
