/// PostgreSQL's server as it is installed on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <sys/types.h>

namespace klatch::test {

/// Somebody whom a program runs as.
struct system_account {
  uid_t user;
  gid_t group;
};

/// The folder with initdb and postgres of the newest one; empty if none is installed.
std::filesystem::path installed_postgres();

/// Whom root runs it as, since it refuses root; nothing if there is nobody.
std::optional<system_account> postgres_account();

} // namespace klatch::test
