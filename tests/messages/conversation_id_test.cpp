// A conversation is the same value from whichever side it is made.
#include "messages/conversation_id.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch {

namespace {

user_id id(const char* text) { return *user_id::parse(text); }

} // namespace

TEST_CASE("a dialogue is the same from both sides", "[conversation]") {
  const auto one = conversation_id::dialogue(id("b"), id("a"));
  const auto other = conversation_id::dialogue(id("a"), id("b"));
  CHECK(one == other);
  CHECK(std::hash<conversation_id>{}(one) == std::hash<conversation_id>{}(other));
  CHECK(one.low() == id("a"));
  CHECK(one.high() == id("b"));
  CHECK(one != conversation_id::dialogue(id("a"), id("c")));
}

TEST_CASE("each user of a dialogue writes to the other one, and one alone to oneself",
          "[conversation]") {
  const auto both = conversation_id::dialogue(id("b"), id("a"));
  CHECK(both.peer_of(id("a")) == id("b"));
  CHECK(both.peer_of(id("b")) == id("a"));
  CHECK(conversation_id::dialogue(id("a"), id("a")).peer_of(id("a")) == id("a"));
}

} // namespace klatch
