// What is wrong with a store in PostgreSQL is found, and said.
#include "store/cannot_open.hpp"
#include "store/postgres/postgres_check.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/moved_store.hpp"
#include "tests/store/postgres_server.hpp"

#include <algorithm>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// Users a, b, c, with ids 1 to 3 in this order, and their conversations 4 (a with b), 5 (a with c)
/// and 6 (a alone). Messages 1 to 5 are a's to b, b's to a, a's to c, a's to a, and a's to b.
void fill(const test_database& target) {
  const temporary_folder folder;
  {
    const auto store = open_sqlite_store(folder.path());
    const std::array batch{note("a", "b", "1", "x"), note("b", "a", "2", "x"), note("a", "c", "3"),
                           note("a", "a", "4", "y"), note("a", "b", "5")};
    store->append(batch, 1'000);
    store->mark_read(key("b"), dialogue("a", "b"), 2);
    store->mark_delivered(key("b"), 3, 10);
  }
  REQUIRE(move_into(options_of(target), folder.path()) == strings{});
}

/// What is found where `sql` was run before; it is not there afterwards.
strings found_after(postgres_connection& server, const std::string& sql) {
  server.run_script("BEGIN");
  server.run_script(sql);
  auto result = find_faults(server, 100);
  server.run_script("ROLLBACK");
  return result;
}

struct damage {
  const char* sql;
  const char* found;
};

constexpr damage damages[]{
    {"DROP INDEX message_to",
     "The index message_to is missing, or does not keep its columns unique."},
    {"DELETE FROM meta WHERE key='epoch'", "The store has no epoch."},
    {"UPDATE account SET name='' WHERE id=3", "User 3 has no id that can be one."},
    {"UPDATE account SET project='other' WHERE id=3",
     "Conversation 5 is not one of two users of a project."},
    {"UPDATE message SET sender=3 WHERE mid=1",
     "Message 1 is not one of the two users of conversation 4."},
    {"DELETE FROM member WHERE owner=2", "Conversation 4 is missing among those of user 2."},
    {"INSERT INTO member VALUES (3, 4)", "User 3 is said to be in conversation 4, and is not."},
    {"DELETE FROM message WHERE mid=3", "After entry 2 of the inbox of user 1 comes entry 4."},
    {"DELETE FROM message WHERE mid=2", "After message 1 of conversation 4 comes message 3."},
    {"UPDATE message SET to_seq=9 WHERE mid=4",
     "Message 4, of user 1 to oneself, is entry 4 and entry 9 of one inbox."},
    {"UPDATE message SET sent=3 WHERE mid=5",
     "Message 5 counts 3 messages of its sender in conversation 4 after 1."},
    {"DELETE FROM message WHERE mid=5", "The inbox of user 2 ends at 3, but its last entry is 2."},
    {"DELETE FROM message WHERE mid=5", "Conversation 4 ends at message 3 and counts 2 of user 1, "
                                        "which does not agree with its last message 2."},
    {"UPDATE counter SET low_sent=1 WHERE id=4",
     "Conversation 4 ends at message 3 and counts 1 of user 1, which does not agree with its last "
     "message 5."},
    {"DELETE FROM counter WHERE id=2",
     "The inbox of user 2 ends at nothing, but its last entry is 3."},
    {"INSERT INTO counter VALUES (99)",
     "Counter 99 is neither of a user nor of a conversation, or counts wrong."},
    {"UPDATE message SET mid=6 WHERE mid=2",
     "Message 3 is in the inbox of user 1 behind message 6."},
    {"UPDATE message SET mid=6 WHERE mid=2", "Message 5 is in conversation 4 behind message 6."},
    {"UPDATE message SET ts=1001 WHERE mid=2",
     "Message 5 of conversation 4 is older than the one before it."},
    {"DROP INDEX message_mid; UPDATE message SET mid=4 WHERE mid=3", "There are 2 messages 4."},
    {"DROP INDEX message_cid; UPDATE message SET cid='y' WHERE mid=1",
     "User 1 has used a key twice, the second time for message 4."},
    {"UPDATE inbox_mark SET delivered=4", "User 2 has taken the inbox up to 4, and it ends at 3."},
    {"UPDATE talk_mark SET read=4 WHERE owner=2",
     "User 2 has read conversation 4 up to 4, and it ends at 3."},
    {"UPDATE message SET mid=5000 WHERE mid=5",
     "Message 5000 is beyond block 1, the last that messages are numbered from."},
    {"UPDATE account SET id=77 WHERE id=3", "Id 77 is beyond 6, the last that was given."},
};

} // namespace

TEST_CASE("what is wrong with a store in PostgreSQL is named", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  fill(target);
  CHECK(check_postgres(options_of(target)) == strings{});
  postgres_connection server{options_of(target)};
  for (const auto& [sql, found] : damages) {
    CAPTURE(sql);
    CHECK_THAT(found_after(server, sql), Catch::Matchers::VectorContains(std::string{found}));
  }
  CHECK(find_faults(server, 100) == strings{});
}

TEST_CASE("a check says at most so much", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  fill(target);
  postgres_connection server{options_of(target)};
  server.run_script("UPDATE message SET mid=9999-mid; DELETE FROM counter");
  CHECK(find_faults(server, 3).size() == 3);
  CHECK(check_postgres(options_of(target)).size() > 3);
}

TEST_CASE("where there is no store in a database there is nothing to check", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  CHECK_THROWS_AS(check_postgres(options_of(target)), cannot_open);
  fill(target);
  postgres_connection server{options_of(target)};
  server.run_script("UPDATE meta SET value='99' WHERE key='schema'");
  CHECK_THROWS_AS(check_postgres(options_of(target)), cannot_open);
}
