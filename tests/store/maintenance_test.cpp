// Copies, and finding what is wrong.
#include "store/sqlite/database.hpp"
#include "store/sqlite/maintenance.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// A store with messages in its indexes and in its tail.
struct filled {
  temporary_folder folder;
  std::unique_ptr<message_store> store = open_sqlite_store(folder.path(), small_steps());

  filled() {
    write(9);
    finish_upkeep(*store);
    write(3);
  }
  void write(int count) {
    for (int number = 0; number < count; ++number) {
      const auto text = std::to_string(number);
      const std::array batch{note("a", "b", text), note("b", "c", text), note("c", "c", text)};
      store->append(batch, 1000);
    }
  }
};

/// How many rows a query selects.
int rows(const std::filesystem::path& file, const char* sql) {
  database source{file, database::access::read_only};
  statement select{source, sql};
  auto found = select.query();
  int count = 0;
  while (found.next())
    ++count;
  return count;
}

} // namespace

TEST_CASE("checking finds nothing wrong with a sound store", "[store]") {
  filled f;
  CHECK(check(f.folder.path()) == strings{});
  trim(*f.store, {9999}, 7);
  CHECK(check(f.folder.path()) == strings{});

  // Half-way through a round of indexing too.
  f.write(5);
  bool more = true;
  while (more) {
    more = do_upkeep(*f.store);
    CHECK(check(f.folder.path()) == strings{});
  }
}

TEST_CASE("checking a store that is closed changes nothing", "[store]") {
  filled f;
  f.store.reset();
  const auto before = bytes_of(f.folder / "klatch.db");
  CHECK(check(f.folder.path()) == strings{});
  CHECK(bytes_of(f.folder / "klatch.db") == before);
}

TEST_CASE("checking finds each kind of damage", "[store]") {
  const std::string sql = GENERATE(
      as<std::string>{}, "DELETE FROM inbox WHERE user=1 AND seq=2",
      "UPDATE inbox SET pos=pos+1 WHERE user=2 AND seq=3",
      "DELETE FROM thread WHERE conversation=2 AND n=4", "INSERT INTO thread VALUES(1,500,3)",
      "INSERT INTO cids VALUES(1,'x',1)", "UPDATE log SET cid='x' WHERE sender=1 AND n<3",
      "DELETE FROM log WHERE pos=5", "UPDATE log SET from_seq=900 WHERE pos=30",
      "UPDATE users SET head=head-3 WHERE id=1", "UPDATE users SET head=900 WHERE id=1",
      "UPDATE conversations SET low_sent=low_sent-1 WHERE id=1", "DELETE FROM recent WHERE user=2",
      "DELETE FROM users WHERE id=3");
  CAPTURE(sql);
  filled f;
  f.store.reset();
  run_sql(f.folder / "klatch.db", sql);
  CHECK_FALSE(check(f.folder.path()).empty());
  CHECK(check(f.folder.path()).size() <= 100);
}

TEST_CASE("checking finds an overwritten page", "[store]") {
  filled f;
  f.store.reset();
  auto bytes = bytes_of(f.folder / "klatch.db");
  REQUIRE(bytes.size() > 8 * 4096);
  bytes.replace(bytes.size() - 4096, 4096, std::string(4096, '\x7f'));
  std::ofstream{f.folder / "klatch.db", std::ios::binary} << bytes;
  CHECK_FALSE(check(f.folder.path()).empty());
  CHECK(check(f.folder.path()).size() <= 100);
}

TEST_CASE("checking finds nothing wrong with a sound store, however far a round has come",
          "[store]") {
  temporary_folder folder;
  const auto store = open_sqlite_store(folder.path(), small_steps());
  const std::vector<operation> batch(6, note("a", "b", "text"));
  store->append(batch, 1000);
  finish_upkeep(*store);
  store->append(batch, 1001);
  store->append(batch, 1002);
  for (bool more = true; more;) {
    more = do_upkeep(*store);
    CHECK(check(folder.path()) == strings{});
  }
}

TEST_CASE("a list of conversations that is not as the round left it is found", "[store]") {
  temporary_folder folder;
  auto store = open_sqlite_store(folder.path(), small_steps());
  const std::vector<operation> batch(6, note("a", "b", "text"));
  store->append(batch, 1000);
  finish_upkeep(*store);
  store->append(batch, 1001);
  for (int step = 0; step < 20; ++step) {
    do_upkeep(*store);
    // The list of "a" has gone on, and the head of the conversation has not.
    if (rows(folder / "klatch.db", "SELECT 1 FROM recent WHERE user=1 AND last_pos=12") == 1)
      break;
  }
  REQUIRE(rows(folder / "klatch.db", "SELECT 1 FROM conversations WHERE last_pos=6") == 1);
  REQUIRE(check(folder.path()) == strings{});
  store.reset();
  const std::string sql =
      GENERATE(as<std::string>{}, "INSERT INTO recent VALUES(1, 6, 1)",
               "UPDATE recent SET last_pos=11 WHERE user=1", "DELETE FROM recent WHERE user=1",
               "UPDATE meta SET value=0 WHERE key='flushing'");
  CAPTURE(sql);
  run_sql(folder / "klatch.db", sql);
  CHECK_FALSE(check(folder.path()).empty());
}

TEST_CASE("a copy of a store in use is a store with another epoch", "[store]") {
  filled f;
  temporary_folder other;
  backup(f.folder.path(), other / "klatch.db");
  f.write(2);
  CHECK(check(other.path()) == strings{});
  const auto copy = open_sqlite_store(other.path());
  CHECK(copy->epoch() != f.store->epoch());
  CHECK(copy->epoch().substr(0, 32) != f.store->epoch().substr(0, 32));
  CHECK(copy->make_reader()->inbox(key("b")).head == 24);
  CHECK(copy->append(std::array{note("a", "b", "next")}, 1000).front().numbers.mid == 37);
}

TEST_CASE("a store that others may have written is not copied", "[store]") {
  filled f;
  temporary_folder other;
  chmod(f.folder.path().c_str(), 0770);
  const auto folder = f.folder.path().string();
  CHECK_THROWS_WITH(backup(folder, other / "copy"),
                    folder + " may be written by others than its owner: chmod go-w " + folder);
  CHECK(std::filesystem::is_empty(other.path()));
}

TEST_CASE("a copy does not overwrite anything", "[store]") {
  filled f;
  temporary_folder other;
  run_sql(f.folder / "klatch.db", "SELECT 1");
  for (const auto* ending : {".partial", ".partial-journal", ".partial-wal", ".partial-shm"})
    std::ofstream{other / ("copy" + std::string{ending})} << "mine";
  backup(f.folder.path(), other / "copy");
  const auto before = bytes_of(other / "copy");
  CHECK_THROWS_AS(backup(f.folder.path(), other / "copy"), std::runtime_error);
  CHECK(bytes_of(other / "copy") == before);
  CHECK_THROWS_AS(backup(other.path(), other / "more"), std::runtime_error);
  CHECK_THROWS_AS(backup(f.folder.path(), other / "nowhere/copy"), std::runtime_error);
  // What was there is as it was, and nothing else has been left.
  for (const auto* ending : {".partial", ".partial-journal", ".partial-wal", ".partial-shm"})
    CHECK(bytes_of(other / ("copy" + std::string{ending})) == "mine");
  CHECK(std::distance(std::filesystem::directory_iterator{other.path()}, {}) == 5);
}
