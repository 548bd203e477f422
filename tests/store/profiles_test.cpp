// What users were last registered as: kept, moved up from an older file, bounded.
#include "store/sqlite/database.hpp"
#include "store/sqlite/schema.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <fstream>

namespace {

namespace fs = std::filesystem;
using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

profile peer_of(message_store& store, std::string_view user) {
  return store.make_reader()->read_conversations(key(user), {}, all).conversations.at(0).peer;
}

/// A store as version 1 made it, with two messages of anna's to boris.
void make_first_version(const fs::path& file) {
  std::ofstream{file}.flush();
  database made{file, database::access::read_write};
  made.execute(("PRAGMA application_id=" + std::to_string(application_id)).c_str());
  made.execute("PRAGMA journal_mode=WAL");
  migrate(made, 1);
  renew_epoch(made);
  made.execute("INSERT INTO users(id, project, user) VALUES(1, 'p', 'anna'), (2, 'p', 'boris');"
               "INSERT INTO conversations(id, low, high) VALUES(1, 1, 2);"
               "INSERT INTO log VALUES(1, 1, 1, 1, 2, 1, 1, 1, 1000, NULL, 'Annie', '#F00', '1'),"
               "(2, 1, 2, 1, 2, 2, 2, 2, 1000, NULL, 'Anna', '#0F0', '2')");
}

} // namespace

TEST_CASE("a file of version 1 has the names of the last messages", "[store]") {
  temporary_folder folder;
  make_first_version(folder / "klatch.db");
  const auto store = open_sqlite_store(folder.path(), small_steps());
  CHECK(peer_of(*store, "boris") == profile{"Anna", "#0F0"});
  CHECK(peer_of(*store, "anna") == profile{"boris", ""}); // who has written nothing
  store->note_profile(key("boris"), {"Boris", ""});
  CHECK(peer_of(*store, "anna") == profile{"Boris", ""});
}

TEST_CASE("profiles are there after the next start", "[store]") {
  temporary_folder folder;
  {
    const auto store = open_sqlite_store(folder.path(), small_steps());
    store->append(std::array{note("a", "b", "1")}, 1000);
    // More than are written at once.
    for (int number = 0; number < 2500; ++number)
      store->note_profile(key("u" + std::to_string(number)), {"U", ""});
    store->note_profile(key("b"), {"Boris", "#00F"});
  }
  const auto store = open_sqlite_store(folder.path(), small_steps());
  CHECK(peer_of(*store, "a") == profile{"Boris", "#00F"});
  store->append(std::array{note("u2499", "u0", "1")}, 1000);
  CHECK(peer_of(*store, "u0") == profile{"U", ""});
  CHECK(peer_of(*store, "u2499") == profile{"U", ""});
}

TEST_CASE("a profile that has not changed is not written", "[store]") {
  temporary_folder folder;
  const auto store = open_sqlite_store(folder.path(), small_steps());
  store->note_profile(key("b"), {"Boris", "#00F"});
  finish_upkeep(*store);
  const auto before = bytes_of(folder / "klatch.db-wal");
  store->note_profile(key("b"), {"Boris", "#00F"});
  store->note_profile(key("c"), {"c", ""}); // no name of its own
  finish_upkeep(*store);
  CHECK(bytes_of(folder / "klatch.db-wal") == before);
  store->note_profile(key("b"), {"Boris", "#0FF"});
  finish_upkeep(*store);
  CHECK(bytes_of(folder / "klatch.db-wal") != before);
}

TEST_CASE("profiles that cannot be written wait up to a bound, and are written later", "[store]") {
  temporary_folder folder;
  const auto store = open_sqlite_store(folder.path(), small_steps());
  store->append(std::array{note("a", "u9999", "1"), note("b", "u10000", "1")}, 1000);
  {
    database other{folder / "klatch.db", database::access::read_write};
    const transaction held{other, transaction::kind::write};
    for (int number = 0; number <= 10'000; ++number)
      store->note_profile(key("u" + std::to_string(number)), {"U", ""});
  }
  CHECK(peer_of(*store, "a") == profile{"U", ""});
  CHECK(peer_of(*store, "b") == profile{"u10000", ""});
  for (int times = 0; times < 10; ++times)
    do_upkeep(*store);
  CHECK(peer_of(*store, "a") == profile{"U", ""});
  store->note_profile(key("u10000"), {"U", ""});
  CHECK(peer_of(*store, "b") == profile{"U", ""});
}
