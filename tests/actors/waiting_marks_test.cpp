// Marks that wait to be set.
#include "actors/archive/waiting_marks.hpp"
#include "tests/actors/keys.hpp"
#include "tests/catch.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace klatch::actors {

namespace {

using added = waiting_marks::added;

mark_read read(const char* by, const std::string& with, std::uint64_t n) {
  return {user(by), user_id::parse(with).value(), n, {}};
}

std::string words(const waiting_marks::mark& mark) {
  if (const auto* taken = std::get_if<mark_legacy_delivered>(&mark))
    return taken->user.user.str() + " taken " + std::to_string(taken->seq);
  if (const auto* received = std::get_if<mark_received>(&mark))
    return received->user.user.str() + " received " + std::to_string(received->seq);
  const auto& read = std::get<mark_read>(mark);
  return read.reader.user.str() + " read " + read.with.str() + " " + std::to_string(read.n);
}

std::vector<std::string> all_of(waiting_marks& from) {
  std::vector<std::string> result;
  while (!from.empty())
    result.push_back(words(from.take()));
  return result;
}

} // namespace

TEST_CASE("marks of one user replace each other while they wait", "[marks]") {
  waiting_marks waiting;
  CHECK(waiting.add(mark_received{user("a"), 3}) == added::waits);
  CHECK(waiting.add(mark_received{user("a"), 5}) == added::replaced);
  CHECK(waiting.add(mark_received{user("a"), 4}) == added::replaced);
  CHECK(waiting.add(mark_legacy_delivered{user("a"), 7}) == added::waits);
  CHECK(waiting.add(mark_legacy_delivered{user("a"), 8}) == added::replaced);
  CHECK(waiting.add(read("a", "x", 2)) == added::waits);
  CHECK(waiting.add(read("a", "y", 1)) == added::waits);
  CHECK(waiting.add(read("a", "x", 6)) == added::replaced);
  CHECK(waiting.add(read("a", "x", 4)) == added::replaced);
  CHECK(all_of(waiting) ==
        std::vector<std::string>{"a taken 8", "a received 5", "a read x 6", "a read y 1"});
  CHECK(waiting.add(mark_received{user("a"), 3}) == added::waits);
}

TEST_CASE("waiting marks of several users take turns", "[marks]") {
  waiting_marks waiting;
  for (int number = 0; number < 3; ++number)
    waiting.add(read("a", std::to_string(number), 1));
  waiting.add(mark_received{user("b"), 1});
  waiting.add(mark_received{user("a", "another project"), 2});
  CHECK(all_of(waiting) == std::vector<std::string>{"a read 0 1", "b received 1", "a received 2",
                                                    "a read 1 1", "a read 2 1"});
}

TEST_CASE("marks wait for a bounded number of a user's conversations", "[marks]") {
  waiting_marks waiting;
  for (std::size_t number = 0; number < waiting_marks::max_conversations; ++number)
    CHECK(waiting.add(read("a", std::to_string(number), 1)) == added::waits);
  CHECK(waiting.add(read("a", "one more", 1)) == added::refused);
  CHECK(waiting.add(read("a", "0", 2)) == added::replaced);
  CHECK(waiting.add(mark_received{user("a"), 1}) == added::waits);
  CHECK(waiting.add(read("b", "one more", 1)) == added::waits);
  CHECK(all_of(waiting).size() == waiting_marks::max_conversations + 2);
}

} // namespace klatch::actors
