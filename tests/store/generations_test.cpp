// A cursor counts only if the log has what it had where the cursor stood.
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;
using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// A store that is stopped, copied, put back and started.
struct service {
  temporary_folder parent;
  fs::path folder = parent / "data";
  std::unique_ptr<message_store> store;

  service() { start(); }
  /// Returns the epoch.
  std::string start() {
    store.reset();
    auto options = small_steps();
    options.tail_limit = 1000; // the tail stays where it is unless it is moved
    store = open_sqlite_store(folder, options);
    return store->epoch();
  }
  void write(int count) {
    for (; count > 0; --count)
      store->append(std::array{note("a", "b", "x"), note("c", "c", "y")}, 1000);
  }
  void copy(const char* name) {
    store.reset();
    fs::copy(folder, parent / name, fs::copy_options::recursive);
  }
  void put_back(const char* name) {
    store.reset();
    fs::remove_all(folder);
    fs::copy(parent / name, folder, fs::copy_options::recursive);
    chmod(folder.c_str(), 0700);
    start();
  }
  bool continues(const char* user, const std::string& epoch, std::uint64_t since) {
    const auto reader = store->make_reader();
    return since <= reader->inbox(key(user)).head && reader->continues(key(user), epoch, since);
  }
};

} // namespace

TEST_CASE("a cursor counts in the starts after its own", "[store]") {
  service s;
  const auto first = s.store->epoch();
  s.write(3);
  CHECK(s.continues("b", first, 3));
  const auto second = s.start();
  CHECK(second != first);
  CHECK(second.substr(0, 32) == first.substr(0, 32));
  s.write(2);
  const auto third = s.start();
  CHECK(s.continues("b", first, 3));
  CHECK(s.continues("b", first, 0));
  CHECK(s.continues("b", second, 5));
  CHECK(s.continues("b", third, 5));
  CHECK(s.continues("nobody", first, 0));
  CHECK_FALSE(s.continues("b", "", 0));
  CHECK_FALSE(s.continues("b", first + "0", 0));
  CHECK_FALSE(s.continues("b", first.substr(0, 33), 0));
  CHECK_FALSE(s.continues("b", std::string(32, '0') + first.substr(32), 0));
}

TEST_CASE("a cursor of what a folder that was put back lacks does not count", "[store]") {
  service s;
  s.write(3);
  s.copy("copy");
  const auto lost = s.start();
  s.write(5);
  const auto later = s.start();
  s.write(1);
  s.put_back("copy");
  CHECK_FALSE(s.continues("b", lost, 3)); // it was not yet begun
  CHECK_FALSE(s.continues("b", later, 3));
  s.write(9);
  CHECK_FALSE(s.continues("b", lost, 8));
  CHECK_FALSE(s.continues("b", later, 9));
}

TEST_CASE("of the start that a copy was made in counts what the copy has", "[store]") {
  const bool indexed = GENERATE(false, true);
  service s;
  const auto epoch = s.start();
  s.write(3);
  // A snapshot of the folder of a running service.
  fs::copy(s.folder, s.parent / "snapshot", fs::copy_options::recursive);
  s.write(5);
  CHECK(s.continues("b", epoch, 8));
  s.put_back("snapshot");
  s.write(9);
  if (indexed) {
    trim(*s.store, {0}, 1);
    s.store.reset();
    auto options = small_steps();
    s.store = open_sqlite_store(s.folder, options);
    finish_upkeep(*s.store);
  }
  for (const auto* user : {"a", "b", "c"}) {
    CAPTURE(user);
    CHECK(s.continues(user, epoch, 0));
    CHECK(s.continues(user, epoch, 3));
    CHECK_FALSE(s.continues(user, epoch, 4));
    CHECK_FALSE(s.continues(user, epoch, 8));
  }
  CHECK(s.continues("b", s.store->epoch(), 12));
}

TEST_CASE("a cursor right before what is kept counts if all that is forgotten was known",
          "[store]") {
  service s;
  const auto epoch = s.start();
  s.write(3); // 6 messages
  s.start();
  s.write(3);
  SECTION("it was") {
    CHECK(trim(*s.store, {9000, 6}, 100) == 6);
    CHECK(s.continues("b", epoch, 3));
  }
  SECTION("it was not") {
    CHECK(trim(*s.store, {9000, 8}, 100) == 8);
    CHECK_FALSE(s.continues("b", epoch, 3));
    CHECK_FALSE(s.continues("b", epoch, 4));
  }
}

TEST_CASE("a store of before has a generation without a tag", "[store]") {
  service s;
  s.write(3);
  const auto log = s.store->epoch().substr(0, 32);
  s.store.reset();
  run_sql(s.folder / "klatch.db",
          "DROP TABLE generations; DROP TABLE profiles; PRAGMA user_version=1");
  s.start();
  CHECK(s.continues("b", log, 3));
  s.write(1);
  CHECK_FALSE(s.continues("b", log, 4));
  CHECK(s.continues("b", s.store->epoch(), 4));
}

TEST_CASE("a store remembers the epochs of its last thousand starts", "[store]") {
  service s;
  const auto first = s.store->epoch();
  s.store.reset();
  run_sql(s.folder / "klatch.db",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2000) "
          "INSERT INTO generations(tag, began) SELECT 't'||i, 0 FROM n");
  s.start();
  CHECK_FALSE(s.continues("b", first + "", 1));
  s.store.reset();
  database file{s.folder / "klatch.db", database::access::read_only};
  CHECK(file.number("SELECT count(*) FROM generations") == 1000);
}
