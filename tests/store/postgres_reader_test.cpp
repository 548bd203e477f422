// Reading from PostgreSQL, where it is another thing than reading from a file.
#include "store/postgres/postgres_cluster.hpp"
#include "store/postgres/postgres_heads.hpp"
#include "store/postgres/postgres_reader.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/moved_store.hpp"
#include "tests/store/postgres_server.hpp"

#include <initializer_list>
#include <string_view>
#include <thread>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// The same messages in SQLite and in PostgreSQL.
struct twin_stores {
  explicit twin_stores(const test_database& target, const std::vector<operation>& messages) {
    {
      const auto made = open_sqlite_store(folder.path(), options);
      made->append(messages, 1'000);
    }
    REQUIRE(move_into(options_of(target), folder.path()) == strings{});
    file = open_sqlite_store(folder.path(), options);
    in_file = file->make_reader();
    in_server = std::make_unique<postgres_reader>(options_of(target));
  }

  void compare_lists(std::string_view user, std::optional<std::uint64_t> before, bound limit) {
    const auto expected = in_file->read_conversations(key(user), before, limit);
    const auto page = in_server->read_conversations(key(user), before, limit);
    CHECK(page.conversations == expected.conversations);
    CHECK(page.more == expected.more);
  }

  sqlite_options options{.sync = sync_mode::normal};
  temporary_folder folder;
  std::unique_ptr<message_store> file;
  std::unique_ptr<message_reader> in_file;
  std::unique_ptr<message_reader> in_server;
};

std::string friend_at(int number) { return "friend " + std::to_string(number); }

/// So many that not all of them are looked at for a page: 250.
std::vector<operation> many_conversations() {
  std::vector<operation> result;
  for (int number = 0; number < 250; ++number)
    result.push_back(number % 3 == 0 ? note("a", friend_at(number), "to a friend")
                                     : note(friend_at(number), "a", "of a friend"));
  return result;
}

void compare_pages(twin_stores& both) {
  std::optional<std::uint64_t> before;
  for (int pages = 0; pages < 4; ++pages) {
    both.compare_lists("a", before, {20, 1'000});
    before = both.in_file->read_conversations(key("a"), before, {20, 1'000})
                 .conversations.back()
                 .last.numbers.mid;
  }
  both.compare_lists("a", {}, {9, 40});
  both.compare_lists("a", {}, {249, 100'000});
  both.compare_lists("a", {}, {250, 100'000});
  both.compare_lists("a", {}, all);
  both.compare_lists(friend_at(7), {}, all);
}

bool is_away(message_reader& reader) {
  try {
    reader.knows_project(usual_project());
    return false;
  } catch (const unavailable&) {
    return true;
  }
}

using numbers = std::vector<std::uint64_t>;

numbers heads_of(message_reader& reader, std::initializer_list<std::string_view> users) {
  std::vector<user_key> keys;
  for (const auto user : users)
    keys.push_back(key(user));
  return reader.heads(keys);
}

/// Gives a user another row, with another head.
void replace_row(const test_database& in, const std::string& user, int head) {
  in.run("DELETE FROM counter c USING account a WHERE a.id=c.id AND a.name='" + user +
         "'; DELETE FROM account WHERE name='" + user + "'; " +
         "WITH made AS (INSERT INTO account(project, name) VALUES ('p', '" + user +
         "') RETURNING id) INSERT INTO counter(id, last) SELECT id, " + std::to_string(head) +
         " FROM made");
}

/// Breaks the connections of a database, and lets none in if `wanted` is false.
void let_in(const test_database& which, bool wanted) {
  auto elsewhere = options_of(which);
  elsewhere.url.replace(elsewhere.url.find(which.name()), which.name().size(), "postgres");
  postgres_connection server{elsewhere};
  server.run_script("ALTER DATABASE " + which.name() + " WITH ALLOW_CONNECTIONS " +
                    (wanted ? "true" : "false"));
  server.run_script("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname='" +
                    which.name() + "'");
}

} // namespace

TEST_CASE("of very many conversations the newest are listed first too", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  auto messages = many_conversations();
  SECTION("each with a message") {}
  SECTION("some of them with all of the newest thousand messages") {
    for (int number = 0; number < 1'000; ++number)
      messages.push_back(number % 2 == 0 ? note("a", friend_at(number % 15), "2")
                                         : note(friend_at(number % 15), "a", "3"));
  }
  SECTION("and some with oneself") {
    for (int number = 0; number < 700; ++number)
      messages.push_back(note("a", "a", "memo"));
  }
  twin_stores both{target, messages};
  compare_pages(both);
}

TEST_CASE("what has been written to oneself does not hide the rest", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  std::vector<operation> messages;
  for (int number = 0; number < 40; ++number)
    messages.push_back(number % 8 == 0 ? note("b", "a", "from b") : note("a", "a", "memo"));
  twin_stores both{target, messages};
  for (const auto after : {0U, 3U, 8U, 30U, 39U, 40U}) {
    CAPTURE(after);
    const auto expected = both.in_file->read_inbox(key("a"), after, {5, 1'000});
    const auto page = both.in_server->read_inbox(key("a"), after, {5, 1'000});
    CHECK(page.entries == expected.entries);
    CHECK(page.more == expected.more);
  }
}

TEST_CASE("many inboxes are looked at in their order", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  twin_stores both{target, many_conversations()};
  std::vector<user_key> users{key("nobody"), key("a"), key("a"), key("a", "other")};
  for (int number = 250; number >= 0; --number)
    users.push_back(key(friend_at(number)));
  users.resize(10'001, key("a"));
  const auto found = both.in_server->inboxes(users);
  REQUIRE(found.size() == users.size());
  for (std::size_t at = 0; at < 300; ++at)
    CHECK(found[at] == both.in_file->inbox(users[at]));
  CHECK(found.back().head == 250);
  CHECK(both.in_server->inboxes({}).empty());
}

TEST_CASE("many heads are read in their order", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  twin_stores both{target, many_conversations()};
  std::vector<user_key> users{key("nobody"), key("a"), key("a"), key("a", "other")};
  for (int number = 250; number >= 0; --number)
    users.push_back(key(friend_at(number)));
  users.resize(10'001, key("a"));
  numbers expected;
  for (const auto& each : both.in_file->inboxes(users))
    expected.push_back(each.head);
  CHECK(both.in_server->heads(users) == expected);
  CHECK(both.in_server->heads(users) == expected); // Now by the rows.
  CHECK(both.in_server->heads({}).empty());
}

TEST_CASE("heads are read by the rows of users who are known, and grow", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  twin_stores both{target, {note("a", "b", "1"), note("a", "b", "2")}};
  auto& reader = *both.in_server;
  CHECK(heads_of(reader, {"b", "c", "a"}) == numbers{2, 0, 2});
  const auto store = open_postgres_cluster(options_of(target)).make_store();
  store->append(std::vector<operation>{note("c", "b", "3")}, 1'000);
  CHECK(heads_of(reader, {"a", "b", "c", "b"}) == numbers{2, 3, 1, 3});
  target.run("UPDATE account SET name='x' WHERE name='b'"); // Nobody looks at its name any more.
  CHECK(heads_of(reader, {"b", "a"}) == numbers{3, 2});
}

TEST_CASE("a row that is gone is looked for by its user's name again", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  twin_stores both{target, {note("a", "b", "1")}};
  auto& reader = *both.in_server;
  CHECK(heads_of(reader, {"a", "b"}) == numbers{1, 1});
  replace_row(target, "b", 7);
  CHECK(heads_of(reader, {"a", "b"}) == numbers{1, 0});
  CHECK(heads_of(reader, {"a", "b"}) == numbers{1, 7});
}

TEST_CASE("a new session may be with a server that has given rows again", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  twin_stores both{target, {note("a", "b", "1"), note("b", "c", "2")}};
  auto& reader = *both.in_server;
  CHECK(heads_of(reader, {"a", "b"}) == numbers{1, 2});
  target.run(
      "UPDATE account SET name='x' WHERE name='a'; "
      "UPDATE account SET name='a' WHERE name='b'; UPDATE account SET name='b' WHERE name='x'");
  let_in(target, true);
  CHECK(heads_of(reader, {"a", "b"}) == numbers{2, 1});
}

TEST_CASE("users are remembered as long as they are asked for", "[store][postgres]") {
  remembered_users users{2};
  users.add(key("a"), 1);
  users.add(key("b"), 2);
  users.add(key("c"), 3);
  CHECK(users.find(key("a")) == 1);
  users.add(key("d"), 4); // Now b is the one that was not asked for among the last.
  CHECK(users.size() <= 4);
  CHECK(users.find(key("b")) == 0);
  CHECK(users.find(key("a")) == 1);
  CHECK(users.find(key("c")) == 3);
  for (std::uint64_t number = 10; number < 1'000; ++number)
    users.add(key(friend_at(static_cast<int>(number))), number);
  CHECK(users.size() <= 4);
  CHECK(users.find(key(friend_at(999))) == 999);
  users.clear();
  CHECK(users.find(key(friend_at(999))) == 0);
}

TEST_CASE("a page is cut where its texts are long", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  std::vector<operation> messages;
  for (const auto size : {100'000, 0, 0, 70'000, 30'000, 0, 1})
    messages.push_back(note("a", "b", std::string(static_cast<std::size_t>(size), 'x')));
  twin_stores both{target, messages};
  for (const auto bytes : {0U, 1U, 30'000U, 30'001U, 99'999U, 100'000U, 170'000U, 200'001U})
    for (const auto after : {0U, 1U, 2U, 3U, 5U}) {
      CAPTURE(bytes, after);
      const bound limit{50, bytes};
      const auto expected = both.in_file->read_inbox(key("b"), after, limit);
      const auto page = both.in_server->read_inbox(key("b"), after, limit);
      CHECK(page.entries == expected.entries);
      CHECK(page.more == expected.more);
      for (const auto& wanted : {range{{}, after}, range{after + 3U, {}}}) {
        const auto was =
            both.in_file->read_conversation(usual_project(), dialogue("a", "b"), wanted, limit);
        const auto is =
            both.in_server->read_conversation(usual_project(), dialogue("a", "b"), wanted, limit);
        CHECK(is.messages == was.messages);
        CHECK(is.more == was.more);
      }
    }
}

TEST_CASE("a new epoch is seen by the next question", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  twin_stores both{target, {note("a", "b", "1")}};
  postgres_connection server{options_of(target)};
  server.run_script("UPDATE meta SET value='one' WHERE key='epoch'");
  CHECK(both.in_server->continues(key("a"), "one", 1));
  CHECK_FALSE(both.in_server->continues(key("a"), "another", 1));
  server.run_script("UPDATE meta SET value='another' WHERE key='epoch'");
  CHECK_FALSE(both.in_server->continues(key("a"), "one", 1));
  CHECK(both.in_server->continues(key("a"), "another", 1));
}

TEST_CASE("a reader goes on once its server is back", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  twin_stores both{target, {note("a", "b", "1")}};
  auto& reader = *both.in_server;
  CHECK(reader.knows_project(usual_project()));
  let_in(target, true); // Only the connection has gone.
  CHECK(reader.knows_project(usual_project()));
  let_in(target, false);
  CHECK(is_away(reader));
  CHECK(is_away(reader));
  let_in(target, true);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (is_away(reader) && std::chrono::steady_clock::now() < end)
    postgres_connection::pause(std::chrono::milliseconds{20});
  CHECK(reader.read_inbox(key("b"), 0, all).entries.size() == 1);
}
