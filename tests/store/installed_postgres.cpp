#include "tests/store/installed_postgres.hpp"

#include <cstdlib>
#include <pwd.h>
#include <system_error>

namespace klatch::test {

namespace fs = std::filesystem;

fs::path installed_postgres() {
  fs::path newest;
  int version = 0;
  std::error_code none;
  for (const auto& each : fs::directory_iterator{"/usr/lib/postgresql", none}) {
    const auto found = std::atoi(each.path().filename().c_str());
    if (found > version && fs::exists(each.path() / "bin/initdb")) {
      version = found;
      newest = each.path() / "bin";
    }
  }
  return newest;
}

std::optional<system_account> postgres_account() {
  for (const auto* name : {"postgres", "nobody"})
    if (const auto* found = getpwnam(name))
      return system_account{found->pw_uid, found->pw_gid};
  return std::nullopt;
}

} // namespace klatch::test
