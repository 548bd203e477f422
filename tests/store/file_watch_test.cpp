// The files of a store are deleted, moved away or replaced while it is used.
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <fstream>

namespace {

namespace fs = std::filesystem;
using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

struct used_store {
  temporary_folder parent;
  fs::path folder = parent / "data";
  fs::path file = folder / "klatch.db";
  std::unique_ptr<message_store> store = open_sqlite_store(folder, small_steps());
  std::unique_ptr<message_reader> reader = store->make_reader();

  used_store() {
    write("1");
    CHECK_FALSE(store->check_files());
  }
  void write(const char* text) const { store->append(std::array{note("a", "b", text)}, 1000); }

  void expect_lost(const fs::path& what, const std::string& said) const {
    const auto change = store->check_files();
    REQUIRE(change);
    CAPTURE(change->text);
    CHECK_FALSE(change->usable);
    CHECK(change->text.find(what.string() + ' ' + said) != std::string::npos);
    CHECK_FALSE(store->check_files()); // said once
    expect_no_writing();
    expect_no_upkeep();
    expect_no_reading();
  }
  void expect_no_writing() const {
    CHECK_THROWS_AS(write("2"), files_lost);
    CHECK_THROWS_AS(store->mark_read(key("b"), dialogue("b", "a"), 1), files_lost);
    CHECK_THROWS_AS(store->mark_delivered(key("b"), 1, 10), files_lost);
    CHECK_THROWS_AS(store->mark_legacy_delivered(key("b"), 1), files_lost);
  }
  void expect_no_upkeep() const {
    CHECK_THROWS_AS(do_upkeep(*store), files_lost);
    CHECK_THROWS_AS(trim(*store, {9999}, 1), files_lost);
  }
  void expect_no_reading() const {
    CHECK_THROWS_AS(reader->inbox(key("b")), files_lost);
    CHECK_THROWS_AS(reader->read_inbox(key("b"), 0, all), files_lost);
    CHECK_THROWS_AS(reader->read_conversation(usual_project(), dialogue("a", "b"), {}, all),
                    files_lost);
    CHECK_THROWS_AS(reader->read_conversations(key("a"), {}, all), files_lost);
  }
  void expect_back() const {
    const auto change = store->check_files();
    REQUIRE(change);
    CHECK(change->usable);
    CHECK_FALSE(store->check_files());
    write("2");
    CHECK(texts(reader->read_inbox(key("b"), 0, all)) == strings{"1", "2"});
  }
};

} // namespace

TEST_CASE("a folder that is moved away is missed, and used again when it is back", "[store]") {
  used_store s;
  fs::rename(s.folder, s.parent / "elsewhere");
  s.expect_lost(s.folder, "has been deleted or moved away");
  fs::rename(s.parent / "elsewhere", s.folder);
  s.expect_back();
}

TEST_CASE("a folder in the place of the store's is not taken for it", "[store]") {
  used_store s;
  fs::rename(s.folder, s.parent / "elsewhere");
  fs::copy(s.parent / "elsewhere", s.folder);
  s.expect_lost(s.folder, "is not the one that was opened");
  fs::remove_all(s.folder);
  REQUIRE(s.store->check_files()); // what to do is another thing now
  fs::rename(s.parent / "elsewhere", s.folder);
  s.expect_back();
}

TEST_CASE("each file of a store that is deleted is noticed", "[store]") {
  const std::string name = GENERATE("klatch.db", "klatch.db-wal", "klatch.db-shm", "klatch.lock");
  CAPTURE(name);
  used_store s;
  fs::rename(s.folder / name, s.parent / name);
  s.expect_lost(s.folder / name, "has been deleted or moved away");
  fs::copy_file(s.parent / name, s.folder / name);
  REQUIRE(s.store->check_files());
  fs::remove(s.folder / name);
  fs::rename(s.parent / name, s.folder / name);
  s.store->check_files();
  s.write("2");
  CHECK(texts(s.reader->read_inbox(key("b"), 0, all)) == strings{"1", "2"});
}

TEST_CASE("a store that is replaced under its service is left alone when that ends", "[store]") {
  used_store s;
  fs::rename(s.folder, s.parent / "elsewhere");
  fs::copy(s.parent / "elsewhere", s.folder); // with a write-ahead log that has the message
  const auto log = bytes_of(s.folder / "klatch.db-wal");
  REQUIRE_FALSE(log.empty());
  s.reader.reset();
  s.store.reset();
  CHECK(bytes_of(s.folder / "klatch.db-wal") == log);
  for (const auto* each : {"data", "elsewhere"}) {
    const auto store = open_sqlite_store(s.parent / each);
    CHECK(texts(store->make_reader()->read_inbox(key("b"), 0, all)) == strings{"1"});
  }
}

TEST_CASE("what was in a write-ahead log that is deleted is in the store at the end", "[store]") {
  used_store s;
  fs::remove(s.folder / "klatch.db-wal");
  s.expect_lost(s.folder / "klatch.db-wal", "has been deleted or moved away: stop klatch, which");
  s.reader.reset();
  s.store.reset();
  const auto store = open_sqlite_store(s.folder);
  CHECK(texts(store->make_reader()->read_inbox(key("b"), 0, all)) == strings{"1"});
}
