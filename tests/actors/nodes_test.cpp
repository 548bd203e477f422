// Nodes that share a store: what is stored on one is told on all of them, whatever the bus does.
#include "tests/actors/nodes.hpp"
#include "tests/catch.hpp"

#include <string>
#include <vector>

namespace klatch::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Anna is on the first node, Boris on the second.
struct two_nodes : nodes {
  two_nodes() : nodes(2) {
    run();
    CHECK(looks() > 0);
  }

  std::uint64_t looks() { return (*this)[1].counted_of_store().cluster.looks.value(); }
  void send(const std::string& text, const std::string& cid = "c") {
    anna.push_message("boris", text, cid);
    run();
  }
  void set_max_frame(std::size_t bytes) {
    bus.at(0).set_up(false);
    bus.max_frame = bytes;
    bus.at(0).set_up(true);
    advance(seconds{2});
  }
  void expect_at_boris(const std::string& text, int seq) {
    boris.expect_members(R"({"type":"usermsg","message":")" + text + R"(","seq":)" +
                         std::to_string(seq) + '}');
  }

  client& anna = joined((*this)[0], "anna");
  client& boris = joined((*this)[1], "boris");
};

} // namespace

TEST_CASE_METHOD(two_nodes, "a message gets to a user of another node at once", "[nodes]") {
  const auto before = looks();
  send("hi");
  anna.expect_members(R"({"type":"ack","seq":1})");
  expect_at_boris("hi", 1);
  boris.push_message("anna", "ho", "d");
  run();
  anna.expect_members(R"({"type":"usermsg","message":"ho","seq":2})");
  CHECK(looks() == before);
}

TEST_CASE_METHOD(two_nodes, "the devices of one user are told wherever they are", "[nodes]") {
  auto& other = joined((*this)[1], "anna");
  send("hi");
  other.expect_members(R"({"type":"usermsg","to":"boris","message":"hi","seq":1})");
}

TEST_CASE_METHOD(two_nodes, "a receipt gets to another node", "[nodes]") {
  send("hi");
  anna.expect_members(R"({"type":"ack"})");
  expect_at_boris("hi", 1);
  boris.push(R"({"type":"recv","seq":1})");
  boris.push(R"({"type":"read","with":"anna","n":1})");
  run();
  anna.expect_members(R"({"type":"receipt","kind":"delivered","with":"boris","n":1})");
  anna.expect_members(R"({"type":"receipt","kind":"read","with":"boris","n":1})");
}

TEST_CASE_METHOD(two_nodes, "of a message that no frame has room for a hint is enough", "[nodes]") {
  set_max_frame(200);
  const auto before = looks();
  const std::string text(500, 'x');
  send(text);
  expect_at_boris(text, 1);
  CHECK(looks() == before);
}

TEST_CASE_METHOD(two_nodes, "a frame that is lost is missed by its number, or by a heartbeat",
                 "[nodes]") {
  bool lost = true;
  bus.delivers = [&](std::size_t, std::size_t, const std::string& bytes) {
    return bytes.size() == bus_header_bytes || !std::exchange(lost, false);
  };
  send("lost", "c1");
  boris.expect_nothing();
  SECTION("by the next frame") {
    send("two", "c2");
    advance(milliseconds{50});
  }
  SECTION("by the next heartbeat") { advance(milliseconds{510}); }
  expect_at_boris("lost", 1);
}

TEST_CASE_METHOD(two_nodes, "while the bus is down the store is looked at", "[nodes]") {
  bus.at(1).set_up(false);
  send("one", "c1");
  advance(milliseconds{400});
  expect_at_boris("one", 1);
  const auto before = looks();
  advance(seconds{3});
  CHECK(looks() > before + 5);
  bus.at(1).set_up(true);
  advance(seconds{4});
  const auto after = looks();
  advance(seconds{10});
  CHECK(looks() == after);
  send("two", "c2");
  expect_at_boris("two", 2);
}

