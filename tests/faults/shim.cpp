// Loaded into the server with LD_PRELOAD: makes the clock jump and the disk slow. What it does
// stands in files of the folder that FAULTS_FOLDER names:
//   clock_ms    so many milliseconds are added to the time of day
//   passed_ms   so many have passed while the machine slept: the time of day and the time since its
//               start have gone on, and no timer has
//   hold_sync   while it is there, nothing comes to be on the disk
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr long long ns_of_a_second = 1'000'000'000;
constexpr long long ns_of_a_millisecond = 1'000'000;

std::string file(const char* name) {
  const auto* folder = std::getenv("FAULTS_FOLDER");
  return folder == nullptr ? std::string{} : std::string{folder} + '/' + name;
}

long long number_in(const char* name) noexcept {
  const int descriptor = ::open(file(name).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return 0;
  char text[32]{}; // NOLINT(modernize-avoid-c-arrays): as read(2) takes it
  const auto got = ::read(descriptor, text, sizeof text - 1);
  ::close(descriptor);
  return got > 0 ? std::strtoll(text, nullptr, 10) : 0;
}

void wait_while_held() noexcept {
  const auto held = file("hold_sync");
  constexpr timespec a_moment{0, ns_of_a_millisecond};
  while (!held.empty() && ::access(held.c_str(), F_OK) == 0)
    ::nanosleep(&a_moment, nullptr);
}

} // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's are reserved names
extern "C" {

int clock_gettime(clockid_t which, timespec* now) noexcept {
  const auto before = errno;
  if (::syscall(SYS_clock_gettime, which, now) != 0)
    return -1;
  if (which == CLOCK_REALTIME || which == CLOCK_BOOTTIME) {
    const auto ms = number_in("passed_ms") + (which == CLOCK_REALTIME ? number_in("clock_ms") : 0);
    const auto ns = now->tv_sec * ns_of_a_second + now->tv_nsec + ms * ns_of_a_millisecond;
    *now = {ns / ns_of_a_second, ns % ns_of_a_second};
  }
  errno = before;
  return 0;
}

int fsync(int descriptor) {
  wait_while_held();
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int fdatasync(int descriptor) {
  wait_while_held();
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

} // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
