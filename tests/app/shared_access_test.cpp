// What the nodes of a cluster have in common of who may come in.
#include "app/access_watch.hpp"
#include "app/config_error.hpp"
#include "app/guest_access.hpp"
#include "app/guest_key.hpp"
#include "app/shared_access.hpp"
#include "messages/auth/key_text.hpp"
#include "store/cannot_open.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "store/postgres/postgres_control.hpp"
#include "tests/app/config_fixture.hpp"
#include "tests/messages/signed_tokens.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace klatch::app {

namespace {

namespace fs = std::filesystem;
using store::test::key;

/// A store that nodes share; there is a server.
class cluster_fixture : public config_fixture {
protected:
  cluster_fixture() {
    if (store::test::has_postgres()) {
      database_.emplace(store::test::apart::in_schema);
      store::open_postgres_cluster({.url = database_->url()});
    }
  }

  const store::test::test_database& database() const { return *database_; }
  store::postgres_control orders() const {
    return store::postgres_control{{.url = database().url()}};
  }

  /// The settings of a node, with a data folder of its own, which lets guests in.
  config node(const std::string& name) const {
    fs::create_directories(folder() / name);
    return taken(
        {"--store", database().url(), "--data", (folder() / name).string(), "--guests", "on"});
  }
  void put_guest_key(const std::string& name, const std::string& text) const {
    fs::create_directories(folder() / name);
    const auto file = folder() / name / guest_key_file;
    std::ofstream{file} << text;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  }
  /// The rules of a node that has just started.
  static access_rules_ptr rules_of(const config& options, shared_access& shared) {
    const auto rules = std::make_shared<const access_rules>(test::site_rules());
    return shared.add_to(guest_access{options, &shared}.add(rules, options));
  }
  static std::string key_of_guests(const access_rules_ptr& rules) {
    return rules->guests->key.material;
  }

private:
  std::optional<store::test::test_database> database_;
};

} // namespace

TEST_CASE_METHOD(cluster_fixture, "a node knows who was revoked before it started, and after",
                 "[shared]") {
  if (!store::test::has_postgres())
    return;
  auto order = orders();
  const auto anna = order.revoke(key("anna"));
  shared_access shared{{.url = database().url()}};
  int changes = 0;
  shared.on_change([&] { ++changes; });
  auto files = test::site_rules();
  files.not_before[key("carol")] = 5;
  files.not_before[key("anna")] = 5;
  const auto rules = std::make_shared<const access_rules>(std::move(files));
  const auto before = shared.add_to(rules);
  CHECK(before->revoked_before(key("anna")) == anna);
  CHECK(before->revoked_before(key("carol")) == 5);
  CHECK_FALSE(before->revoked_before(key("boris")));

  const auto boris = order.revoke(key("boris"));
  CHECK_FALSE(shared.add_to(rules)->revoked_before(key("boris")));
  const auto number = order.read().number;
  shared.follow(number);
  CHECK(shared.add_to(rules)->revoked_before(key("boris")) == boris);
  CHECK(changes == 1);
  shared.follow(number);
  CHECK(changes == 1);

  SECTION("what the folder of the keys says later counts too") {
    auto later = *rules;
    later.not_before[key("anna")] = anna + 100;
    CHECK(shared.add_to(std::make_shared<const access_rules>(later))->revoked_before(key("anna")) ==
          anna + 100);
  }
  SECTION("where nobody is asked for a token, nobody is revoked") {
    const auto open = std::make_shared<const access_rules>();
    CHECK(shared.add_to(open) == open);
  }
}

TEST_CASE_METHOD(cluster_fixture, "what cannot be read now is read later", "[shared]") {
  if (!store::test::has_postgres())
    return;
  shared_access shared{{.url = database().url()}};
  const auto rules = std::make_shared<const access_rules>(test::site_rules());
  auto order = orders();
  const auto anna = order.revoke(key("anna"));
  const auto number = order.read().number;
  database().run("ALTER TABLE revocation RENAME TO away");
  CHECK_THROWS_AS(shared.follow(number), store::unavailable);
  CHECK(shared.add_to(rules)->not_before.empty());
  database().run("ALTER TABLE away RENAME TO revocation");
  shared.follow(number);
  CHECK(shared.add_to(rules)->revoked_before(key("anna")) == anna);
}