TEST_CASE_METHOD(two_nodes, "a node whose bus is down is not waited for", "[nodes]") {
  bus.at(0).set_up(false); // Boris' node learns of it by the lease.
  advance(milliseconds{1'100});
  send("one");
  advance(milliseconds{1'400});
  expect_at_boris("one", 1);
}

TEST_CASE_METHOD(two_nodes, "a node that lives and is not heard is looked after", "[nodes]") {
  bus.delivers = [](std::size_t, std::size_t, const std::string&) { return false; };
  send("one");
  advance(milliseconds{3'400});
  expect_at_boris("one", 1);
}

TEST_CASE_METHOD(two_nodes,
                 "what a node stored and told nobody is told for the sender that asks again",
                 "[nodes]") {
  bus.delivers = [](std::size_t, std::size_t, const std::string& bytes) {
    return bytes.size() == bus_header_bytes;
  };
  send("one", "c1");
  bus.delivers = nullptr;
  auto& third = joined((*this)[0], "anna");
  third.push_message("boris", "one", "c1");
  run();
  third.expect_members(R"({"type":"ack","cid":"c1","seq":1})");
  expect_at_boris("one", 1);
  boris.expect_nothing();
}

TEST_CASE_METHOD(two_nodes, "frames that come late, twice or in another order change nothing",
                 "[nodes]") {
  std::vector<std::string> kept;
  bus.delivers = [&](std::size_t, std::size_t, const std::string& bytes) {
    if (bytes.size() > bus_header_bytes)
      kept.push_back(bytes);
    return bytes.size() == bus_header_bytes;
  };
  for (int number = 1; number <= 3; ++number)
    send(std::to_string(number), "c" + std::to_string(number));
  for (const auto index : {2, 0, 2, 1, 1, 0}) {
    bus.at(1).hear(kept.at(static_cast<std::size_t>(index)));
    run();
  }
  advance(milliseconds{400});
  for (int number = 1; number <= 3; ++number)
    expect_at_boris(std::to_string(number), number);
  boris.expect_nothing();
}

TEST_CASE_METHOD(two_nodes, "what a node of a newer version tells is looked for", "[nodes]") {
  bus.delivers = [&](std::size_t, std::size_t to, std::string bytes) {
    constexpr std::size_t version_at = 1;
    bytes.at(version_at) = static_cast<char>(bus_version + 1);
    bus.at(to).hear(bytes);
    return false;
  };
  const auto before = looks();
  send("hi");
  advance(milliseconds{400});
  expect_at_boris("hi", 1);
  CHECK(looks() > before);
  CHECK((*this)[1].counted_of_store().cluster.frames_bad.value() == 0);
}

TEST_CASE_METHOD(two_nodes, "strange bytes on the bus hurt nobody", "[nodes]") {
  for (const auto* bytes : {"", "K", "garbage that is longer than a header of a frame"})
    bus.at(1).hear(bytes);
  send("hi");
  expect_at_boris("hi", 1);
  CHECK((*this)[1].counted_of_store().cluster.frames_bad.value() == 3);
}

TEST_CASE_METHOD(two_nodes, "frames for this node that the bus dropped are looked for", "[nodes]") {
  bus.delivers = [](std::size_t, std::size_t, const std::string& bytes) {
    return bytes.size() == bus_header_bytes;
  };
  const auto before = looks();
  bus.at(1).lose();
  advance(milliseconds{400});
  CHECK(looks() == before + 1);
}

TEST_CASE_METHOD(two_nodes, "once in half a minute all is looked at whatever was heard",
                 "[nodes]") {
  const auto before = looks();
  advance(seconds{31});
  CHECK(looks() == before + 1);
}

TEST_CASE_METHOD(two_nodes, "a lease that is gone is taken anew, and messages go on", "[nodes]") {
  leases.end(leased[0]->incarnation);
  advance(seconds{2});
  CHECK(leased[0]->incarnation == 3);
  send("hi");
  expect_at_boris("hi", 1);
}

TEST_CASE_METHOD(two_nodes, "what a node has told before it knew its lease is looked for",
                 "[nodes]") {
  leases.unreachable = true;
  add();
  auto& carl = joined((*this)[2], "carl");
  carl.push_message("boris", "early", "c");
  run();
  carl.expect_members(R"({"type":"ack","seq":1})");
  boris.expect_nothing();
  leases.unreachable = false;
  advance(milliseconds{2'000}); // Its lease, its heartbeat, and a look.
  expect_at_boris("early", 1);
}

TEST_CASE_METHOD(two_nodes, "a store that has lost messages has all clients start over",
                 "[nodes]") {
  auto& plain = (*this)[1].join("carl");
  leases.epoch = "f";
  advance(milliseconds{1'100});
  for (auto* each : {&anna, &boris}) {
    each->expect_members(R"({"type":"reconnect"})");
    each->expect_close(close_code::service_restart);
  }
  plain.expect_close(close_code::service_restart);
  (*this)[0].join_extended("anna").expect_members(R"({"type":"welcome","epoch":"f"})");
}

TEST_CASE_METHOD(two_nodes,
                 "who has come before a node's first lease starts over too if messages are lost",
                 "[nodes]") {
  leases.unreachable = true;
  add();
  auto& carl = (*this)[2].join_extended("carl");
  carl.expect_members(R"({"type":"welcome","epoch":"e"})");
  leases.unreachable = false;
  leases.epoch = "f"; // Another node has found out.
  advance(milliseconds{1'100});
  carl.expect_members(R"({"type":"reconnect"})");
  carl.expect_close(close_code::service_restart);
}

TEST_CASE_METHOD(two_nodes, "who comes from a shard that is no more starts over too", "[nodes]") {
  leases.epoch = "f";
  advance(milliseconds{1'100});
  auto& clara = (*this)[0].join_extended("clara");
  clara.expect_members(R"({"type":"welcome","epoch":"f"})");
  // For all that the next shard knows she has been here since before the loss.
  (*this)[0].kill_shard(0);
  run();
  clara.expect_members(R"({"type":"reconnect"})");
  clara.expect_close(close_code::service_restart);
}

TEST_CASE_METHOD(two_nodes, "a lease that cannot be renewed keeps nobody from writing", "[nodes]") {
  leases.unreachable = true;
  advance(seconds{2});
  send("hi");
  anna.expect_members(R"({"type":"ack"})");
  expect_at_boris("hi", 1);
}

TEST_CASE_METHOD(two_nodes, "what is said to all nodes is asked for with each renewal", "[nodes]") {
  std::vector<std::uint64_t> asked;
  on_control = [&](std::uint64_t number) {
    asked.push_back(number);
    if (number == 2)
      throw store::unavailable{"the test has it so"};
  };
  leases.control = 1;
  advance(seconds{1});
  CHECK(asked == std::vector<std::uint64_t>{1, 1});
  leases.control = 2; // It cannot be read, and is asked for again.
  advance(seconds{2});
  CHECK(asked == std::vector<std::uint64_t>{1, 1, 2, 2, 2, 2});
  leases.unreachable = true;
  advance(seconds{2});
  CHECK(asked.size() == 6);
  send("hi");
  expect_at_boris("hi", 1);
}

TEST_CASE_METHOD(two_nodes, "a record that no frame has room for is looked for", "[nodes]") {
  set_max_frame(bus_header_bytes + 1);
  const auto before = looks();
  send("hi");
  boris.expect_nothing();
  advance(milliseconds{510});
  expect_at_boris("hi", 1);
  CHECK(looks() > before);
}

} // namespace klatch::test
