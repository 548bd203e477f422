// Queries do not hold up what a client says after them, and are bounded.
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch::test {

namespace {

std::string history(int number) {
  return R"({"type":"history","with":"boris","ref":"r)" + std::to_string(number) + "\"}";
}

struct side_by_side {
  /// Pushes so many queries, which the reader does not answer yet.
  void push_queries(int count) {
    for (int number = 1; number <= count; ++number)
      anna.push(history(number));
    around.run_all_but(around.archive().queries);
  }
  void expect_answers(int first, int last) {
    for (int number = first; number <= last; ++number)
      anna.expect_members(R"({"type":"history","ref":"r)" + std::to_string(number) + "\"}");
  }

  world around{with_store()};
  client& anna = joined(around, "anna");
};

} // namespace

TEST_CASE_METHOD(side_by_side, "a client sends on while eight of its queries are under way",
                 "[queries]") {
  push_queries(8);
  CHECK_FALSE(anna.transport().paused());
  anna.push_message("boris", "meanwhile", "c1");
  anna.push(R"({"type":"ping","ref":"p"})");
  around.run_all_but(around.archive().queries);
  REQUIRE(anna.transport().waiting().size() == 2);
  anna.expect_push(R"({"type":"pong","ref":"p"})");
  anna.expect_members(R"({"type":"ack","cid":"c1"})");
  expect_answers(1, 8);
  anna.expect_nothing();
}

TEST_CASE_METHOD(side_by_side, "the ninth query waits, and all behind it", "[queries]") {
  push_queries(9);
  CHECK(anna.transport().paused());
  anna.push(R"({"type":"ping","ref":"p"})");
  around.run_all_but(around.archive().queries);
  CHECK(anna.transport().waiting().empty());
  around.run_next(around.archive().queries);
  around.run_all_but(around.archive().queries);
  CHECK_FALSE(anna.transport().paused());
  CHECK(anna.transport().waiting().size() == 2);
  expect_answers(1, 1);
  anna.expect_push(R"({"type":"pong","ref":"p"})");
  expect_answers(2, 9);
}

TEST_CASE_METHOD(side_by_side, "one answer at most waits for a client that does not read",
                 "[queries]") {
  push_queries(9);
  anna.transport().stall();
  around.run();
  CHECK(anna.transport().waiting().size() == 1);
  for (int number = 1; number < 9; ++number) {
    expect_answers(number, number);
    anna.transport().unstall();
    anna.transport().stall();
    around.run();
    CHECK(anna.transport().waiting().size() == 1);
  }
  expect_answers(9, 9);
}

TEST_CASE_METHOD(side_by_side, "each query has its error when the reader is lost", "[queries]") {
  push_queries(9);
  around.kill_readers();
  for (int number = 1; number <= 9; ++number)
    anna.expect_members(R"({"type":"error","code":"unavailable","temporary":true,"ref":"r)" +
                        std::to_string(number) + "\"}");
  CHECK_FALSE(anna.transport().paused());
  anna.expect_nothing();
}

TEST_CASE("each query beyond what may wait has its error", "[queries]") {
  auto chosen = with_store();
  chosen.may_wait.queries = 0;
  world around{chosen};
  auto& anna = joined(around, "anna");
  for (int number = 1; number <= 9; ++number)
    anna.push(history(number));
  for (int number = 1; number <= 9; ++number)
    anna.expect_members(R"({"type":"error","code":"unavailable","ref":"r)" +
                        std::to_string(number) + "\"}");
  anna.expect_nothing();
}

TEST_CASE_METHOD(side_by_side, "a client that closes with queries under way is forgotten",
                 "[queries]") {
  push_queries(9);
  anna.lose();
  around.run();
  CHECK(is_forgotten(anna.connection()));
}

TEST_CASE_METHOD(side_by_side, "a plain client's queries are refused", "[queries]") {
  auto& boris = around.join("boris");
  for (int number = 1; number <= 9; ++number)
    boris.push(history(number));
  for (int number = 1; number <= 9; ++number)
    boris.expect_error(error_code::unknown_type);
  boris.expect_nothing();
  CHECK(boris.transport().pauses() == 1); // to register
}

} // namespace klatch::test
