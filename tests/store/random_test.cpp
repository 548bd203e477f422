// Stores of every kind are taken through the same random history, and tell the same of it.
#include "store/postgres/postgres_cluster.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

constexpr std::array<const char*, 5> people{"a", "b", "c", "d", "e"};
constexpr std::array<const char*, 2> projects{"p", "q"};

/// What is the same in every store: mids are numbered in the order in which they were seen.
class compared_store {
public:
  explicit compared_store(std::unique_ptr<message_store> compared)
      : store_(std::move(compared)), reader_(store_->make_reader()) {}

  std::vector<outcome> append(std::span<const operation> batch, std::int64_t now) {
    auto result = store_->append(batch, now);
    // Those that repeat an earlier message may come before it.
    for (const auto& each : result)
      if (each.numbers.mid != 0)
        known_.emplace(each.numbers.mid, 0);
    std::uint64_t place = 0;
    for (auto& [mid, number] : known_)
      number = ++place;
    for (auto& each : result)
      each.numbers = counted(each.numbers);
    return result;
  }

  std::vector<mark_outcome> apply_marks(std::span<const any_mark> marks) {
    auto result = store_->apply_marks(marks);
    for (auto& each : result)
      std::sort(each.delivered.senders.begin(), each.delivered.senders.end(),
                [](const auto& x, const auto& y) { return x.with < y.with; });
    return result;
  }

  void note_profile(const user_key& user, const profile& now) {
    store_->note_profile(user, now);
    finish_upkeep(*store_);
  }

  std::size_t forget(std::int64_t before, std::size_t limit) {
    return trim(*store_, {before}, limit);
  }

  inbox_state inbox(const user_key& user) { return reader_->inbox(user); }

  std::vector<inbox_entry> entries(const user_key& user) {
    auto result = reader_->read_inbox(user, 0, all).entries;
    for (auto& each : result)
      each.what.numbers = counted(each.what.numbers);
    return result;
  }

  std::vector<stored_message> conversation(const user_key& user, std::string_view with) {
    auto result =
        reader_->read_conversation(user.project, dialogue(user.user.str(), with), {}, all).messages;
    for (auto& each : result)
      each.numbers = counted(each.numbers);
    return result;
  }

  std::vector<conversation_summary> conversations(const user_key& user) {
    auto result = reader_->read_conversations(user, {}, all).conversations;
    for (auto& each : result)
      each.last.numbers = counted(each.last.numbers);
    return result;
  }

private:
  message_numbers counted(message_numbers numbers) const {
    if (numbers.mid != 0)
      numbers.mid = known_.at(numbers.mid);
    return numbers;
  }

  std::unique_ptr<message_store> store_;
  std::unique_ptr<message_reader> reader_;
  std::map<std::uint64_t, std::uint64_t> known_; ///< mids: their places
};

class history {
public:
  explicit history(unsigned seed) : random_(seed) {}

  std::vector<operation> batch() {
    std::vector<operation> result;
    for (auto left = 1 + below(6); left > 0; --left) {
      const auto cid = below(3) == 0 ? std::string{} : "c" + std::to_string(below(40));
      auto one = std::get<new_message>(
          note(somebody(), somebody(), "text " + std::to_string(++texts_), cid, project()));
      one.only_in_answer = below(4) == 0;
      if (below(15) == 0)
        one.content.from = id(somebody()); // Perhaps not one of the two.
      result.emplace_back(std::move(one));
    }
    return result;
  }

  std::vector<any_mark> marks() {
    std::vector<any_mark> result;
    for (auto left = 1 + below(5); left > 0; --left) {
      const auto user = key(somebody(), project());
      if (const auto kind = below(3); kind == 0)
        result.emplace_back(read_mark{user, dialogue(somebody(), somebody()), below(12)});
      else if (kind == 1)
        result.emplace_back(delivered_mark{user, below(30), 1 + below(8)});
      else
        result.emplace_back(legacy_mark{user, below(30)});
    }
    return result;
  }

  const char* somebody() { return people.at(below(people.size())); }
  const char* project() { return projects.at(below(10) == 0 ? 1 : 0); }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

private:
  std::mt19937 random_;
  int texts_ = 0;
};

void compare(compared_store& one, compared_store& other) {
  for (const auto* project : projects)
    for (const auto* person : people) {
      const auto user = key(person, project);
      CAPTURE(project, person);
      CHECK(one.inbox(user) == other.inbox(user));
      CHECK(one.entries(user) == other.entries(user));
      CHECK(one.conversations(user) == other.conversations(user));
      for (const auto* with : people)
        CHECK(one.conversation(user, with) == other.conversation(user, with));
    }
}

/// One step of the history, in all of them.
void step(history& what, std::int64_t& now, std::vector<compared_store>& stores) {
  auto& first = stores.front();
  const auto others = std::span{stores}.subspan(1);
  const auto kind = what.below(10);
  now += static_cast<std::int64_t>(what.below(20)) - 5; // Clocks step back.
  if (kind < 5) {
    const auto batch = what.batch();
    const auto expected = first.append(batch, now);
    for (auto& each : others)
      CHECK(each.append(batch, now) == expected);
  } else if (kind < 8) {
    const auto marks = what.marks();
    const auto expected = first.apply_marks(marks);
    for (auto& each : others)
      CHECK(each.apply_marks(marks) == expected);
  } else if (kind == 8) {
    const auto user = key(what.somebody(), what.project());
    const profile as{what.below(2) == 0 ? user.user.str() : "Name",
                     what.below(2) == 0 ? "" : "#00F"};
    for (auto& each : stores)
      each.note_profile(user, as);
  } else {
    const auto before = now - static_cast<std::int64_t>(what.below(400));
    const auto limit = 1 + what.below(5);
    const auto expected = first.forget(before, limit);
    for (auto& each : others)
      CHECK(each.forget(before, limit) == expected);
  }
}

} // namespace

TEST_CASE("stores of all kinds agree on random histories", "[store]") {
  const auto seed = GENERATE(Catch::Generators::range(1U, 6U));
  CAPTURE(seed);
  const temporary_folder folder;
  std::vector<compared_store> stores;
  stores.emplace_back(make_memory_store());
  stores.emplace_back(open_sqlite_store(folder.path(), small_steps()));
  std::optional<test_database> database;
  if (has_postgres()) {
    database.emplace(apart::in_schema);
    stores.emplace_back(open_postgres_cluster(
                            {.url = database->url(), .profiles_interval = {}, .callers_time = true})
                            .make_store());
  }
  history random{seed};
  std::int64_t now = 1'000;
  for (int i = 1; i <= 150; ++i) {
    CAPTURE(i);
    step(random, now, stores);
    if (i % 30 == 0)
      for (auto& each : std::span{stores}.subspan(1))
        compare(stores.front(), each);
  }
}
