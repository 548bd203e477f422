// What operators say to all nodes that share a database.
#include "store/postgres/postgres_cluster.hpp"
#include "store/postgres/postgres_control.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_link.hpp"
#include "tests/store/postgres_server.hpp"

#include <algorithm>
#include <ctime>
#include <future>
#include <memory>
#include <string>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// A database with a store in it, a node, and somebody who gives orders.
struct controlled {
  test_database database;
  postgres_cluster cluster;
  std::unique_ptr<membership> lease;
  postgres_control control;

  explicit controlled(apart how = apart::in_schema)
      : database(how), cluster(open_postgres_cluster({.url = database.url()})),
        lease(cluster.make_membership("one:1", 1)), control({.url = database.url()}) {}

  std::uint64_t number() { return lease->renew({}).control; }
  std::int64_t now() const {
    return database.number("SELECT floor(extract(epoch FROM clock_timestamp()))::int8");
  }
};

/// From when on what `user` is given counts; 0: whatever it was given does.
std::int64_t since(const control_state& state, const user_key& user) {
  const auto found = std::find_if(state.revoked.begin(), state.revoked.end(),
                                  [&](const revocation& each) { return each.user == user; });
  return found == state.revoked.end() ? 0 : found->since;
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("who is revoked is seen by all nodes with a number of its own", "[store][postgres]") {
  if (!has_postgres())
    return;
  controlled one;
  const auto before = one.number();
  CHECK(one.control.read().revoked.empty());
  const auto begun = one.now();
  const auto told = one.control.revoke(key("anna"));
  CHECK(told > begun);
  CHECK(told <= one.now() + 1);
  const auto seen = one.control.read();
  CHECK(seen.number == one.number());
  CHECK(seen.number > before);
  CHECK(seen.revoked == std::vector<revocation>{{key("anna"), told}});
  CHECK(since(seen, key("anna", "other")) == 0);

  SECTION("and once more is the later moment, and another number") {
    one.database.run("UPDATE revocation SET since=since+100");
    CHECK(one.control.revoke(key("anna")) == told + 100);
    one.database.run("UPDATE revocation SET since=1");
    CHECK(one.control.revoke(key("anna")) >= told);
    const auto again = one.control.read();
    CHECK(again.revoked.size() == 1);
    CHECK(again.number > seen.number + 1);
  }
  SECTION("another user is another row") {
    one.control.revoke(key("anna", "other"));
    CHECK(one.control.read().revoked.size() == 2);
  }
  SECTION("a failover that loses it makes the next number another one") {
    one.database.run("UPDATE meta SET value='" + std::to_string(before) +
                     "' WHERE key='control'; DELETE FROM revocation");
    one.control.revoke(key("boris"));
    CHECK(one.number() > seen.number);
  }
}

TEST_CASE("an event and its number are there together or not at all", "[store][postgres]") {
  if (!has_postgres())
    return;
  controlled one;
  const auto before = one.number();
  // Another event is not over yet: this one waits, and comes after it.
  postgres_connection other{{.url = one.database.url()}};
  other.run_script("BEGIN; UPDATE meta SET value='" + std::to_string(before + 5) +
                   "' WHERE key='control'");
  auto waiting = std::async(std::launch::async, [&] { one.control.revoke(key("anna")); });
  postgres_control reader{{.url = one.database.url()}};
  const auto meanwhile = reader.read();
  CHECK(meanwhile.number == before);
  CHECK(meanwhile.revoked.empty());
  other.run_script("COMMIT");
  waiting.get();
  const auto after = reader.read();
  CHECK(after.number > before + 5);
  CHECK(since(after, key("anna")) != 0);
}

TEST_CASE("so many users may be revoked and no more", "[store][postgres]") {
  if (!has_postgres())
    return;
  controlled one;
  one.database.run("INSERT INTO revocation SELECT 'p', ('u' || i)::bytea, 7 "
                   "FROM generate_series(1, " +
                   std::to_string(max_revocations) + ") i");
  const auto before = one.number();
  try {
    one.control.revoke(key("anna"));
    CHECK(false);
  } catch (const too_many_revocations& failed) {
    CHECK(mentions(failed.what(), "DELETE FROM revocation WHERE since"));
  }
  CHECK(one.number() == before);
  CHECK(one.control.read().revoked.size() == max_revocations);
  CHECK(one.control.revoke(key("u7")) > 7); // Who is there already needs no room.
}

TEST_CASE("the first secret of guests is that of all, until it is replaced", "[store][postgres]") {
  if (!has_postgres())
    return;
  controlled one;
  postgres_control two{{.url = one.database.url()}};
  const auto before = one.number();
  CHECK(one.control.read().guest_secret.empty());
  one.control.offer_guest_secret("one's");
  const auto made = two.read();
  CHECK(made.guest_secret == "one's");
  CHECK(made.number > before);
  two.offer_guest_secret("two's");
  CHECK(one.control.read().guest_secret == "one's");
  CHECK(one.number() == made.number);
  two.replace_guest_secret("another");
  const auto replaced = one.control.read();
  CHECK(replaced.guest_secret == "another");
  CHECK(replaced.number > made.number);
  CHECK(replaced.number == one.number());
}

TEST_CASE("an order whose outcome is unknown may be given again", "[store][postgres]") {
  if (!has_postgres() || postgres_socket().empty())
    return;
  const controlled one{apart::in_database};
  postgres_link link{postgres_socket()};
  postgres_control far{
      {.url = link.url(one.database.path()), .call_timeout = std::chrono::milliseconds{300}}};
  link.lose("add_revocation", link_fault::answer_lost);
  CHECK_THROWS_AS(far.revoke(key("anna")), uncertain);
  const auto told = far.revoke(key("anna"));
  const auto seen = far.read();
  CHECK(seen.revoked == std::vector<revocation>{{key("anna"), told}});
  link.shut(true);
  CHECK_THROWS_AS(far.read(), unavailable);
}

TEST_CASE("a database without a store has no orders", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  postgres_control control{{.url = database.url()}};
  const auto complaint = [&](auto&& order) -> std::string {
    try {
      order();
    } catch (const unavailable& failed) {
      return failed.what();
    }
    return {};
  };
  CHECK(mentions(complaint([&] { control.revoke(key("anna")); }), "there is no store"));
  CHECK(mentions(complaint([&] { control.read(); }), "there is no store"));
}
