// A shard of the directory is replaced while the archive is busy: nobody misses what it stores.
#include "tests/actors/stepping_store.hpp"
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// Anna in a shard that lives, Boris in one that dies.
struct busy_world {
  busy_world() {
    anna = &joined(around, anna_id);
    boris = &joined(around, boris_id);
  }

  static world_options over(std::shared_ptr<store::message_store> store) {
    auto chosen = with_store(2);
    chosen.store = std::move(store);
    return chosen;
  }
  void lose_shard() {
    around.kill_shard(1);
    around.run_all_but(around.archive().writers.front());
  }
  void expect_delivery() const {
    anna->expect_members(R"({"type":"ack","cid":"c1"})");
    boris->expect_members(R"({"type":"usermsg","message":"hi","seq":1})");
    anna->expect_nothing();
    boris->expect_nothing();
  }

  std::shared_ptr<stepping_store> store =
      std::make_shared<stepping_store>(store::make_memory_store("e"));
  world around{over(store)};
  std::string anna_id = around.user_in_shard(0);
  std::string boris_id = around.user_in_shard(1);
  client* anna = nullptr;
  client* boris = nullptr;
};

} // namespace

TEST_CASE_METHOD(busy_world, "a shard dies before an append that is about to begin", "[archive]") {
  anna->push_message(boris_id, "hi", "c1");
  around.run_next(around.archive().writers.front()); // has the message; its commit comes next
  lose_shard();
  expect_delivery();
}

TEST_CASE_METHOD(busy_world, "a shard dies in the middle of an append", "[archive]") {
  std::function<void()> step = [this] { lose_shard(); };
  SECTION("that is not on disk yet") { store->before_commit = step; }
  SECTION("that is on disk already") { store->after_commit = step; }
  anna->push_message(boris_id, "hi", "c1");
  expect_delivery();
}

TEST_CASE_METHOD(busy_world, "a shard dies in an append that takes longer than is waited for",
                 "[archive]") {
  store->before_commit = [this] {
    lose_shard();
    CHECK_FALSE(boris->transport().paused());
    around.scheduler().advance_time(actors::supervisor::archive_answer_wait);
    around.run_all_but(around.archive().writers.front());
    // Registered again, although the archive has not answered: other shards' users go on as well.
    boris->push(R"({"type":"ping"})");
    around.run_all_but(around.archive().writers.front());
    CHECK(boris->transport().waiting().size() == 1);
  };
  anna->push_message(boris_id, "hi", "c1");
  anna->expect_members(R"({"type":"ack","cid":"c1"})");
  boris->expect_members(R"({"type":"pong"})");
  boris->expect_members(R"({"type":"usermsg","message":"hi","seq":1})");
  boris->expect_nothing();
}

TEST_CASE_METHOD(busy_world, "both shards of two who write die in the middle of an append",
                 "[archive]") {
  auto& laptop = joined(around, anna_id);
  store->before_commit = [this] {
    around.kill_shard(0);
    lose_shard();
  };
  anna->push_message(boris_id, "hi", "c1");
  anna->expect_close(close_code::internal_error); // and sends again when it is back
  boris->expect_members(R"({"type":"usermsg","message":"hi","seq":1})");
  laptop.expect_members(R"({"type":"usermsg","message":"hi","seq":1})");
}

TEST_CASE_METHOD(busy_world,
                 "a client that connects while the archive is busy learns of the new shard later",
                 "[archive]") {
  client* late = nullptr;
  store->before_commit = [&] {
    lose_shard();
    late = &around.connect();
    late->push(R"({"type":"system","v":2,"projectId":"p","id":")" + boris_id + R"("})");
    around.run_all_but(around.archive().writers.front());
  };
  anna->push_message(boris_id, "hi", "c1");
  expect_delivery();
  late->expect_members(R"({"type":"welcome","v":2,"head":1})");
  late->expect_nothing();
  anna->push_message(boris_id, "there", "c2");
  for (auto* each : {boris, late})
    each->expect_members(R"({"type":"usermsg","message":"there","seq":2})");
}

/// A plain client is not told what is stored, and so nothing of it may be dropped.
TEST_CASE("what the archive has taken is stored when the service stops", "[archive]") {
  const auto chosen = with_store(1);
  const auto kept = chosen.store;
  {
    world around{chosen};
    auto& anna = around.join("anna");
    anna.push_message("boris", "hi");
    anna.push_message("boris", "there");
    around.stop_archive(); // comes before the commit, which the archive puts behind all that waits
    around.run();
  }
  CHECK(kept->make_reader()->inbox(key_of("boris")).head == 2);
}

TEST_CASE("marks that wait are set when the service stops", "[archive]") {
  const auto chosen = with_store(1);
  const auto kept = chosen.store;
  {
    world around{chosen};
    auto& anna = joined(around, "anna");
    auto& boris = joined(around, "boris");
    anna.push_message("boris", "hi", "c1");
    around.run();
    boris.push(R"({"type":"recv","seq":1})");
    boris.push(R"({"type":"read","with":"anna","n":1})");
    around.stop_archive();
    around.run();
  }
  const auto list =
      kept->make_reader()->read_conversations(key_of("anna"), {}, {10, 1UL << 20U}).conversations;
  REQUIRE(list.size() == 1);
  CHECK(list[0].peer_delivered == 1);
  CHECK(list[0].peer_read == 1);
}

} // namespace klatch::test
