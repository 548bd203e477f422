// What a start has found is on the disk before anybody is told.
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace klatch::store;
using namespace klatch::store::test;

std::mutex synced_mutex;
std::vector<std::string> synced; ///< the names of files, in the order of their syncs

void note_sync(int descriptor) {
  std::error_code ignored;
  const auto file =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), ignored);
  const std::lock_guard guard{synced_mutex};
  synced.push_back(file.filename());
}

} // namespace

// In place of the system's, for SQLite too.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's are reserved names
extern "C" {

int fsync(int descriptor) {
  note_sync(descriptor);
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int fdatasync(int descriptor) {
  note_sync(descriptor);
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

} // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

TEST_CASE("what a killed process has left is synced before the store is open", "[store]") {
  temporary_folder folder;
  const auto child = fork();
  if (child == 0) {
    const auto store = open_sqlite_store(folder.path(), small_steps()); // does not sync
    store->append(std::array{note("a", "b", "x")}, 1000);
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  REQUIRE(status == 0);
  REQUIRE(std::filesystem::file_size(folder / "klatch.db-wal") > 0);

  {
    const std::lock_guard guard{synced_mutex};
    synced.clear();
  }
  const auto store = open_sqlite_store(folder.path(), small_steps());
  CHECK(store->make_reader()->inbox(key("b")).head == 1);
  const std::lock_guard guard{synced_mutex};
  CHECK(std::count(synced.begin(), synced.end(), "klatch.db-wal") > 0);
  CHECK(std::count(synced.begin(), synced.end(), "klatch.db") > 0);
}
