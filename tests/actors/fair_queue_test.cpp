// Work of many in front of one thread.
#include "actors/archive/fair_queue.hpp"
#include "tests/catch.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace klatch::actors {

namespace {

using queue = fair_queue<std::string, int>;

std::vector<int> all_of(queue& from) {
  std::vector<int> result;
  while (!from.empty())
    result.push_back(from.pop());
  return result;
}

} // namespace

TEST_CASE("what one has asked for comes in order", "[fair]") {
  queue waiting{10};
  for (int number = 0; number < 100; ++number)
    waiting.push("a", number, static_cast<std::uint64_t>(100 - number));
  CHECK(waiting.size() == 100);
  CHECK(waiting.size_of("a") == 100);
  CHECK(waiting.size_of("b") == 0);
  for (int number = 0; number < 100; ++number)
    CHECK(waiting.pop() == number);
  CHECK(waiting.empty());
  CHECK(waiting.size_of("a") == 0);
}

TEST_CASE("who asks for little does not wait for who asks for much", "[fair]") {
  queue waiting{0};
  for (int number = 0; number < 1000; ++number)
    waiting.push("much", number, 1);
  waiting.push("little", -1, 1);
  waiting.pop();
  CHECK(waiting.pop() == -1);
}

TEST_CASE("work counts, not the number of items", "[fair]") {
  queue waiting{0};
  for (int number = 0; number < 4; ++number) {
    waiting.push("large", number, 100);
    waiting.push("small", number + 10, 50);
  }
  CHECK(all_of(waiting) == std::vector{0, 10, 11, 1, 12, 13, 2, 3});
}

TEST_CASE("who has not been there lately comes before any number of those who always are",
          "[fair]") {
  queue waiting{10};
  const auto ask = [&](int who) { waiting.push("busy" + std::to_string(who), who, 10); };
  for (int who = 0; who < 60; ++who)
    ask(who);
  for (int turn = 0; turn < 600; ++turn) // each asks again as soon as it has its answer
    ask(waiting.pop());
  waiting.push("rare", -1, 10);
  CHECK(waiting.pop() == -1);
  for (int turn = 0; turn < 59; ++turn)
    ask(waiting.pop());
  waiting.push("rare", -1, 10);
  std::size_t waited = 0;
  for (int who = waiting.pop(); who != -1; who = waiting.pop(), ++waited)
    ask(who);
  CHECK(waited <= 60); // it has its share, and no more than that
}

TEST_CASE("nobody waits for ever for those who come anew", "[fair]") {
  queue waiting{10};
  waiting.push("patient", -1, 10);
  waiting.push("patient", -1, 10);
  waiting.push("patient", -2, 10);
  int served = 0;
  for (; served < 1000; ++served) {
    waiting.push("new" + std::to_string(served), served, 10);
    if (waiting.pop() == -2)
      break;
  }
  CHECK(served < 20);
}

TEST_CASE("items are moved, and whose they are is forgotten", "[fair]") {
  fair_queue<int, std::unique_ptr<int>> waiting{100};
  for (int round = 0; round < 3; ++round) {
    for (int key = 0; key < 1000; ++key)
      waiting.push(key, std::make_unique<int>(key), 1);
    std::size_t count = 0;
    for (; !waiting.empty(); ++count)
      CHECK(waiting.pop() != nullptr);
    CHECK(count == 1000);
  }
}

} // namespace klatch::actors
