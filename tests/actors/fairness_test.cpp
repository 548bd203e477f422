// One user's work in front of the store's threads does not hold up others, and is bounded.
#include "actors/archive/archive_reader.hpp"
#include "tests/actors/stepping_store.hpp"
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace klatch::test {

namespace {

/// What is pushed in `meanwhile` comes while the archive stores a first message.
struct crowd {
  explicit crowd(const actors::pending_limit::bounds& may_wait = {})
      : around(over(store, may_wait)) {}

  static world_options over(std::shared_ptr<store::message_store> store,
                            const actors::pending_limit::bounds& may_wait) {
    auto chosen = with_store(1);
    chosen.store = std::move(store);
    chosen.may_wait = may_wait;
    chosen.max_devices = 0;
    return chosen;
  }
  void while_it_stores(const std::function<void()>& meanwhile) {
    auto& first = joined(around, "first");
    store->before_commit = [&, meanwhile] {
      meanwhile();
      around.run_all_but(around.archive().writers.front());
    };
    first.push_message("first", "note", "c");
    first.expect_members(R"({"type":"ack","cid":"c"})");
    first.expect_nothing();
  }

  std::shared_ptr<stepping_store> store =
      std::make_shared<stepping_store>(store::make_memory_store("e"));
  world around;
};

std::string read_mark(const std::string& with, int n) {
  return R"({"type":"read","with":")" + with + R"(","n":)" + std::to_string(n) + '}';
}

} // namespace

TEST_CASE("a burst of large texts does not hold up others, and is stored in small batches",
          "[fair]") {
  crowd many;
  auto& anna = joined(many.around, "anna");
  auto& boris = joined(many.around, "boris");
  many.while_it_stores([&] {
    for (int number = 0; number < 40; ++number)
      anna.push_message("carla", std::string(60'000, 'x'), "c" + std::to_string(number));
    many.around.run_all_but(many.around.archive().writers.front());
    boris.push_message("carla", "hi", "b");
  });
  boris.expect_members(R"({"type":"ack","cid":"b","mid":"3"})"); // after the first of hers
  for (int number = 0; number < 40; ++number)
    anna.expect_members(R"({"type":"ack","cid":"c)" + std::to_string(number) + R"("})");
  CHECK(*std::max_element(many.store->batches.begin(), many.store->batches.end()) <= 6);
}

TEST_CASE("many small messages are stored in batches too", "[fair]") {
  crowd many;
  std::vector<client*> senders;
  for (int number = 0; number < 10; ++number)
    senders.push_back(&joined(many.around, "user-" + std::to_string(number)));
  many.while_it_stores([&] {
    for (auto* sender : senders)
      for (int number = 0; number < 250; ++number)
        sender->push_message("carla", "m");
  });
  for (auto* sender : senders)
    for (int number = 0; number < 250; ++number)
      sender->expect_members(R"({"type":"ack"})");
  CHECK(many.store->batches == std::vector<std::size_t>{1, 2'000, 500});
}

TEST_CASE("marks that wait replace each other", "[fair]") {
  crowd many;
  auto& anna = joined(many.around, "anna");
  auto& boris = joined(many.around, "boris");
  anna.push_message("boris", "one", "c1");
  anna.push_message("boris", "two", "c2");
  anna.expect_members(R"({"type":"ack","cid":"c1"})");
  anna.expect_members(R"({"type":"ack","cid":"c2"})");
  const auto before = many.store->marks;
  many.while_it_stores([&] {
    for (int time = 0; time < 500; ++time) {
      boris.push(read_mark("anna", 1 + time % 2));
      boris.push(R"({"type":"recv","seq":)" + std::to_string(1 + time % 2) + '}');
    }
  });
  CHECK(many.store->marks - before == 2);
  anna.expect_members(R"({"type":"receipt","kind":"delivered","n":2})");
  anna.expect_members(R"({"type":"receipt","kind":"read","n":2})");
  anna.expect_nothing();
}

TEST_CASE("marks do not hold up messages", "[fair]") {
  crowd many;
  std::vector<client*> readers;
  for (int number = 0; number < 20; ++number)
    readers.push_back(&joined(many.around, "reader-" + std::to_string(number)));
  auto& boris = joined(many.around, "boris");
  many.while_it_stores([&] {
    for (auto* reader : readers)
      for (int number = 0; number < 20; ++number)
        reader->push(read_mark("user-" + std::to_string(number), 1));
    many.around.run_all_but(many.around.archive().writers.front());
    boris.push_message("carla", "hi", "b");
    many.around.run_all_but(many.around.archive().writers.front());
    const auto set = many.store->marks;
    many.store->before_commit = [&many, set] { CHECK(many.store->marks - set <= 32); };
  });
  boris.expect_members(R"({"type":"ack","cid":"b"})");
  CHECK(many.store->before_commit == nullptr);
  CHECK(many.store->marks == 400);
}

TEST_CASE("marks beyond what may wait are unavailable", "[fair]") {
  const bool of_one = GENERATE(true, false);
  crowd many{of_one ? actors::pending_limit::bounds{} : actors::pending_limit::bounds{.marks = 64}};
  auto& anna = joined(many.around, "anna");
  many.while_it_stores([&] {
    for (int number = 0; number < 65; ++number)
      anna.push(read_mark("user-" + std::to_string(number), 1));
  });
  anna.expect_members(R"({"type":"error","code":"unavailable","temporary":true})");
  anna.expect_nothing();
  CHECK(many.store->marks == 64);
  many.while_it_stores([&] { anna.push(read_mark("user-64", 1)); });
  anna.expect_nothing();
  CHECK(many.store->marks == 65);
}

TEST_CASE("queries of one user wait behind one another", "[fair]") {
  crowd many;
  std::vector<client*> devices;
  for (int number = 0; number < 5; ++number)
    devices.push_back(&joined(many.around, "anna"));
  auto& boris = joined(many.around, "boris");
  const auto& reader = many.around.archive().queries;
  for (auto* device : devices)
    device->push(R"({"type":"conversations"})");
  many.around.run_all_but(reader);
  boris.push(R"({"type":"history","with":"anna"})");
  many.around.run_all_but(reader);
  for (std::size_t asked = 0; asked < devices.size() + 1; ++asked)
    many.around.run_next(reader); // looks at what there is
  for (int answered = 0; answered < 2; ++answered)
    many.around.run_next(reader);
  many.around.run_all_but(reader);
  CHECK(boris.transport().waiting().size() == 1);
  boris.expect_members(R"({"type":"history","with":"anna"})");
  for (auto* device : devices)
    device->expect_members(R"({"type":"conversations"})");
}

TEST_CASE("a registration does not wait for queries", "[fair]") {
  crowd many;
  auto& anna = joined(many.around, "anna");
  auto& boris = many.around.connect();
  const auto& reader = many.around.archive().queries;
  anna.push(R"({"type":"conversations"})");
  many.around.run_all_but(reader);
  boris.push(R"({"type":"system","v":2,"projectId":"p","id":"boris"})");
  many.around.run_all_but(reader);
  CHECK(boris.transport().waiting().size() == 1);
  boris.expect_members(R"({"type":"welcome"})");
  anna.expect_members(R"({"type":"conversations"})");
}

TEST_CASE("queries beyond what may wait are unavailable", "[fair]") {
  const bool of_one = GENERATE(true, false);
  constexpr auto most = actors::archive_reader::max_queries;
  crowd many{of_one ? actors::pending_limit::bounds{}
                    : actors::pending_limit::bounds{.queries = most}};
  std::vector<client*> devices;
  for (std::size_t number = 0; number <= most; ++number)
    devices.push_back(&joined(many.around, of_one ? "anna" : "user-" + std::to_string(number)));
  for (auto* device : devices) {
    device->push(R"({"type":"conversations"})");
    many.around.run_all_but(many.around.archive().queries);
  }
  devices.back()->expect_members(R"({"type":"error","code":"unavailable","temporary":true})");
  devices.pop_back();
  for (auto* device : devices) {
    device->expect_members(R"({"type":"conversations"})");
    device->push(R"({"type":"conversations"})");
    device->expect_members(R"({"type":"conversations"})");
  }
}

} // namespace klatch::test
