// What is opened, what is refused, and what is there again afterwards.
#include "store/sqlite/database.hpp"
#include "store/sqlite/maintenance.hpp"
#include "store/sqlite/store_file.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

void write_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream{file, std::ios::binary} << bytes;
}

void fill(message_store& store, int count) {
  for (int number = 0; number < count; ++number)
    store.append(std::array{note("a", "b", std::to_string(number), "cid" + std::to_string(number))},
                 1000);
}

/// Why the store in `folder` is not opened; empty where it is.
std::string reason_against(const fs::path& folder) {
  try {
    open_sqlite_store(folder);
    return {};
  } catch (const cannot_open& refusal) {
    return refusal.what();
  }
}

/// A store that was closed.
struct closed_store {
  temporary_folder folder;
  fs::path file = folder / "klatch.db";

  closed_store() {
    const auto store = open_sqlite_store(folder.path(), small_steps());
    fill(*store, 20);
    finish_upkeep(*store);
  }
  std::string bytes() const { return bytes_of(file); }
  void patch(std::size_t at, char value) const {
    auto changed = bytes();
    changed.at(at) = value;
    write_bytes(file, changed);
  }
  /// The store is refused, and its file stays what it is.
  void refused(const std::string& why) const {
    const auto before = bytes();
    CHECK(reason_against(folder.path()).find(why) != std::string::npos);
    CHECK_THROWS_AS(open_sqlite_store(folder.path()), cannot_open);
    CHECK(bytes() == before);
  }
};

} // namespace

TEST_CASE("a store is made for its owner alone", "[store]") {
  temporary_folder parent;
  open_sqlite_store(parent / "store/");
  CHECK((fs::status(parent / "store").permissions() & fs::perms::all) == fs::perms::owner_all);
  CHECK((fs::status(parent / "store/klatch.db").permissions() & fs::perms(077)) == fs::perms::none);
  CHECK_FALSE(fs::exists(parent / "store/klatch.db.new"));
}

TEST_CASE("a store that another process has open is refused", "[store]") {
  temporary_folder folder;
  const auto first = open_sqlite_store(folder.path());
  CHECK(reason_against(folder.path()).find("another klatch is using") != std::string::npos);
}

TEST_CASE("what is no store is refused and left alone", "[store]") {
  closed_store s;
  SECTION("text") {
    write_bytes(s.file, std::string(5000, 'x'));
    s.refused("not an SQLite file");
  }
  SECTION("nothing at all") {
    write_bytes(s.file, "");
    s.refused("not an SQLite file");
  }
  SECTION("of another program") {
    s.patch(68, 'X');
    s.refused("not one of Klatch's");
  }
  SECTION("newer") {
    s.patch(63, 9);
    s.refused("newer Klatch");
  }
  SECTION("a header without sense") {
    s.patch(21, 1);
    s.refused("damaged");
  }
  SECTION("cut short") {
    write_bytes(s.file, s.bytes().substr(0, s.bytes().size() / 2));
    s.refused("cut short");
  }
  SECTION("a schema that is overwritten") {
    auto bytes = s.bytes();
    bytes.replace(100, 3000, std::string(3000, '\x7f'));
    write_bytes(s.file, bytes);
    s.refused("damaged");
  }
  SECTION("a table is missing") {
    run_sql(s.file, "DROP TABLE cids");
    s.refused("damaged");
  }
  SECTION("messages are missing") {
    run_sql(s.file, "UPDATE meta SET value=10 WHERE key='watermark'; DELETE FROM log WHERE pos=15");
    s.refused("damaged");
  }
  SECTION("read-only") {
    chmod(s.file.c_str(), 0444);
    s.refused("cannot be written");
  }
  SECTION("a log without its file") {
    fs::rename(s.file, s.folder / "klatch.db-wal");
    CHECK_THROWS_AS(open_sqlite_store(s.folder.path()), cannot_open);
    CHECK_FALSE(fs::exists(s.file));
  }
}

TEST_CASE("a folder that cannot be written is refused", "[store]") {
  temporary_folder parent;
  write_bytes(parent / "file", "x");
  CHECK_THROWS_AS(open_sqlite_store(parent / "file"), cannot_open);
  CHECK_THROWS_AS(open_sqlite_store(parent / "file/below"), cannot_open);
  fs::create_directory(parent / "closed");
  chmod((parent / "closed").c_str(), 0555);
  CHECK(reason_against(parent / "closed").find("cannot be written") != std::string::npos);
  CHECK(fs::is_empty(parent / "closed"));
}

TEST_CASE("a store is made without a touch to what lies beside it", "[store]") {
  temporary_folder folder;
  write_bytes(folder / "klatch.db.new", "a copy that is to be put in place");
  fill(*open_sqlite_store(folder.path()), 1);
  CHECK(bytes_of(folder / "klatch.db.new") == "a copy that is to be put in place");
  CHECK(std::distance(fs::directory_iterator{folder.path()}, {}) == 3); // and the store, the lock
}

