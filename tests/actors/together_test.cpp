// A store behind a network: marks are set together, and inboxes opened together.
#include "tests/actors/nodes.hpp"
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"
#include "tests/store/forwarding_store.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace klatch::test {

namespace {

/// What a store was asked together, one number a call.
struct asked_together {
  std::vector<std::size_t> marks;
  std::vector<std::size_t> inboxes;
  bool away = false;
  std::function<void()> waits; ///< the next one, before it fails or is answered
};

/// A reader that takes many inboxes together.
class far_reader final : public store::message_reader {
public:
  far_reader(std::unique_ptr<store::message_reader> inner, asked_together& asked)
      : inner_(std::move(inner)), asked_(asked) {}

  store::inbox_state inbox(const user_key& user) override { return inner_->inbox(user); }
  std::vector<store::inbox_state> inboxes(std::span<const user_key> users) override {
    if (const auto wait = std::exchange(asked_.waits, nullptr))
      wait();
    if (asked_.away)
      throw store::unavailable{"the test has it so"};
    asked_.inboxes.push_back(users.size());
    return inner_->inboxes(users);
  }
  bool reads_together() const noexcept override { return true; }
  bool knows_project(const project_id& project) override { return inner_->knows_project(project); }
  bool continues(const user_key& user, std::string_view epoch, std::uint64_t since) override {
    return inner_->continues(user, epoch, since);
  }
  store::inbox_page read_inbox(const user_key& user, std::uint64_t after,
                               store::bound limit) override {
    return inner_->read_inbox(user, after, limit);
  }
  store::conversation_page read_conversation(const project_id& project,
                                             const conversation_id& which, store::range wanted,
                                             store::bound limit) override {
    return inner_->read_conversation(project, which, wanted, limit);
  }
  store::conversations_page read_conversations(const user_key& user,
                                               std::optional<std::uint64_t> before,
                                               store::bound limit) override {
    return inner_->read_conversations(user, before, limit);
  }

private:
  std::unique_ptr<store::message_reader> inner_;
  asked_together& asked_;
};

class far_store final : public forwarding_store {
public:
  explicit far_store(asked_together& asked)
      : forwarding_store(store::make_memory_store("e")), asked_(asked) {}

  std::vector<store::mark_outcome> apply_marks(std::span<const store::any_mark> marks) override {
    asked_.marks.push_back(marks.size());
    return forwarding_store::apply_marks(marks);
  }
  bool collects_marks() const noexcept override { return true; }
  std::unique_ptr<store::message_reader> make_reader() override {
    return std::make_unique<far_reader>(forwarding_store::make_reader(), asked_);
  }

private:
  asked_together& asked_;
};

struct far_world {
  static world_options with(asked_together& asked) {
    auto chosen = with_store(1);
    chosen.store = std::make_shared<far_store>(asked);
    return chosen;
  }

  asked_together asked;
  world around{with(asked)};
};

} // namespace

TEST_CASE_METHOD(far_world, "marks of a tenth of a second are set in one call", "[together]") {
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  for (int number = 1; number <= 3; ++number)
    anna.push_message("boris", std::to_string(number), "c" + std::to_string(number));
  for (int number = 1; number <= 3; ++number) {
    anna.expect_members(R"({"type":"ack"})");
    boris.expect_members(R"({"type":"usermsg"})");
  }
  boris.push(R"({"type":"recv","seq":2})");
  boris.push(R"({"type":"recv","seq":3})");
  boris.push(R"({"type":"read","with":"anna","n":3})");
  anna.expect_nothing();
  CHECK(asked.marks.empty());
  around.advance(std::chrono::milliseconds{100});
  anna.expect_members(R"({"type":"receipt","kind":"delivered","with":"boris","n":3})");
  anna.expect_members(R"({"type":"receipt","kind":"read","with":"boris","n":3})");
  CHECK(asked.marks == std::vector<std::size_t>{2});
}

TEST_CASE_METHOD(far_world,
                 "those who sign in at the same time have their inboxes opened in one call",
                 "[together]") {
  std::vector<client*> all;
  for (int number = 0; number < 5; ++number)
    all.push_back(&around.connect());
  for (int number = 0; number < 5; ++number)
    all[static_cast<std::size_t>(number)]->push(
        R"({"type":"system","v":2,"projectId":"p","id":"u)" + std::to_string(number) +
        R"(","resume":{"epoch":")" + (number == 3 ? "other" : "e") + R"(","since":0}})");
  around.run_all_but(around.archive().readers.front());
  SECTION("which is answered") {
    around.run();
    for (int number = 0; number < 5; ++number)
      all[static_cast<std::size_t>(number)]->expect_members(
          R"({"type":"welcome","recovered":)" + std::string{number == 3 ? "false" : "true"} + '}');
    CHECK(asked.inboxes == std::vector<std::size_t>{5});
  }
  SECTION("which fails for all of them, and is made again") {
    asked.away = true;
    around.run();
    asked.away = false;
    for (auto* each : all)
      each->expect_nothing();
    around.advance(std::chrono::seconds{1});
    for (auto* each : all)
      each->expect_members(R"({"type":"welcome"})");
  }
}

/// The bus of the second node is down, so that it looks at once, and a look takes five seconds.
struct slow_look_world {
  slow_look_world() {
    asked.waits = [this] { around[1].scheduler().advance_time(std::chrono::seconds{5}); };
  }
  void look() {
    around.bus.at(1).set_up(false);
    around.run();
    CHECK_FALSE(asked.waits);
  }
  void expect_message_within(std::chrono::milliseconds time) {
    anna.push_message("boris", "hi", "c");
    around.advance(time);
    boris.expect_members(R"({"type":"usermsg","message":"hi","seq":1})");
  }

  asked_together asked;
  nodes around{2, std::make_shared<far_store>(asked)};
  client& anna = joined(around[0], "anna");
  client& boris = joined(around[1], "boris");
};

TEST_CASE_METHOD(slow_look_world,
                 "a look that has waited for the store in vain is tried again soon", "[nodes]") {
  asked.away = true;
  look();
  asked.away = false;
  expect_message_within(std::chrono::milliseconds{1'500});
}

TEST_CASE_METHOD(slow_look_world,
                 "a look that has waited for the store is followed by one seconds later",
                 "[nodes]") {
  look();
  expect_message_within(std::chrono::milliseconds{3'500});
}

} // namespace klatch::test
