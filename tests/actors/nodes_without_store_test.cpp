// Users of different nodes write to each other where nothing is stored.
#include "tests/actors/guest_world.hpp"
#include "tests/actors/nodes.hpp"
#include "tests/catch.hpp"

#include <string>
#include <vector>

namespace klatch::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Anna is on the first node, Boris on the second.
struct live_nodes : nodes {
  explicit live_nodes(std::size_t count = 2) : nodes(count, world_options{.shards = 2}) { run(); }

  void send(client& from, const std::string& to, const std::string& text) {
    from.push_message(to, text);
    run();
  }
  client& join(std::size_t node, const std::string& id) {
    auto& device = (*this)[node].join(id);
    run();
    return device;
  }
  void lose(client& gone) {
    gone.lose();
    run();
  }
  /// Of one node nothing is heard, and it hears nothing.
  void cut_off(std::size_t node) {
    bus.delivers = [node](std::size_t from, std::size_t to, const std::string&) {
      return from != node && to != node;
    };
  }

  client& anna = join(0, "anna");
  client& boris = join(1, "boris");
};

struct three_live_nodes : live_nodes {
  three_live_nodes() : live_nodes(3) {}
};

} // namespace

TEST_CASE_METHOD(live_nodes, "users of different nodes write to each other", "[live]") {
  send(anna, "boris", "hi");
  boris.expect_message("anna", "hi");
  send(boris, "anna", "ho");
  anna.expect_message("boris", "ho");
  for (int number = 0; number < 20; ++number)
    anna.push_message("boris", std::to_string(number));
  run();
  for (int number = 0; number < 20; ++number)
    boris.expect_message("anna", std::to_string(number));
  boris.expect_nothing();
}

TEST_CASE_METHOD(live_nodes, "an extended client is told that its message was handed on",
                 "[live]") {
  auto& clara = (*this)[0].join_extended("clara");
  clara.expect_members(R"({"type":"welcome","epoch":""})");
  clara.push_message("boris", "hi", "c1");
  run();
  clara.expect_members(R"({"type":"ack","cid":"c1","mid":null})");
  boris.expect_message("clara", "hi");
}

TEST_CASE_METHOD(live_nodes, "who is at no node is not connected, and can come", "[live]") {
  send(anna, "dora", "hi");
  anna.expect_not_connected("dora");
  auto& dora = join(1, "dora");
  send(anna, "dora", "hi again");
  dora.expect_message("anna", "hi again");
  lose(dora);
  send(anna, "dora", "gone?");
  anna.expect_not_connected("dora");
}

TEST_CASE_METHOD(live_nodes, "somebody who goes to another node is found there", "[live]") {
  send(anna, "boris", "one");
  boris.expect_message("anna", "one");
  lose(boris);
  auto& here = join(0, "boris");
  send(anna, "boris", "two");
  here.expect_message("anna", "two");
  lose(here);
  auto& there = join(1, "boris");
  send(anna, "boris", "three");
  there.expect_message("anna", "three");
}

TEST_CASE_METHOD(live_nodes, "a recipient's devices are reached wherever they are", "[live]") {
  SECTION("known before") {
    send(anna, "boris", "before");
    boris.expect_message("anna", "before");
  }
  auto& here = join(0, "boris");
  send(anna, "boris", "to both");
  here.expect_message("anna", "to both");
  boris.expect_message("anna", "to both");
  lose(boris);
  send(anna, "boris", "to one");
  here.expect_message("anna", "to one");
  auto& there = join(1, "boris");
  lose(here);
  send(anna, "boris", "to the other");
  there.expect_message("anna", "to the other");
  for (auto* each : {&there, &anna})
    each->expect_nothing();
}

TEST_CASE_METHOD(live_nodes, "a sender's other devices get a copy wherever they are", "[live]") {
  auto& phone = join(1, "anna");
  send(anna, "boris", "hi");
  phone.expect_message("anna", "hi");
  boris.expect_message("anna", "hi");
  send(phone, "anna", "to myself");
  phone.expect_message("anna", "to myself");
  anna.expect_message("anna", "to myself");
  lose(phone);
  send(anna, "boris", "alone");
  boris.expect_message("anna", "alone");
  for (auto* each : {&anna, &boris})
    each->expect_nothing();
}

TEST_CASE_METHOD(live_nodes, "nothing crosses from one project to another", "[live]") {
  auto& stranger = (*this)[0].join("zoe", "q");
  send(stranger, "boris", "hi");
  stranger.expect_not_connected("boris");
  boris.expect_nothing();
}

TEST_CASE_METHOD(three_live_nodes, "of three nodes all that have the user get a message",
                 "[live]") {
  auto& second = join(2, "boris");
  send(anna, "boris", "hi");
  boris.expect_message("anna", "hi");
  second.expect_message("anna", "hi");
  cut_off(2);
  advance(seconds{6});
  send(anna, "boris", "again");
  boris.expect_message("anna", "again");
  second.expect_nothing();
}