TEST_CASE("a folder that others may write in is refused, and check says so too", "[store]") {
  closed_store s;
  for (const auto mode : {0720, 0702, 0777, 01777}) {
    chmod(s.folder.path().c_str(), static_cast<mode_t>(mode));
    CHECK(reason_against(s.folder.path()).find("chmod go-w " + s.folder.path().string()) !=
          std::string::npos);
    CHECK(check(s.folder.path()).size() == 1);
  }
  chmod(s.folder.path().c_str(), 0755);
  CHECK(reason_against(s.folder.path()).empty());
  CHECK(check(s.folder.path()).empty());
  // Its files count where others can come to them.
  chmod(s.file.c_str(), 0666);
  CHECK(reason_against(s.folder.path()).find("chmod go-w " + s.file.string()) != std::string::npos);
  CHECK(check(s.folder.path()).size() == 1);
  chmod(s.folder.path().c_str(), 0700);
  CHECK(reason_against(s.folder.path()).empty());
}

TEST_CASE("a folder of somebody else's is refused", "[store]") {
  closed_store s;
  if (chown(s.folder.path().c_str(), 65'534, 65'534) != 0) {
    WARN("skipped: only root can give a folder away");
    return;
  }
  s.refused("belongs to user 65534");
  CHECK(chown(s.folder.path().c_str(), geteuid(), getegid()) == 0);
  CHECK(reason_against(s.folder.path()).empty());
}

TEST_CASE("the lock is never followed through a link", "[store]") {
  closed_store s;
  fs::remove(s.folder / "klatch.lock");
  const auto target = s.folder / "elsewhere";
  SECTION("to a file") { write_bytes(target, "mine"); }
  SECTION("to nothing") {}
  const bool there = fs::exists(target);
  fs::create_symlink(target, s.folder / "klatch.lock");
  s.refused("klatch.lock");
  CHECK_THROWS_AS(folder_lock{s.folder.path()}, cannot_open);
  CHECK(fs::exists(target) == there);
  CHECK(check(s.folder.path()).size() == 1);
}

TEST_CASE("a store that is killed has all it answered for", "[store]") {
  temporary_folder folder;
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const auto child = fork();
  if (child == 0) {
    const auto store = open_sqlite_store(folder.path(), small_steps());
    for (std::uint64_t number = 1;; ++number) {
      fill(*store, 1);
      store->append(std::array{note("b", "a", "x")}, 1000);
      do_upkeep(*store);
      if (write(ends[1], &number, sizeof number) != sizeof number)
        _exit(1);
    }
  }
  std::uint64_t told = 0;
  while (told < 150)
    REQUIRE(read(ends[0], &told, sizeof told) == sizeof told);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[1]);
  for (std::uint64_t next = 0; read(ends[0], &next, sizeof next) == sizeof next;)
    told = next;
  close(ends[0]);

  const auto store = open_sqlite_store(folder.path(), small_steps());
  const auto head = store->make_reader()->inbox(key("a")).head;
  CHECK(head >= told + 1); // that one key of "a" made one message
  CHECK(store->make_reader()->read_inbox(key("a"), 0, all).entries.size() == head);
}

TEST_CASE("a failed append leaves everything as it was", "[store]") {
  temporary_folder folder;
  auto options = small_steps();
  auto store = open_sqlite_store(folder.path(), options);
  fill(*store, 3);
  const auto before = store->make_reader()->inbox(key("b"));
  // Another writer holds the file: as a full disk does, that fails what is appended.
  {
    database other{folder / "klatch.db", database::access::read_write};
    transaction held{other, transaction::kind::write};
    CHECK_THROWS_AS(store->append(std::array{note("n", "b", "no", "k")}, 1000), unavailable);
  }
  CHECK(store->make_reader()->inbox(key("b")) == before);
  CHECK(store->make_reader()->inbox(key("n")) == inbox_state{});
  const auto outcomes = store->append(std::array{note("n", "b", "yes", "k")}, 1000);
  CHECK(outcomes.front().numbers == message_numbers{4, 1, 1, 4, 1000});
}

TEST_CASE("a reader sees all messages while they are stored and moved", "[store]") {
  temporary_folder folder;
  const auto store = open_sqlite_store(folder.path(), small_steps());
  std::atomic<std::uint64_t> kept{0};
  std::atomic<bool> sound{true};
  const auto reader = store->make_reader();
  std::thread reads{[&] {
    while (kept < 400) {
      const auto least = kept.load();
      const auto entries = reader->read_inbox(key("b"), 0, all).entries;
      auto good = entries.size() >= least;
      for (std::size_t index = 0; index < entries.size(); ++index)
        good = good && entries[index].seq == index + 1;
      const auto conversation =
          reader->read_conversation(usual_project(), dialogue("a", "b"), {}, all).messages;
      good = good && conversation.size() >= least &&
             (conversation.empty() || conversation.size() == conversation.back().numbers.n);
      if (least > 0)
        good = good && reader->read_conversations(key("b"), {}, all).conversations.size() == 1;
      if (!good && least > 0)
        sound = false;
    }
  }};
  for (int number = 0; number < 400; ++number) {
    fill(*store, 1);
    store->append(std::array{note("a", "b", "x")}, 1000);
    ++kept;
    do_upkeep(*store);
  }
  reads.join();
  CHECK(sound);
}
