#include "tests/faults/small_disk.hpp"

#include "tests/catch.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace klatch::faults {

namespace {

/// This process sees mounts of its own from now on: root may have that, and where users may make
/// namespaces of their own, so may they.
bool have_own_mounts() {
  if (::unshare(CLONE_NEWNS) == 0)
    return true;
  const auto user = std::to_string(::getuid());
  const auto group = std::to_string(::getgid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return false;
  std::ofstream{"/proc/self/setgroups"} << "deny";
  std::ofstream{"/proc/self/uid_map"} << user << ' ' << user << " 1";
  std::ofstream{"/proc/self/gid_map"} << group << ' ' << group << " 1";
  return true;
}

} // namespace

std::optional<small_disk> small_disk::mount(std::size_t bytes) {
  small_disk disk;
  const auto size = "mode=0700,size=" + std::to_string(bytes);
  if (have_own_mounts() && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
      ::mount("klatch-faults", disk.path().c_str(), "tmpfs", 0, size.c_str()) == 0)
    return disk;
  std::cout << "skipped: a small file system cannot be mounted here: " << std::strerror(errno)
            << std::endl;
  return std::nullopt;
}

small_disk::~small_disk() {
  if (folder_ != nullptr)
    ::umount2(path().c_str(), MNT_DETACH);
}

void small_disk::fill() const {
  const int filler =
      ::open((path() / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  REQUIRE(filler >= 0);
  const std::string page(4096, 'x');
  while (::write(filler, page.data(), page.size()) > 0) {
  }
  const auto error = errno;
  ::close(filler);
  REQUIRE(error == ENOSPC);
}

void small_disk::empty() const { fs::remove(path() / "filler"); }

} // namespace klatch::faults
