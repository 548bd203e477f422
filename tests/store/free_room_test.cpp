// The room that a store leaves on its disk.
#include "store/sqlite/free_room.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

constexpr std::uint64_t mib = 1024UL * 1024;

} // namespace

TEST_CASE("the free room is asked for once a second, or when a MiB has been written", "[store]") {
  temporary_folder folder;
  free_room room{folder.path(), machine_files(), 1};
  auto now = free_room::time_point{} + std::chrono::hours{1};
  CHECK(room.take(0, 0, now));
  CHECK(room.looked());
  CHECK(room.take(mib - 1, 0, now));
  CHECK_FALSE(room.looked());
  CHECK(room.take(1, 0, now));
  CHECK(room.take(0, 0, now));
  CHECK(room.looked());
  CHECK(room.take(1, 0, now));
  CHECK_FALSE(room.looked());
  now += std::chrono::seconds{1};
  CHECK(room.take(0, 0, now));
  CHECK(room.looked());
}

TEST_CASE("the free room counts what has been written and what is to follow", "[store]") {
  temporary_folder folder;
  free_room probe{folder.path(), machine_files(), 1};
  const auto now = std::chrono::steady_clock::now();
  REQUIRE(probe.take(0, 0, now));
  const auto free = probe.free_bytes();
  REQUIRE(free > 200 * mib);
  free_room room{folder.path(), machine_files(), free - 100 * mib}; // about: others write there too
  CHECK(room.take(0, 0, now));
  CHECK_FALSE(room.take(0, 300 * mib, now));
  CHECK_FALSE(room.take(300 * mib, 0, now));
  CHECK(free_room{folder.path(), machine_files(), 0}.take(free * 2, free * 2, now));
}

TEST_CASE("a store that has to leave more than there is refuses what is sent, and is read",
          "[store]") {
  temporary_folder folder;
  { open_sqlite_store(folder.path())->append(std::array{note("a", "b", "1")}, 1000); }
  auto options = small_steps();
  options.min_free = std::uint64_t{1} << 60U;
  const auto store = open_sqlite_store(folder.path(), options);
  try {
    store->append(std::array{note("a", "b", "2")}, 1000);
    FAIL("it was taken");
  } catch (const unavailable& refusal) {
    CHECK(std::string{refusal.what()}.find("--min-free") != std::string::npos);
  }
  CHECK(store->mark_read(key("b"), dialogue("b", "a"), 1) == 1);
  CHECK(texts(store->make_reader()->read_inbox(key("b"), 0, all)) == strings{"1"});
}
