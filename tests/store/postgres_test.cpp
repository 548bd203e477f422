// What only a store in PostgreSQL does: several nodes write to it.
#include "store/cannot_open.hpp"
#include "store/postgres/postgres_check.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// A node with one lane.
struct one_node {
  postgres_cluster cluster;
  std::unique_ptr<message_store> store;

  one_node(const test_database& database, std::string name, klatch::clock time = machine_clock())
      : cluster(open_postgres_cluster(
            {.url = database.url(), .node = std::move(name), .time = std::move(time)})),
        store(cluster.make_store()) {}

  outcome keep(const operation& one) { return store->append({&one, 1}, 0).front(); }
};

std::string refusal(const std::string& url) {
  try {
    open_postgres_cluster({.url = url});
  } catch (const cannot_open& failed) {
    return failed.what();
  }
  return {};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

// -- several nodes --------------------------------------------------------------------------------

TEST_CASE("nodes number the messages of one store together", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  one_node one{database, "one"};
  one_node two{database, "two"};
  CHECK(one.cluster.epoch() == two.cluster.epoch());
  const auto first = one.keep(note("a", "b", "1", "x"));
  const auto second = two.keep(note("b", "a", "2", "y"));
  CHECK(second.numbers.n == 2);
  CHECK(second.numbers.from_seq == 2);
  CHECK(second.numbers.mid > first.numbers.mid);
  CHECK(two.keep(note("a", "b", "1", "x")) == outcome::repeats(first.numbers));
  CHECK(one.keep(note("b", "a", "2", "y")) == outcome::repeats(second.numbers));
  CHECK(texts(one.store->make_reader()->read_inbox(key("a"), 0, all)) == strings{"1", "2"});
}

TEST_CASE("an answer is one also if it answers what another node has stored", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  one_node one{database, "one"};
  one_node two{database, "two"};
  auto answer = std::get<new_message>(note("g", "b", "answer"));
  answer.only_in_answer = true;
  CHECK(one.keep(answer).refused == error_code::forbidden);
  CHECK(database.number("SELECT count(*) FROM account") == 0); // Not even a trace.
  two.keep(note("b", "g", "hello"));
  CHECK(one.keep(answer).numbers.n == 2);
}

TEST_CASE("many nodes may start in an empty database at once", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  std::vector<std::thread> nodes;
  std::atomic<int> failed{0};
  for (int i = 0; i < 4; ++i)
    nodes.emplace_back([&, i] {
      try {
        one_node{database, std::to_string(i)}.keep(note("a", "b", "hi"));
      } catch (const std::exception&) {
        ++failed;
      }
    });
  for (auto& each : nodes)
    each.join();
  CHECK(failed == 0);
  CHECK(check_postgres({.url = database.url()}).empty());
}

TEST_CASE("lanes that write to the same users leave no gap", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database;
  one_node one{database, "one"};
  one_node two{database, "two"};
  const auto more = one.cluster.make_store();
  std::atomic<int> failed{0};
  const auto write = [&](message_store& lane, unsigned seed) {
    try {
      for (unsigned i = 0; i < 80; ++i) {
        std::vector<operation> batch;
        for (unsigned k = 0; k < 1 + i % 20; ++k) {
          seed = seed * 1103515245U + 12345U;
          const auto from = std::to_string(seed >> 16U & 15U);
          const auto to = std::to_string(seed >> 20U & 15U);
          // Few enough for each to be chosen by several lanes.
          batch.push_back(note(from, to, "text", "c" + std::to_string(seed >> 8U & 511U)));
        }
        lane.append(batch, 0);
      }
    } catch (const std::exception&) {
      ++failed;
    }
  };
  std::thread first{[&] { write(*one.store, 1); }};
  std::thread second{[&] { write(*two.store, 2); }};
  write(*more, 3);
  first.join();
  second.join();
  CHECK(failed == 0);
  CHECK(database.number("SELECT count(*) FROM message") > 500);
  CHECK(check_postgres({.url = database.url()}).empty());
  CHECK(database.number(
            "SELECT deadlocks FROM pg_stat_database WHERE datname=current_database()") == 0);
}

TEST_CASE("one node at a time forgets messages", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  one_node one{database, "one"};
  one.keep(note("a", "b", "1"));
  postgres_connection other{{.url = database.url()}};
  other.run_script("BEGIN; SELECT 1 FROM meta WHERE key='retention' FOR UPDATE");
  CHECK(trim(*one.store, {INT64_MAX}, 10) == 0);
  other.run_script("COMMIT");
  CHECK(trim(*one.store, {INT64_MAX}, 10) == 1);
}

// -- batches --------------------------------------------------------------------------------------

TEST_CASE("a batch may be larger than a call", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  one_node one{database, "one"};
  std::vector<operation> batch;
  for (int i = 0; i < 1'500; ++i)
    batch.push_back(note("a", "b", "text"));
  for (int i = 0; i < 5; ++i)
    batch.push_back(note("a", "b", std::string(400'000, 'x')));
  const auto outcomes = one.store->append(batch, 0);
  bool in_order = true;
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    in_order = in_order && outcomes[i].numbers.n == i + 1 && outcomes[i].numbers.to_seq == i + 1 &&
               (i == 0 || outcomes[i].numbers.mid > outcomes[i - 1].numbers.mid);
  CHECK(in_order);
  CHECK(database.number("SELECT last_value FROM blocks") == 4); // 1,000, 502, two, one.
  CHECK(one.store->last_mid() == outcomes.back().numbers.mid);
  CHECK(check_postgres({.url = database.url()}).empty());
}

TEST_CASE("a message that the database does not take hurts no other", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  one_node one{database, "one"};
  std::vector<operation> batch;
  for (const auto* text : {"1", "2", "3", "4", "5", "6", "7"})
    batch.push_back(note("a", "b", text, text));
  std::mt19937 random{1};
  for (const auto poison : {3U, 5U})
    for (int i = 0; i < 9'000; ++i) // More than an index takes.
      std::get<new_message>(batch[poison]).content.cid.push_back(static_cast<char>(random()));
  const auto outcomes = one.store->append(batch, 0);
  CHECK(outcomes.at(3) == outcome::refuses(error_code::bad_frame));
  CHECK(outcomes.at(5) == outcome::refuses(error_code::bad_frame));
  CHECK(outcomes.at(6).numbers.n == 5);
  CHECK(texts(one.store->make_reader()->read_inbox(key("a"), 0, all)) ==
        strings{"1", "2", "3", "5", "7"});
}

TEST_CASE("a key may have any bytes", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  one_node one{database, "one"};
  const std::string cid{"\0'\\\xC3\xBC", 5};
  CHECK_FALSE(one.keep(note("a", "b", "1", cid)).repeated);
  CHECK(one.keep(note("a", "b", "2", cid)).repeated);
  const auto reader = one.store->make_reader();
  CHECK(reader->read_inbox(key("a"), 0, all).entries.at(0).what.content.cid == cid);
  one.keep(note("a", "b", "3"));
  CHECK(reader->read_inbox(key("a"), 1, all).entries.at(0).what.content.cid.empty());
}

TEST_CASE("a store finds what it has written before it was opened", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  const auto first = one_node{database, "one"}.keep(note("a", "b", "1", "x"));
  one_node again{database, "one"};
  CHECK(again.store->last_mid() >= first.numbers.mid);
  CHECK(again.keep(note("a", "b", "1", "x")) == outcome::repeats(first.numbers));
  CHECK(again.keep(note("a", "b", "2")).numbers.n == 2);
}

// -- marks and profiles ---------------------------------------------------------------------------

TEST_CASE("marks that come together are set in their order", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  one_node one{database, "one"};
  for (const auto* text : {"1", "2", "3", "4"})
    one.keep(note("a", "b", text));
  one.keep(note("c", "b", "5"));
  const std::vector<any_mark> marks{read_mark{key("b"), dialogue("a", "b"), 2},
                                    delivered_mark{key("b"), 3, 2},
                                    legacy_mark{key("b"), 3},
                                    read_mark{key("b"), dialogue("a", "b"), 1},
                                    read_mark{key("b"), dialogue("a", "b"), 99},
                                    delivered_mark{key("b"), UINT64_MAX, 100},
                                    read_mark{key("eve"), dialogue("a", "b"), 1}};
  const auto outcomes = one.store->apply_marks(marks);
  CHECK(outcomes.at(0).read == 2U);
  CHECK(outcomes.at(1) == mark_outcome{.delivered = {{{id("a"), 2}}, true}});
  CHECK(outcomes.at(2) == mark_outcome{});
  CHECK_FALSE(outcomes.at(3).read);
  CHECK(outcomes.at(4).read == 4U);
  CHECK(outcomes.at(5) == mark_outcome{.delivered = {{{id("a"), 4}, {id("c"), 1}}, false}});
  CHECK(outcomes.at(6) == mark_outcome{});
  CHECK(one.store->make_reader()->inbox(key("b")) == inbox_state{5, 1, 5, 3});
  CHECK(one.store->apply_marks({}).empty());
}

TEST_CASE("profiles are written once in a while, all together", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  auto now = std::chrono::steady_clock::now();
  auto time = machine_clock();
  time.steady = [&now] { return now; };
  one_node one{database, "one", time};
  one.store->note_profile(key("a"), {"Anna", "#F00"});
  one.store->note_profile(key("b"), {"b", ""}); // Nobody knows better.
  CHECK(one.store->upkeep().again_in == std::nullopt);
  CHECK(database.number("SELECT count(*) FROM profile WHERE shown='Anna'") == 1);
  CHECK(database.number("SELECT count(*) FROM profile") == 1);
  one.store->note_profile(key("a"), {"a", ""});
  CHECK(one.store->upkeep().again_in == std::chrono::milliseconds{100});
  CHECK(database.number("SELECT count(*) FROM profile WHERE shown='a'") == 0);
  now += std::chrono::milliseconds{100};
  CHECK(one.store->upkeep().again_in == std::nullopt);
  CHECK(database.number("SELECT count(*) FROM profile WHERE shown='a'") == 1);
}

// -- databases ------------------------------------------------------------------------------------

TEST_CASE("a database of a newer version is refused", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  { const one_node one{database, "one"}; }
  database.run("UPDATE meta SET value='999' WHERE key='schema'");
  CHECK(has(refusal(database.url()), "have version 999"));
}

TEST_CASE("a database of somebody else's is refused", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  database.run("CREATE TABLE meta(a int)");
  CHECK(has(refusal(database.url()), "is not Klatch's"));
  database.run("DROP TABLE meta; CREATE TABLE meta(key text, value text)");
  CHECK(has(refusal(database.url()), "is not Klatch's"));
  CHECK(database.number("(to_regclass('message') IS NOT NULL)::int") == 0);
}

TEST_CASE("a server that is not there is said to be not there", "[store][postgres]") {
  if (!has_postgres())
    return;
  const auto why = refusal("postgres://klatch:sesame@127.0.0.1:1/x");
  CHECK(has(why, "cannot connect to PostgreSQL at 127.0.0.1/x"));
  CHECK_FALSE(has(why, "sesame"));
  CHECK(has(refusal("postgres://a:%zz@b/c"), "cannot be read"));
  CHECK_FALSE(has(refusal("postgres://a:%zz@b/c"), "zz"));
}

TEST_CASE("somebody who may make no tables can use those that are there", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  const auto role = database.name() + "_role";
  database.run("CREATE ROLE " + role + " LOGIN; GRANT USAGE ON SCHEMA " + database.name() + " TO " +
               role);
  CHECK(has(refusal(database.url_of(role)), "cannot make the tables"));
  { const one_node one{database, "one"}; }
  database.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + database.name() +
               " TO " + role + "; GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA " +
               database.name() + " TO " + role);
  auto cluster = open_postgres_cluster({.url = database.url_of(role)});
  const auto one = note("a", "b", "1");
  CHECK(cluster.make_store()->append({&one, 1}, 0).front().numbers.n == 1);
  database.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}