TEST_CASE_METHOD(cluster_fixture, "what is shared is put into force on the thread of the loop",
                 "[shared]") {
  if (!store::test::has_postgres())
    return;
  std::filesystem::permissions(write("keys/site.token", make_secret_text({})),
                               fs::perms::owner_read);
  auto options = node("one");
  options.keys = folder() / "keys";
  boost::asio::io_context loop;
  shared_access shared{{.url = database().url()}};
  access_watch watch{loop, options, authorities_of_environment(), {}, &shared};
  watch.take(watch.begin(options));
  loop.poll(); // A key of guests was made.
  access_rules_ptr in_force;
  watch.on_change([&](access_rules_ptr rules, const std::function<void()>& done) {
    in_force = std::move(rules);
    done();
  });
  auto order = orders();
  const auto anna = order.revoke(key("anna"));
  shared.follow(order.read().number);
  CHECK(in_force == nullptr);
  loop.restart();
  CHECK(loop.poll() == 1);
  REQUIRE(in_force != nullptr);
  CHECK(in_force->revoked_before(key("anna")) == anna);
  CHECK(in_force->keys.size() == 1);
  CHECK(watch.prepare(options).whole->revoked_before(key("anna")) == anna); // a reload
  order.replace_guest_secret(make_secret_text({}));
  const auto before = key_of_guests(in_force);
  shared.follow(order.read().number);
  loop.restart();
  CHECK(loop.poll() == 1);
  CHECK(key_of_guests(in_force) != before);
  CHECK(key_of_guests(watch.prepare(options).whole) == key_of_guests(in_force));
}

TEST_CASE_METHOD(cluster_fixture, "guests are the same ones at all nodes", "[shared][guests]") {
  if (!store::test::has_postgres())
    return;
  shared_access first{{.url = database().url()}};
  shared_access second{{.url = database().url()}};
  const auto made = rules_of(node("one"), first);
  CHECK(made->guests->key.of_guests);
  CHECK(made->guests->key.kid == guest_kid);
  CHECK(key_of_guests(rules_of(node("two"), second)) == key_of_guests(made));
  CHECK_FALSE(fs::exists(folder() / "one" / guest_key_file));

  SECTION("and all are strangers once there is another key") {
    auto order = orders();
    order.replace_guest_secret(make_secret_text({}));
    const auto number = order.read().number;
    first.follow(number);
    second.follow(number);
    const auto next = first.add_to(made);
    CHECK(key_of_guests(next) != key_of_guests(made));
    CHECK(key_of_guests(second.add_to(made)) == key_of_guests(next));
  }
}

TEST_CASE_METHOD(cluster_fixture, "a key of guests that lies in a folder is taken over once",
                 "[shared][guests]") {
  if (!store::test::has_postgres())
    return;
  const auto known = make_secret_text({});
  put_guest_key("one", known);
  put_guest_key("two", make_secret_text({}));
  shared_access first{{.url = database().url()}};
  shared_access second{{.url = database().url()}};
  CHECK(key_of_guests(rules_of(node("one"), first)) == guest_key_of(known).material);
  CHECK(key_of_guests(rules_of(node("two"), second)) == guest_key_of(known).material);
  orders().replace_guest_secret(make_secret_text({}));
  shared_access later{{.url = database().url()}};
  CHECK(key_of_guests(rules_of(node("one"), later)) != guest_key_of(known).material);
}

TEST_CASE_METHOD(cluster_fixture, "a key of guests that is wrong is not put into the store",
                 "[shared][guests]") {
  if (!store::test::has_postgres())
    return;
  put_guest_key("one", "!");
  shared_access shared{{.url = database().url()}};
  CHECK_THROWS_AS(rules_of(node("one"), shared), config_error);
  CHECK(orders().read().guest_secret.empty());
  orders().replace_guest_secret("!");
  CHECK_THROWS_AS(shared.follow(orders().read().number), store::unavailable);
  CHECK_THROWS_AS((shared_access{{.url = database().url()}}), store::cannot_open);
}

TEST_CASE_METHOD(cluster_fixture, "only a store of PostgreSQL's is shared", "[shared]") {
  CHECK(open_shared_access(taken({"--store", "none"})) == nullptr);
  CHECK(open_shared_access(taken({})) == nullptr);
  CHECK_THROWS_AS(open_shared_access(taken({"--store", "postgres:///nowhere?host=/nowhere"})),
                  store::cannot_open);
}

} // namespace klatch::app
