// A question to other nodes ends, whether they answer or not.
#include "actors/directory/node_questions.hpp"
#include "tests/catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace klatch::actors {

namespace {

using std::chrono::milliseconds;
using text_questions = node_questions<std::string>;

user_key asked_user(const std::string& id) {
  return {project_id::parse("p").value(), user_id::parse(id).value()};
}

constexpr text_questions::time_point asked_at{};
const std::vector<std::uint64_t> asked_nodes{1, 2};

} // namespace

TEST_CASE("a question is over when all nodes have answered", "[questions]") {
  text_questions asked{10};
  const auto anna = asked_user("anna");
  const auto number = asked.ask(anna, "begun", asked_nodes, asked_at).value();
  REQUIRE(asked.answered(anna, number, 1) != nullptr);
  CHECK_FALSE(asked.take_answered(anna));
  *asked.answered(anna, number, 2) += ", answered";
  const auto ended = asked.take_answered(anna);
  REQUIRE(ended);
  CHECK(ended->about == anna);
  CHECK(ended->found == "begun, answered");
  CHECK(asked.find(anna) == nullptr);
  CHECK(asked.take_due(asked_at + milliseconds{200}).empty());
  CHECK_FALSE(asked.next_due());
}

TEST_CASE("a question is over after 200 ms", "[questions]") {
  text_questions asked{10};
  const auto anna = asked_user("anna");
  const auto number = asked.ask(anna, "", asked_nodes, asked_at).value();
  asked.answered(anna, number, 1);
  CHECK(asked.next_due() == asked_at + milliseconds{200});
  CHECK(asked.take_due(asked_at + milliseconds{199}).empty());
  CHECK(asked.take_due(asked_at + milliseconds{200}).size() == 1);
  CHECK(asked.answered(anna, number, 2) == nullptr);
}

TEST_CASE("a node is counted once, and only if it was asked", "[questions]") {
  text_questions asked{10};
  const auto anna = asked_user("anna");
  const auto number = asked.ask(anna, "", asked_nodes, asked_at).value();
  CHECK(asked.answered(anna, number, 3) == nullptr);
  CHECK(asked.answered(anna, number + 1, 1) == nullptr);
  CHECK(asked.answered(asked_user("boris"), number, 1) == nullptr);
  CHECK(asked.answered(anna, number, 1) != nullptr);
  CHECK(asked.answered(anna, number, 1) == nullptr);
  CHECK_FALSE(asked.take_answered(anna));
}

TEST_CASE("a node that is gone is not waited for", "[questions]") {
  text_questions asked{10};
  const auto anna = asked_user("anna");
  const auto number = asked.ask(anna, "", asked_nodes, asked_at).value();
  asked.answered(anna, number, 1);
  asked.ask(asked_user("boris"), "", asked_nodes, asked_at);
  const auto ended = asked.wait_only_for(std::vector<std::uint64_t>{1});
  REQUIRE(ended.size() == 1);
  CHECK(ended.front().about == anna);
  CHECK(asked.find(asked_user("boris")) != nullptr);
}

TEST_CASE("only so many questions are open", "[questions]") {
  text_questions asked{1};
  REQUIRE(asked.ask(asked_user("anna"), "", asked_nodes, asked_at));
  CHECK_FALSE(asked.ask(asked_user("boris"), "", asked_nodes, asked_at));
  CHECK(asked.take_due(asked_at + milliseconds{200}).size() == 1);
  CHECK(asked.ask(asked_user("boris"), "", asked_nodes, asked_at + milliseconds{200}));
}

TEST_CASE("an answer to an earlier question is none to a later one", "[questions]") {
  text_questions asked{10};
  const auto anna = asked_user("anna");
  const auto earlier = asked.ask(anna, "", asked_nodes, asked_at).value();
  asked.take_due(asked_at + milliseconds{200});
  REQUIRE(asked.ask(anna, "", asked_nodes, asked_at + milliseconds{200}));
  CHECK(asked.answered(anna, earlier, 1) == nullptr);
  CHECK(asked.take_due(asked_at + milliseconds{399}).empty());
  CHECK(asked.take_due(asked_at + milliseconds{400}).size() == 1);
}

} // namespace klatch::actors
