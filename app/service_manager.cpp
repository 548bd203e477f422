#include "app/service_manager.hpp"

#include <cstdlib>
#include <ctime>
#include <system_error>

#ifdef KLATCH_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace klatch::app {

#ifdef KLATCH_SYSTEMD

bool has_manager() { return std::getenv("NOTIFY_SOCKET") != nullptr; }

void notify_manager(const std::string& state) { ::sd_notify(0, state.c_str()); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t interval = 0;
  if (::sd_watchdog_enabled(0, &interval) <= 0)
    return std::nullopt;
  return std::chrono::microseconds{interval};
}

std::vector<passed_socket> take_passed_sockets() {
  std::vector<passed_socket> result;
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  if (count < 0)
    throw std::system_error{-count, std::generic_category(),
                            "the sockets that were passed on (LISTEN_FDS) cannot be taken"};
  for (int index = 0; index < count; ++index) {
    result.push_back({net::descriptor{SD_LISTEN_FDS_START + index}, names[index]});
    std::free(names[index]); // NOLINT: sd_listen_fds(3) has allocated it
  }
  std::free(names); // NOLINT
  return result;
}

#else

bool has_manager() { return false; }

void notify_manager(const std::string& /*state*/) {}

std::optional<std::chrono::microseconds> watchdog_interval() { return std::nullopt; }

std::vector<passed_socket> take_passed_sockets() { return {}; }

#endif

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto since_boot =
      std::chrono::seconds{now.tv_sec} +
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds{now.tv_nsec});
  notify_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

} // namespace klatch::app
