// PostgreSQL as the bus, with a real server.
#include "net/bus/postgres_bus.hpp"
#include "store/cannot_open.hpp"
#include "tests/catch.hpp"
#include "tests/net/link_log.hpp"
#include "tests/store/postgres_server.hpp"

#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace klatch::net {

namespace {

using namespace std::chrono_literals;
using store::test::has_postgres;
using store::test::test_database;

std::unique_ptr<actors::bus_link> link_in(const test_database& database,
                                          const std::string& channel = "klatch_bus") {
  return make_postgres_bus({.database = {.url = database.url()}, .channel = channel});
}

const std::string links_in_database =
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND (query LIKE '%LISTEN%' OR query LIKE '%pg_notify%')";

/// As if the server were away for who connects to `database`.
void shut(test_database& by, const test_database& database) {
  by.run("ALTER DATABASE " + database.name() + " ALLOW_CONNECTIONS false");
  by.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
         database.name() + "'");
}
void open_again(test_database& by, const test_database& database) {
  by.run("ALTER DATABASE " + database.name() + " ALLOW_CONNECTIONS true");
}

} // namespace

TEST_CASE("links in one database hear each other, in order, and not themselves", "[notify]") {
  if (!has_postgres())
    return;
  const test_database database;
  link_log anna{link_in(database)}, boris{link_in(database)};
  REQUIRE(start_both(anna, boris));
  std::vector<std::string> sent;
  for (std::size_t number = 0; number < 300; ++number)
    sent.push_back(std::string(10 * number, static_cast<char>(number)) + std::to_string(number));
  expect_heard_in_order(anna, boris, sent);
}

TEST_CASE("the largest frame is heard, and a larger one is refused", "[notify]") {
  if (!has_postgres())
    return;
  const test_database database;
  link_log anna{link_in(database)}, boris{link_in(database)};
  REQUIRE(start_both(anna, boris));
  const std::string largest(anna.link().max_frame(), '\xFF');
  CHECK_FALSE(anna.link().publish(largest + 'x'));
  REQUIRE(anna.link().publish(largest));
  CHECK(boris.wait_for_frame(largest));
  CHECK(anna.link().figures().refused == 1);
}

TEST_CASE("other databases and other channels are not heard", "[notify]") {
  if (!has_postgres())
    return;
  const test_database database, other;
  link_log ours{link_in(database)}, near{link_in(database)}, far{link_in(other)},
      beside{link_in(database, "klatch_two")};
  for (auto* each : {&ours, &near, &far, &beside})
    REQUIRE(each->start().wait_until_up());
  REQUIRE(far.link().publish("far"));
  REQUIRE(beside.link().publish("beside"));
  REQUIRE(near.link().publish("near"));
  REQUIRE(ours.wait_for_frame("near"));
  CHECK(ours.frames().size() == 1);
  CHECK(far.frames().empty());
  CHECK(beside.frames().empty());
}

TEST_CASE("what is no channel or no URL is refused at once", "[notify]") {
  const std::string url = "postgres:///db";
  for (const auto* channel : {"", "1a", "A", "a-b", "a\";", "ä"})
    CHECK_THROWS_AS(make_postgres_bus({.database = {.url = url}, .channel = channel}),
                    std::invalid_argument);
  CHECK_THROWS_AS(make_postgres_bus({.database = {.url = url}, .channel = std::string(64, 'a')}),
                  std::invalid_argument);
  CHECK_THROWS_AS(make_postgres_bus({.database = {.url = "postgres:///db?nonsense=1"}}),
                  store::cannot_open);
}

TEST_CASE("a link waits for its database, and survives when it goes", "[notify]") {
  if (!has_postgres())
    return;
  test_database beside;
  const test_database database;
  link_log anna{link_in(database)}, boris{link_in(database)};
  shut(beside, database);
  anna.start();
  boris.start();
  CHECK_FALSE(anna.link().publish("nobody is there"));
  REQUIRE(anna.wait_until_down());
  REQUIRE(boris.wait_until_down());
  open_again(beside, database);
  REQUIRE(anna.wait_until_up());
  REQUIRE(boris.wait_until_up());
  CHECK(anna.link().figures().reconnects == 0);
  shut(beside, database);
  REQUIRE(anna.wait_until_down());
  REQUIRE(boris.wait_until_down());
  CHECK_FALSE(anna.link().publish("not heard"));
  open_again(beside, database);
  REQUIRE(anna.wait_until_up());
  REQUIRE(boris.wait_until_up());
  REQUIRE(anna.link().publish("heard"));
  REQUIRE(boris.wait_for_frame("heard"));
  CHECK(boris.frames() == std::vector<std::string>{"heard"});
  CHECK(anna.states() == std::vector{false, true, false, true});
  CHECK(anna.link().figures().reconnects == 1);
}

TEST_CASE("a server that is silent is left when something is published", "[notify]") {
  if (!has_postgres() || store::test::postgres_socket().empty())
    return;
  test_database database;
  link_log anna{link_in(database)};
  REQUIRE(anna.start().wait_until_up());
  const auto session = static_cast<int>(database.number("SELECT pid " + links_in_database));
  REQUIRE(::kill(session, SIGSTOP) == 0);
  const auto silent = std::chrono::steady_clock::now();
  REQUIRE(anna.link().publish("lost"));
  CHECK(anna.wait_until_down());
  CHECK(std::chrono::steady_clock::now() - silent < 5s);
  CHECK(anna.wait_until_up());
  CHECK(::kill(session, SIGCONT) == 0);
  CHECK(anna.link().figures().dropped == 1);
}

TEST_CASE("what others say on the channel is no frame", "[notify]") {
  if (!has_postgres())
    return;
  test_database database;
  link_log anna{link_in(database)}, boris{link_in(database)};
  REQUIRE(start_both(anna, boris));
  database.run("SELECT pg_notify('klatch_bus', 'what is this?')");
  database.run("NOTIFY klatch_bus");
  REQUIRE(boris.link().publish("a frame"));
  REQUIRE(anna.wait_for_frame("a frame"));
  CHECK(anna.link().figures().dropped == 1);
  CHECK(anna.states() == std::vector{true});
}

TEST_CASE("a link to a database is stopped when its last frames are out", "[notify]") {
  if (!has_postgres())
    return;
  const test_database database;
  link_log anna{link_in(database)}, boris{link_in(database)};
  REQUIRE(start_both(anna, boris));
  for (int number = 0; number < 100; ++number)
    REQUIRE(anna.link().publish(std::to_string(number) + std::string(5'000, 'x')));
  anna.link().stop();
  CHECK(boris.wait_for_frames(100));
  CHECK_FALSE(anna.link().publish("too late"));
  CHECK(anna.states() == std::vector{true});
  anna.link().stop();
}

TEST_CASE("a link to a database that is not there can be stopped", "[notify]") {
  link_log anna{make_postgres_bus({.database = {.url = "postgres://127.0.0.1:9/db"}})};
  link_log boris{make_postgres_bus({.database = {.url = "postgres://127.0.0.1:9/db"}})};
  REQUIRE(anna.start().wait_until_down());
  anna.link().stop();
  boris.link().stop(); // not even started
  CHECK(anna.states() == std::vector{false});
}

} // namespace klatch::net
