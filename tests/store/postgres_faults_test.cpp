// A store in PostgreSQL whose connection, lease or data is lost.
#include "store/cannot_open.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_link.hpp"
#include "tests/store/postgres_server.hpp"

#include <memory>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;
using std::chrono::milliseconds;

/// Where the tests have a server of their own, and so its socket.
bool has_own_server() { return has_postgres() && !postgres_socket().empty(); }

struct linked_store {
  test_database database{apart::in_schema};
  postgres_link link{postgres_socket()};
  postgres_cluster cluster;
  std::unique_ptr<message_store> store = cluster.make_store();

  /// The time for a call, and that for what its outcome was.
  explicit linked_store(milliseconds call = milliseconds{5'000},
                        milliseconds unknown = milliseconds{10'000})
      : cluster(open_postgres_cluster({.url = link.url(database.path()),
                                       .node = "linked",
                                       .connect_timeout = milliseconds{1'000},
                                       .call_timeout = call,
                                       .unknown_timeout = unknown})) {
    write("before"); // All is prepared.
  }

  outcome write(std::string_view cid) {
    const auto one = note("a", "b", "text of " + std::string{cid}, cid);
    return store->append({&one, 1}, 0).front();
  }
  std::int64_t stored(std::string_view cid) {
    return database.number("SELECT count(*) FROM message WHERE cid='" + std::string{cid} + "'");
  }
};

} // namespace

TEST_CASE("a message whose call is lost is stored once", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  f.link.lose("append", link_fault::call_lost);
  const auto result = f.write("x");
  CHECK(f.link.left() == 0);
  CHECK_FALSE(result.repeated);
  CHECK(result.numbers.n == 2);
  CHECK(f.stored("x") == 1);
}

TEST_CASE("a message whose acknowledgement is lost is stored once", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f{milliseconds{700}};
  const auto fault = GENERATE(link_fault::answer_lost, link_fault::answer_silent);
  f.link.lose("append", fault);
  const auto result = f.write("x");
  CHECK(f.link.left() == 0);
  CHECK(result.repeated);
  CHECK(result.numbers.n == 2);
  CHECK(f.stored("x") == 1);
  CHECK(f.write("y").numbers.n == 3);
}

TEST_CASE("a message without a key is stored once too", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  f.link.lose("append", link_fault::answer_lost);
  const auto result = f.write("");
  CHECK_FALSE(result.repeated);
  CHECK(result.audience.size() == 2);
  CHECK(result.numbers.n == 2);
  CHECK(f.database.number("SELECT count(*) FROM message") == 2);
}

TEST_CASE("what became of a message is not known while no answer comes", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f{milliseconds{5'000}, milliseconds{600}};
  f.link.lose("append", link_fault::answer_lost, 1'000);
  CHECK_THROWS_AS(f.write("x"), uncertain);
  f.link.lose("append", link_fault::none, 0);
  CHECK(f.write("x").repeated);
  CHECK(f.stored("x") == 1);
}

TEST_CASE("without a server nothing is stored, and that is known", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f{milliseconds{5'000}, milliseconds{600}};
  f.link.shut(true);
  bool known = false;
  try {
    f.write("x");
  } catch (const uncertain&) { // What is cut while it is idle is seen before something is sent.
  } catch (const unavailable&) {
    known = true;
  }
  CHECK(known);
  CHECK_THROWS_AS(f.store->mark_read(key("a"), dialogue("a", "b"), 1), unavailable);
  f.link.shut(false);
  postgres_connection::pause(milliseconds{1'000});
  CHECK(f.write("x").numbers.n == 2);
}

TEST_CASE("a node takes another lease when its own is gone", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto first = f.cluster.incarnation();
  REQUIRE(first > 0);
  f.database.run("DELETE FROM node");
  CHECK(f.write("x").numbers.n == 2);
  CHECK(f.cluster.incarnation() > first);
  f.database.run("DELETE FROM node");
  f.link.lose("append", link_fault::answer_lost); // The refusal is lost.
  CHECK_FALSE(f.write("y").repeated);
  CHECK(f.stored("y") == 1);
}

TEST_CASE("a node that has left writes nothing", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto member = f.cluster.make_membership("host:1", 1);
  member->renew({});
  CHECK_FALSE(f.write("x").repeated);
  member->leave();
  CHECK_THROWS_AS(f.write("y"), unavailable);
  CHECK(f.stored("y") == 0);
  member->renew({});
  CHECK(f.write("y").numbers.n == 3);
}

TEST_CASE("a store whose acknowledged messages are lost gets a new epoch", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto epoch = f.cluster.epoch();
  f.write("x");
  f.link.shut(true);
  f.link.shut(false);
  f.write("y"); // A reconnect that has lost nothing.
  CHECK(f.cluster.epoch() == epoch);
  CHECK_FALSE(f.store->check_files());

  f.link.shut(true);
  f.database.run("DELETE FROM message WHERE cid<>'before'; UPDATE counter SET last=1");
  f.link.shut(false);
  CHECK(f.write("z").numbers.n == 2);
  CHECK(f.cluster.epoch() != epoch);
  CHECK(f.store->epoch() == f.cluster.epoch());
  const auto report = f.store->check_files();
  REQUIRE(report);
  CHECK(report->text.find("2 of the last 3") != std::string::npos);
  CHECK_FALSE(f.store->check_files());
}

TEST_CASE("a loss is found though nothing is written any more", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto epoch = f.cluster.epoch();
  f.write("x");
  CHECK(f.store->upkeep().again_in == milliseconds{1'000});
  f.link.shut(true);
  f.database.run("DELETE FROM message WHERE cid='x'; UPDATE counter SET last=1");
  f.link.shut(false);
  f.store->upkeep();
  CHECK(f.cluster.epoch() != epoch);
  CHECK_FALSE(f.store->upkeep().again_in);
}

TEST_CASE("a message that was found to be stored is looked for after a reconnect too",
          "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto epoch = f.cluster.epoch();
  f.link.lose("append", link_fault::answer_lost);
  CHECK(f.write("x").repeated);
  f.link.shut(true);
  f.database.run("DELETE FROM message WHERE cid='x'; UPDATE counter SET last=1");
  f.link.shut(false);
  f.write("y");
  CHECK(f.cluster.epoch() != epoch);
}

TEST_CASE("an epoch that comes back with a loss is no new one", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto lose_all = [&] {
    f.link.shut(true);
    f.database.run("DELETE FROM message; UPDATE counter SET last=0");
    f.link.shut(false);
  };
  const auto first = f.cluster.epoch();
  lose_all();
  f.write("x");
  const auto second = f.cluster.epoch();
  CHECK(second != first);
  f.write("y");
  f.database.run("UPDATE meta SET value='" + first + "' WHERE key='epoch'");
  lose_all();
  f.write("z");
  CHECK(f.cluster.epoch() != first);
  CHECK(f.cluster.epoch() != second);
}

TEST_CASE("a loss begins one epoch, however many lanes find it", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto other_lane = f.cluster.make_store();
  const auto write_there = [&](std::string_view cid) {
    const auto one = note("c", "d", "text", cid);
    return other_lane->append({&one, 1}, 0).front();
  };
  const auto before = f.cluster.epoch();
  write_there("x");
  f.link.shut(true);
  f.database.run("DELETE FROM message; UPDATE counter SET last=0");
  f.link.shut(false);
  f.write("y");
  const auto after = f.cluster.epoch();
  CHECK(after != before);
  write_there("z");
  CHECK(f.cluster.epoch() == after);
  CHECK(f.database.number("SELECT count(*) FROM meta WHERE key='epoch' AND value='" + after +
                          "'") == 1);
}

TEST_CASE("messages that have been forgotten are not lost", "[store][postgres]") {
  if (!has_own_server())
    return;
  linked_store f;
  const auto epoch = f.cluster.epoch();
  CHECK(trim(*f.store, {INT64_MAX}, 10) == 1);
  f.link.shut(true);
  f.link.shut(false);
  CHECK(f.write("x").numbers.n == 2);
  CHECK(f.cluster.epoch() == epoch);
}

TEST_CASE("the next host is tried where one does not answer", "[store][postgres]") {
  if (!has_own_server())
    return;
  const test_database database{apart::in_schema};
  const postgres_link link{postgres_socket()};
  auto url = link.url(database.path());
  url.insert(url.find("127"), "127.0.0.1:1,");
  CHECK_FALSE(open_postgres_cluster({.url = url}).epoch().empty());
}

TEST_CASE("a connection that fails says so at once for a while", "[store][postgres]") {
  if (!has_own_server())
    return;
  postgres_connection one{{.url = "postgres://klatch:sesame@127.0.0.1:1/x"}};
  std::string why;
  try {
    one.connect();
  } catch (const unavailable& failed) {
    why = failed.what();
  }
  CHECK(why.find("127.0.0.1/x") != std::string::npos);
  CHECK(why.find("sesame") == std::string::npos);
  CHECK_THROWS_AS(one.connect(), unavailable);
}
