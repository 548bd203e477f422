// Who has left all nodes of a cluster is announced at each of them, once.
#include "tests/actors/nodes.hpp"
#include "tests/catch.hpp"

#include <string>
#include <vector>

namespace klatch::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

world_options announcing(std::shared_ptr<store::message_store> in) {
  return {.announces = departure_notices::name, .store = std::move(in)};
}

/// Boris is on the first node, Carla on the second; they see who goes.
struct announcing_nodes : nodes {
  explicit announcing_nodes(std::shared_ptr<store::message_store> in)
      : nodes(2, announcing(std::move(in))) {}
  announcing_nodes() : announcing_nodes(store::make_memory_store("e")) {}

  client& anna_at(std::size_t node) {
    auto& device = (*this)[node].join("anna");
    run();
    return device;
  }
  /// The time passes in which somebody may come back, and in which nodes answer.
  void pass_grace() { advance(milliseconds{5'300}); }
  void expect_notice() {
    for (auto* each : {&boris, &carla})
      each->expect_notice("anna disconnected", "anna");
  }
  void expect_none() {
    for (auto* each : {&boris, &carla})
      each->expect_nothing();
  }

  client& boris = (*this)[0].join("boris");
  client& carla = (*this)[1].join("carla");
};

} // namespace

TEST_CASE_METHOD(announcing_nodes, "a departure is announced at all nodes", "[node_notices]") {
  anna_at(0).lose();
  advance(milliseconds{4'990});
  expect_none();
  advance(milliseconds{20});
  expect_notice();
  advance(seconds{20});
  expect_none();
}

TEST_CASE_METHOD(announcing_nodes, "who stays at another node has not left", "[node_notices]") {
  auto& phone = anna_at(0);
  auto& laptop = anna_at(1);
  phone.lose();
  pass_grace();
  expect_none();
  laptop.lose();
  pass_grace();
  expect_notice();
  expect_none();
}

TEST_CASE_METHOD(announcing_nodes, "who moves to another node has not left", "[node_notices]") {
  anna_at(0).lose();
  advance(seconds{3});
  anna_at(1);
  pass_grace();
  expect_none();
}

TEST_CASE_METHOD(announcing_nodes, "who leaves all nodes within the grace is announced once",
                 "[node_notices]") {
  auto& phone = anna_at(0);
  auto& laptop = anna_at(1);
  phone.lose();
  advance(milliseconds{GENERATE(0, 1, 200, 2'000, 4'990)});
  laptop.lose();
  pass_grace();
  expect_notice();
  pass_grace();
  expect_none();
}

TEST_CASE_METHOD(announcing_nodes, "who comes back while nodes are asked has not left",
                 "[node_notices]") {
  bus.delivers = [](std::size_t, std::size_t, const std::string& bytes) {
    return bytes.size() == bus_header_bytes;
  };
  anna_at(0).lose();
  advance(milliseconds{5'100});
  anna_at(0);
  advance(seconds{1});
  expect_none();
}

TEST_CASE_METHOD(announcing_nodes, "a question that is lost is waited for 200 ms",
                 "[node_notices]") {
  bus.delivers = [](std::size_t from, std::size_t, const std::string& bytes) {
    return from == 0 || bytes.size() == bus_header_bytes; // No answer comes.
  };
  anna_at(0).lose();
  advance(milliseconds{5'190});
  expect_none();
  advance(milliseconds{20});
  expect_notice();
  advance(seconds{10});
  expect_none();
}

TEST_CASE_METHOD(announcing_nodes, "where the bus is down each node announces what it knows",
                 "[node_notices]") {
  auto& phone = anna_at(0);
  anna_at(1);
  bus.at(0).set_up(false);
  phone.lose();
  pass_grace();
  boris.expect_notice("anna disconnected", "anna");
  carla.expect_nothing();
}

TEST_CASE_METHOD(announcing_nodes, "a node that does not hear is not waited for",
                 "[node_notices]") {
  bus.at(1).set_up(false);
  advance(seconds{2});
  anna_at(0).lose();
  advance(milliseconds{5'010});
  boris.expect_notice("anna disconnected", "anna");
}

TEST_CASE_METHOD(announcing_nodes, "other projects are told nothing", "[node_notices]") {
  auto& stranger = (*this)[1].join("dora", "q");
  anna_at(0).lose();
  pass_grace();
  expect_notice();
  stranger.expect_nothing();
}

TEST_CASE_METHOD(announcing_nodes, "a project that is large over all nodes is told nothing",
                 "[node_notices]") {
  std::vector<client*> others;
  for (int number = 0; number < 99; ++number) {
    others.push_back(&(*this)[0].join("a" + std::to_string(number)));
    others.push_back(&(*this)[1].join("b" + std::to_string(number)));
  }
  SECTION("200 are told") {
    anna_at(0).lose();
    pass_grace();
    expect_notice();
  }
  SECTION("201 are not") {
    (*this)[1].join("one more");
    anna_at(0).lose();
    pass_grace();
    expect_none();
  }
}

TEST_CASE("without a store notices are the same", "[node_notices]") {
  announcing_nodes around{nullptr};
  auto& phone = around.anna_at(0);
  auto& laptop = around.anna_at(1);
  phone.lose();
  around.pass_grace();
  around.expect_none();
  laptop.lose();
  around.pass_grace();
  around.expect_notice();
  around.expect_none();
}

} // namespace klatch::test