TEST_CASE_METHOD(live_nodes, "a node that is silent for 5 s is gone with its users", "[live]") {
  send(anna, "boris", "hi");
  boris.expect_message("anna", "hi");
  cut_off(1);
  advance(milliseconds{6'000});
  send(anna, "boris", "there?");
  anna.expect_not_connected("boris");
  SECTION("and when it is heard again they are found") {
    bus.delivers = nullptr;
    advance(seconds{1});
    send(anna, "boris", "back");
    boris.expect_message("anna", "back");
  }
}

TEST_CASE_METHOD(live_nodes, "devices of one user find each other when the bus is back", "[live]") {
  auto& phone = join(1, "anna");
  SECTION("after the nodes have lost each other") { cut_off(1); }
  SECTION("after a link was down") { bus.at(1).set_up(false); }
  advance(seconds{7});
  send(anna, "anna", "alone");
  anna.expect_message("anna", "alone");
  bus.delivers = nullptr;
  bus.at(1).set_up(true);
  advance(seconds{3});
  send(anna, "anna", "both");
  anna.expect_message("anna", "both");
  phone.expect_message("anna", "both");
}

TEST_CASE_METHOD(live_nodes, "that somebody has left is found out though it was lost", "[live]") {
  send(anna, "boris", "hi");
  boris.expect_message("anna", "hi");
  bus.delivers = [](std::size_t, std::size_t, const std::string& bytes) {
    return bytes.size() == bus_header_bytes;
  };
  lose(boris);
  bus.delivers = nullptr;
  advance(seconds{3});
  send(anna, "boris", "there?");
  anna.expect_not_connected("boris");
}

TEST_CASE_METHOD(live_nodes, "that a device has come is found out though it was lost", "[live]") {
  bus.delivers = [](std::size_t, std::size_t, const std::string& bytes) {
    return bytes.size() == bus_header_bytes;
  };
  auto& phone = join(1, "anna");
  bus.delivers = nullptr;
  advance(seconds{3});
  send(anna, "boris", "hi");
  phone.expect_message("anna", "hi");
}

TEST_CASE_METHOD(live_nodes, "a question that is lost is answered after 200 ms", "[live]") {
  bus.delivers = [](std::size_t from, std::size_t, const std::string& bytes) {
    return from == 0 || bytes.size() == bus_header_bytes;
  };
  send(anna, "boris", "lost");
  advance(milliseconds{190});
  anna.expect_nothing();
  advance(milliseconds{20});
  anna.expect_not_connected("boris");
  bus.delivers = nullptr;
  send(anna, "boris", "found");
  boris.expect_message("anna", "found");
}

TEST_CASE_METHOD(live_nodes, "a shard that dies takes nothing with it for long", "[live]") {
  auto& phone = join(1, "anna");
  send(anna, "boris", "hi");
  boris.expect_message("anna", "hi");
  phone.expect_message("anna", "hi");
  for (const std::size_t shard : {0U, 1U})
    (*this)[1].kill_shard(shard);
  advance(seconds{7});
  send(anna, "boris", "again");
  boris.expect_message("anna", "again");
  phone.expect_message("anna", "again");
  lose(boris);
  send(anna, "boris", "there?");
  anna.expect_not_connected("boris");
}

// The first node knows that he is gone before the sender does.
TEST_CASE_METHOD(live_nodes, "a message for somebody who leaves comes back to the sender",
                 "[live]") {
  send(anna, "boris", "hi");
  boris.expect_message("anna", "hi");
  boris.lose();
  (*this)[1].run();
  (*this)[0].run_all_but(anna.connection());
  anna.push_message("boris", "there?");
  anna.tend();
  run();
  anna.expect_not_connected("boris");
}

TEST_CASE_METHOD(live_nodes, "whoever nobody writes to any more is forgotten, and asked for anew",
                 "[live]") {
  const auto frames_for_a_message = [this](client& from) {
    const auto before = bus.at(0).published;
    send(from, "boris", "hi");
    return bus.at(0).published - before;
  };
  auto& clara = join(0, "clara");
  CHECK(frames_for_a_message(anna) == 2); // the question, and the message
  CHECK(frames_for_a_message(clara) == 1);
  lose(clara);
  CHECK(frames_for_a_message(anna) == 1);
  lose(anna);
  CHECK(frames_for_a_message(join(0, "dora")) == 2);
}

TEST_CASE("a node alone asks nobody", "[live]") {
  nodes around{1, world_options{}};
  auto& anna = around[0].join("anna");
  anna.push_message("boris", "hi");
  anna.expect_not_connected("boris");
}

TEST_CASE("a guest at another node may answer whoever has written", "[live]") {
  nodes around{2, letting_guests_in()};
  for (const std::size_t node : {0U, 1U})
    around[node].wall_clock() = token_time * 1000;
  around.run();
  auto& visitor = around[1].connect();
  visitor.push(asks);
  const std::string id = welcome_of(visitor).at("id");
  auto& boris = around[0].connect();
  boris.push(with_token(site_token("boris")));
  boris.expect_members(R"({"type":"welcome","id":"boris"})");
  around.run();
  visitor.push_message("boris", "hello?");
  around.run();
  visitor.expect_members(R"({"type":"error","code":"forbidden"})");
  boris.push_message(id, "hello");
  around.run();
  boris.expect_members(R"({"type":"ack"})");
  visitor.expect_members(R"({"type":"usermsg","message":"hello","from":"boris"})");
  visitor.push_message("boris", "hello!");
  around.run();
  visitor.expect_members(R"({"type":"ack"})");
  boris.expect_members(R"({"type":"usermsg","message":"hello!","role":"guest"})");
}

} // namespace klatch::test
