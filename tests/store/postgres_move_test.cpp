// A store that was kept in SQLite is moved into PostgreSQL: whoever reads finds all as it was.
#include "store/cannot_open.hpp"
#include "store/postgres/postgres_check.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "store/postgres/postgres_reader.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/moved_store.hpp"
#include "tests/store/postgres_server.hpp"

#include <random>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

std::string user_at(std::uint64_t number) { return "user " + std::to_string(number % 9); }
std::string project_at(std::uint64_t number) { return number % 4 == 0 ? "q" : "p"; }

/// What some users have written, read and been forgotten, whatever comes.
class random_history {
public:
  random_history(const std::filesystem::path& folder, unsigned seed, const sqlite_options& options)
      : random_(seed), store_(open_sqlite_store(folder, options)) {
    for (int step = 0; step < 300; ++step)
      take_step();
  }

  std::string epoch() const { return store_->epoch(); }
  std::uint64_t last_mid() const { return store_->last_mid(); }

private:
  std::uint64_t any() { return random_(); }

  void take_step() {
    const auto project = project_at(any());
    const auto user = user_at(any());
    const auto other = user_at(any());
    switch (any() % 8) {
    case 0:
      store_->mark_read(key(user, project), dialogue(user, other), any() % 8);
      break;
    case 1:
      store_->mark_delivered(key(user, project), any() % 30, any() % 5);
      break;
    case 2:
      store_->mark_legacy_delivered(key(user, project), any() % 30);
      break;
    case 3:
      store_->note_profile(key(user, project), {any() % 2 == 0 ? user : "called " + other, "#00F"});
      break;
    case 4:
      if (any() % 4 == 0)
        trim(*store_, {static_cast<std::int64_t>(1'000 + any() % 50)}, any() % 20);
      break;
    default:
      write(user, other, project);
    }
    if (any() % 3 == 0)
      do_upkeep(*store_);
  }

  void write(const std::string& user, const std::string& other, const std::string& project) {
    std::string text = "text " + std::string(1, '\0') + std::to_string(any());
    text.resize(any() % 20, '\0');
    const auto cid = any() % 2 == 0 ? "cid " + std::to_string(any() % 100) : std::string{};
    store_->append(std::array{note(user, other, text, cid, project)},
                   static_cast<std::int64_t>(1'000 + any() % 100));
  }

  std::mt19937 random_;
  std::unique_ptr<message_store> store_;
};

/// Nobody is asked to read what is the same in both.
class both_readers {
public:
  both_readers(message_reader& before, message_reader& now, unsigned seed)
      : before_(before), now_(now), random_(seed) {}

  void compare(const user_key& user) {
    const auto state = before_.inbox(user);
    CHECK(now_.inbox(user) == state);
    CHECK(now_.knows_project(user.project) == before_.knows_project(user.project));
    for (int page = 0; page < 5; ++page) {
      compare_inboxes(user, state.floor - 1 + random_() % 5, some());
      compare_lists(user, random_() % 2 == 0 ? std::nullopt : std::optional{random_() % 100},
                    some());
    }
    compare_inboxes(user, state.floor - 1, all);
    compare_lists(user, {}, all);
  }

  void compare(const project_id& project, const conversation_id& which) {
    const auto place = [&]() -> std::optional<std::uint64_t> {
      return random_() % 2 == 0 ? std::nullopt : std::optional{random_() % 12};
    };
    compare_parts(project, which, {}, all);
    for (int page = 0; page < 6; ++page)
      compare_parts(project, which, {place(), place()}, some());
  }

private:
  bound some() { return {random_() % 6, random_() % 60}; }

  void compare_inboxes(const user_key& user, std::uint64_t after, bound limit) {
    const auto was = before_.read_inbox(user, after, limit);
    const auto is = now_.read_inbox(user, after, limit);
    CHECK(is.entries == was.entries);
    CHECK(is.more == was.more);
  }
  void compare_lists(const user_key& user, std::optional<std::uint64_t> before, bound limit) {
    const auto was = before_.read_conversations(user, before, limit);
    const auto is = now_.read_conversations(user, before, limit);
    CHECK(is.conversations == was.conversations);
    CHECK(is.more == was.more);
  }
  void compare_parts(const project_id& project, const conversation_id& which, range wanted,
                     bound limit) {
    const auto was = before_.read_conversation(project, which, wanted, limit);
    const auto is = now_.read_conversation(project, which, wanted, limit);
    CHECK(is.messages == was.messages);
    CHECK(is.more == was.more);
  }

  message_reader& before_;
  message_reader& now_;
  std::mt19937 random_;
};

void compare_all(message_reader& before, message_reader& now, unsigned seed) {
  both_readers both{before, now, seed};
  for (const auto* project : {"p", "q", "unknown"})
    for (std::uint64_t one = 0; one < 9; ++one) {
      both.compare(key(user_at(one), project));
      for (std::uint64_t other = one; other < 9; ++other)
        both.compare(*project_id::parse(project), dialogue(user_at(one), user_at(other)));
    }
}

/// Three messages: a to b with the cid x, b to a, a to a.
void fill_folder(const std::filesystem::path& folder) {
  const auto store = open_sqlite_store(folder);
  const std::array batch{note("a", "b", "1", "x"), note("b", "a", "2"), note("a", "a", "3")};
  store->append(batch, 1'000);
}

/// Why a move is refused.
std::string refusal(const test_database& target, const temporary_folder& folder) {
  try {
    move_into(options_of(target), folder.path());
    return "It is not.";
  } catch (const cannot_open& why) {
    return why.what();
  }
}

std::int64_t rows_of(test_database& which) {
  return which.number("(SELECT count(*) FROM account) + (SELECT count(*) FROM conversation) + "
                      "(SELECT count(*) FROM counter) + (SELECT count(*) FROM message) + "
                      "(SELECT count(*) FROM member)");
}

} // namespace

TEST_CASE("a store that is moved is read as before", "[store][postgres]") {
  const auto seed = GENERATE(Catch::Generators::range(1U, 11U));
  CAPTURE(seed);
  if (!has_postgres())
    return;
  const test_database target;
  const temporary_folder folder;
  auto options = seed % 2 == 0 ? small_steps() : sqlite_options{.sync = sync_mode::normal};
  std::string epoch;
  {
    const random_history history{folder.path(), seed, options};
    epoch = history.epoch();
  }
  REQUIRE(move_into(options_of(target), folder.path()) == strings{});
  const auto was = open_sqlite_store(folder.path(), options);
  const auto before = was->make_reader();
  postgres_reader now{options_of(target)};
  CHECK(now.continues(key("user 1"), epoch, 1));
  CHECK_FALSE(now.continues(key("user 1"), was->epoch(), 1)); // it goes its own way from here on
  compare_all(*before, now, seed);
  CHECK(check_postgres(options_of(target)).empty());
}

TEST_CASE("a store that was moved goes on where it was", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  const temporary_folder folder;
  fill_folder(folder.path());
  REQUIRE(move_into(options_of(target), folder.path()) == strings{});
  auto options = options_of(target);
  options.callers_time = true;
  auto cluster = open_postgres_cluster(options);
  const auto store = cluster.make_store();
  const std::array batch{note("a", "b", "1", "x"), note("b", "a", "4"), note("c", "a", "5")};
  const auto outcomes = store->append(batch, 2'000);
  CHECK(outcomes.at(0) == outcome::repeats({1, 1, 1, 1, 1'000}));
  const auto& next = outcomes.at(1).numbers;
  CHECK(next.mid > 3);
  CHECK(next == message_numbers{next.mid, 3, 3, 4, 2'000});
  CHECK(outcomes.at(2).numbers == message_numbers{next.mid + 1, 1, 1, 5, 2'000});
  CHECK(store->mark_read(key("a"), dialogue("a", "b"), 9) == 3U);
  CHECK(store->epoch() == cluster.epoch());
  CHECK(check_postgres(options) == strings{});
}

TEST_CASE("a store is not moved onto another one", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  const temporary_folder folder;
  fill_folder(folder.path());
  REQUIRE(move_into(options_of(target), folder.path()) == strings{});
  CHECK(refusal(target, folder).starts_with("there is a store in "));
}

TEST_CASE("a store is not moved while a service uses it", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  const temporary_folder folder;
  fill_folder(folder.path());
  SECTION("the folder") {
    const auto used = open_sqlite_store(folder.path());
    CHECK(refusal(target, folder).starts_with("another klatch is using "));
  }
  SECTION("the database") {
    auto cluster = open_postgres_cluster(options_of(target));
    const auto lease = cluster.make_membership("host:9001", 1);
    lease->renew({});
    CHECK(refusal(target, folder).starts_with("a service uses "));
    CHECK(refusal(target, folder).find("(host:9001)") != std::string::npos);
    lease->leave();
    CHECK(move_into(options_of(target), folder.path()) == strings{});
  }
}

TEST_CASE("what is not sound is not moved", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database target;
  const temporary_folder folder;
  fill_folder(folder.path());
  run_sql(store_file(folder.path()), "UPDATE log SET ts=1 WHERE pos=2");
  CHECK(move_into(options_of(target), folder.path()) ==
        strings{"Message 2 of conversation 3 is older than the one before it."});
  CHECK(rows_of(target) == 0);
  run_sql(store_file(folder.path()), "UPDATE log SET ts=1000 WHERE pos=2");
  CHECK(move_into(options_of(target), folder.path()) == strings{});
  CHECK(rows_of(target) == 14);
}

TEST_CASE("a move whose connection is lost leaves nothing", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database target;
  const temporary_folder folder;
  fill_folder(folder.path());
  sqlite_export source{folder.path()};
  postgres_move to{options_of(target), source.what()};
  source.each_user([&](const moved_user& one) { to.add(one); });
  const auto cut = [&] {
    target.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
               "WHERE datname=current_database() AND pid<>pg_backend_pid()");
  };
  SECTION("before anything was written") { cut(); }
  SECTION("between two writes") {
    for (int number = 0; number < 1'000; ++number)
      to.add(moved_profile{key("user " + std::to_string(number)), {"name", "#000"}});
    cut();
  }
  CHECK_THROWS_AS(to.finish(), unavailable);
  CHECK(rows_of(target) == 0);
  CHECK(target.number("SELECT count(*) FROM profile") == 0);
}

TEST_CASE("a store without messages can be moved", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database target;
  const temporary_folder folder;
  std::string epoch;
  SECTION("since there were none") {
    const auto store = open_sqlite_store(folder.path());
    epoch = store->epoch();
  }
  SECTION("since all have been forgotten") {
    const auto store = open_sqlite_store(folder.path());
    const std::array batch{note("a", "b", "1", "x"), note("b", "a", "2")};
    store->append(batch, 1'000);
    trim(*store, {9'000}, 10);
    epoch = store->epoch();
  }
  REQUIRE(move_into(options_of(target), folder.path()) == strings{});
  postgres_reader reader{options_of(target)};
  CHECK(reader.continues(key("a"), epoch, 1));
  CHECK(reader.inbox(key("a")).floor == reader.inbox(key("a")).head + 1);
  CHECK(reader.read_conversations(key("a"), {}, all).conversations.empty());
}
