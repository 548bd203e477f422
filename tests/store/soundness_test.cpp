// A start and a check judge alike: what the one refuses the other reports.
#include "store/sqlite/database.hpp"
#include "store/sqlite/maintenance.hpp"
#include "store/sqlite/soundness.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <algorithm>
#include <array>
#include <sqlite3.h>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// A store that was closed with messages in its indexes and in its tail.
struct faulty_store {
  temporary_folder folder;

  faulty_store() {
    const auto store = open_sqlite_store(folder.path(), small_steps());
    write(*store, 9);
    finish_upkeep(*store);
    write(*store, 3);
  }

  static void write(message_store& store, int count) {
    for (int number = 0; number < count; ++number) {
      const auto text = std::to_string(number);
      const std::array batch{note("a", "b", text), note("b", "c", text), note("c", "c", text)};
      store.append(batch, 1000);
    }
  }
  void alter(const std::string& sql) const { run_sql(folder / "klatch.db", sql); }
  std::string reason_against() const {
    try {
      open_sqlite_store(folder.path());
      return {};
    } catch (const cannot_open& refusal) {
      return refusal.what();
    }
  }
};

struct fault {
  std::string sql;
  std::string said;
};

const std::vector<fault> faults{
    {"DELETE FROM meta WHERE key='epoch'", "no epoch"},
    {"UPDATE meta SET value='' WHERE key='epoch'", "no epoch"},
    {"UPDATE meta SET value=5 WHERE key='epoch'", "no epoch"},
    {"DELETE FROM meta WHERE key='watermark'", "no watermark"},
    {"UPDATE meta SET value='many' WHERE key='watermark'", "no watermark"},
    {"UPDATE meta SET value=-1 WHERE key='watermark'", "no watermark"},
    {"UPDATE meta SET value=900 WHERE key='watermark'", "beyond the last message"},
    {"DELETE FROM meta WHERE key='flushing'", "being indexed"},
    {"UPDATE meta SET value=900 WHERE key='flushing'", "beyond the last message"},
    {"UPDATE meta SET value=0 WHERE key='watermark'; DELETE FROM log WHERE pos<3", "begins at"},
    {"UPDATE users SET user=char(10) WHERE id=1", "User 1"},
    {"UPDATE users SET user='' WHERE id=2", "User 2"},
    {"UPDATE users SET project=CAST(x'ff' AS TEXT) WHERE id=3", "User 3"},
    {"UPDATE users SET head=900 WHERE id=1", "ends at 900"},
    {"UPDATE users SET head=head-3 WHERE id=1", "inbox of user 1"},
    {"UPDATE users SET head=head+1 WHERE id=2", "inbox of user 2"},
    {"UPDATE conversations SET head=900 WHERE id=1", "ends at message 900"},
    {"UPDATE conversations SET head=head-1 WHERE id=2", "Conversation 2"},
    {"DELETE FROM inbox; DELETE FROM thread; UPDATE users SET head=1 WHERE id=1",
     "The inbox of user 1 ends at 1, and message"},
    {"DELETE FROM inbox; DELETE FROM thread; UPDATE conversations SET head=900 WHERE id=2",
     "Conversation 2 ends at message 900, and message"},
    {"UPDATE generations SET began=900 WHERE id=2", "Generation 2 begins after message 900"},
    {"UPDATE generations SET began=9 WHERE id=1", "Generation 2 begins before generation 1"},
    {"CREATE TRIGGER thief AFTER INSERT ON log BEGIN DELETE FROM log; END", "trigger thief"},
    {"CREATE VIEW window AS SELECT 1", "view window"},
    {"CREATE UNIQUE INDEX once ON log(pos)", "index once"},
    {"DROP TABLE recent", "table recent is missing"},
    {"ALTER TABLE log ADD COLUMN more", "table log is not as"},
};

} // namespace

TEST_CASE("what a start refuses a store for, a check reports", "[store]") {
  for (const auto& [sql, said] : faults) {
    CAPTURE(sql);
    faulty_store s;
    s.alter(sql);
    const auto before = bytes_of(s.folder / "klatch.db");
    const auto why = s.reason_against();
    CAPTURE(why);
    CHECK(why.starts_with((s.folder / "klatch.db").string() + " is damaged: "));
    CHECK(why.find(said) != std::string::npos);
    CHECK(bytes_of(s.folder / "klatch.db") == before);
    const auto findings = check(s.folder.path());
    CAPTURE(findings);
    CHECK(std::any_of(findings.begin(), findings.end(),
                      [&](const auto& each) { return why.ends_with(each); }));
    auto once = findings;
    std::sort(once.begin(), once.end());
    CHECK(std::adjacent_find(once.begin(), once.end()) == once.end());
  }
}

TEST_CASE("what a start looks at does not grow with the messages in the indexes", "[store]") {
  const auto steps_with = [](int messages) {
    temporary_folder folder;
    {
      const auto store = open_sqlite_store(folder.path(), small_steps());
      faulty_store::write(*store, messages);
      finish_upkeep(*store);
    }
    database source{folder / "klatch.db", database::access::read_only};
    std::size_t steps = 0; // of SQLite's machine, ten at a time
    const auto count = [](void* counter) { return ++*static_cast<std::size_t*>(counter), 0; };
    sqlite3_progress_handler(source.handle(), 10, count, &steps);
    CHECK(find_start_faults(source, 10).empty());
    return steps;
  };
  const auto few = steps_with(20);
  CHECK(few > 0);
  CHECK(steps_with(400) < 2 * few);
}

TEST_CASE("what an operator adds to look at a store does not speak against it", "[store]") {
  faulty_store s;
  s.alter("CREATE INDEX by_time ON log(ts); CREATE TABLE notes(text); ANALYZE");
  CHECK(s.reason_against().empty());
  CHECK(check(s.folder.path()).empty());
}

TEST_CASE("a start takes a store whose old messages have been forgotten", "[store]") {
  faulty_store s;
  {
    const auto store = open_sqlite_store(s.folder.path(), small_steps());
    while (trim(*store, {9999}, 7) != 0)
      CHECK(check(s.folder.path()).empty());
  }
  CHECK(s.reason_against().empty());
  CHECK(check(s.folder.path()).empty());
}

TEST_CASE("a start takes a store that was killed half-way through a round of indexing", "[store]") {
  faulty_store s;
  temporary_folder killed;
  const auto store = open_sqlite_store(s.folder.path(), small_steps());
  bool more = true;
  for (int round = 0; more; ++round) {
    more = do_upkeep(*store);
    const auto copy = killed / std::to_string(round);
    std::filesystem::create_directory(copy);
    backup(s.folder.path(), copy / "klatch.db");
    CHECK_NOTHROW(open_sqlite_store(copy, small_steps()));
  }
}
