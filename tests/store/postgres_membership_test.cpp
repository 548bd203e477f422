// The leases of nodes in PostgreSQL.
#include "store/cluster_times.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <algorithm>
#include <memory>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

struct member {
  postgres_cluster cluster;
  std::unique_ptr<membership> lease;

  member(const test_database& database, const std::string& name)
      : cluster(open_postgres_cluster({.url = database.url()})),
        lease(cluster.make_membership(name, 3)) {}
};

strings names(const cluster_view& view) {
  strings result;
  for (const auto& each : view.living)
    result.push_back(each.name);
  return result;
}

} // namespace

TEST_CASE("nodes see each other", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  member one{database, "one:1"};
  member two{database, "two:2"};
  const auto first = one.lease->renew({.hears = true});
  CHECK(first.epoch == one.cluster.epoch());
  CHECK(first.control == 0);
  CHECK(first.incarnation == one.cluster.incarnation());
  CHECK(first.living == std::vector<node_row>{{first.incarnation, "one:1", 3, {.hears = true}}});
  const auto second = two.lease->renew({.draining = true});
  CHECK(second.incarnation > first.incarnation);
  database.run("UPDATE meta SET value='7' WHERE key='control'");
  const auto again = one.lease->renew({});
  CHECK(again.control == 7);
  CHECK(again.incarnation == first.incarnation);
  CHECK(again.living ==
        std::vector<node_row>{{first.incarnation, "one:1", 3, {}},
                              {second.incarnation, "two:2", 3, {.draining = true}}});
  two.lease->leave();
  CHECK(two.cluster.incarnation() == 0);
  CHECK(names(one.lease->renew({})) == strings{"one:1"});
}

TEST_CASE("a lease that is not renewed runs out", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  member one{database, "one"};
  member two{database, "two"};
  const auto first = one.lease->renew({}).incarnation;
  const auto old = "UPDATE node SET seen=seen - interval '" + std::to_string(lease_time.count()) +
                   " ms' WHERE name='one'";
  database.run(old);
  CHECK(names(two.lease->renew({})) == strings{"two"});
  const auto second = one.lease->renew({});
  CHECK(second.incarnation > first);
  CHECK(names(second) == strings{"two", "one"});

  SECTION("but not while it is written under") {
    postgres_connection writer{{.url = database.url()}};
    writer.run_script("BEGIN; SELECT 1 FROM node WHERE name='one' FOR KEY SHARE");
    database.run(old);
    CHECK(names(two.lease->renew({})) == strings{"two", "one"});
    writer.run_script("COMMIT");
    CHECK(names(two.lease->renew({})) == strings{"two"});
  }
  SECTION("and may be renewed until somebody sees that") {
    database.run(old);
    CHECK(one.lease->renew({}).incarnation == second.incarnation);
    CHECK(names(two.lease->renew({})) == strings{"two", "one"});
  }
}

TEST_CASE("of two nodes with one name the older one is ended", "[store][postgres]") {
  if (!has_postgres())
    return;
  const test_database database{apart::in_schema};
  member one{database, "same"};
  member two{database, "same"};
  const auto first = one.lease->renew({}).incarnation;
  const auto view = two.lease->renew({});
  CHECK(view.living.size() == 1);
  CHECK(view.incarnation > first);

  SECTION("and does not end the younger one in its turn") {
    CHECK_THROWS_WITH(one.lease->renew({}), "another node is called same too, and has the lease "
                                            "now: give each a --node of its own");
    CHECK(two.lease->renew({}).incarnation == view.incarnation);
  }
  SECTION("but goes on once the younger one is gone") {
    database.run("UPDATE node SET seen=seen - interval '1 min'");
    CHECK(one.lease->renew({}).incarnation > view.incarnation);
  }
}

TEST_CASE("a node learns of a new epoch with its lease", "[store][postgres]") {
  if (!has_postgres())
    return;
  test_database database{apart::in_schema};
  member one{database, "one"};
  const auto store = one.cluster.make_store();
  one.lease->renew({});
  database.run("UPDATE meta SET value='another' WHERE key='epoch'");
  CHECK(one.lease->renew({}).epoch == "another");
  CHECK(store->epoch() == "another");
}
