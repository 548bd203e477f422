/// Stores of every kind, and words to use them with: for what every store does.
#pragma once

#include "store/postgres/postgres_cluster.hpp"
#include "tests/catch.hpp"
#include "tests/store/forwarding_store.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::store::test {

struct in_memory {
  std::unique_ptr<message_store> store = make_memory_store();
};

/// All in the tail, none in the indexes.
struct in_tail {
  temporary_folder folder;
  std::unique_ptr<message_store> store = open_sqlite_store(folder.path());
};

/// Moved into the indexes a message at a time, whenever there is anything to do.
class tidying final : public klatch::test::forwarding_store {
public:
  using forwarding_store::forwarding_store;

  std::vector<outcome> append(std::span<const operation> batch, std::int64_t now) override {
    auto result = forwarding_store::append(batch, now);
    finish_upkeep(*this);
    return result;
  }
  void note_profile(const user_key& user, const profile& now) override {
    forwarding_store::note_profile(user, now);
    finish_upkeep(*this);
  }
};

struct in_indexes {
  static sqlite_options at_once() {
    auto result = small_steps();
    result.tail_limit = 1;
    return result;
  }
  temporary_folder folder;
  std::unique_ptr<message_store> store =
      std::make_unique<tidying>(open_sqlite_store(folder.path(), at_once()));
};

/// Stamped by the tests' clock. What is noted of users is written at once.
struct in_postgres {
  static postgres_options at_once(const std::string& url) {
    return {.url = url, .profiles_interval = {}, .callers_time = true};
  }
  test_database database{apart::in_schema};
  postgres_cluster cluster = open_postgres_cluster(at_once(database.url()));
  std::unique_ptr<message_store> store = std::make_unique<tidying>(cluster.make_store());
};

template<class Kind>
bool is_there() {
  if constexpr (std::same_as<Kind, in_postgres>)
    return has_postgres();
  else
    return true;
}

/// A store of one kind and words to use it with.
template<class Kind>
struct fixture : Kind {
  message_store& store = *Kind::store;
  std::unique_ptr<message_reader> reader = store.make_reader();
  std::int64_t now = 1000;
  std::vector<std::uint64_t> mids; ///< that were given, in their order

  /// With mids as they follow each other: 1, 2, 3 … In PostgreSQL there are others between them.
  message_numbers counted(message_numbers numbers) {
    if (numbers.mid == 0)
      return numbers;
    auto found = std::find(mids.begin(), mids.end(), numbers.mid);
    if (found == mids.end()) {
      CHECK((mids.empty() || mids.back() < numbers.mid));
      found = mids.insert(mids.end(), numbers.mid);
    }
    const auto place = static_cast<std::uint64_t>(found - mids.begin()) + 1;
    if constexpr (!std::same_as<Kind, in_postgres>)
      CHECK(numbers.mid == place);
    numbers.mid = place;
    return numbers;
  }
  stored_message counted(stored_message what) {
    what.numbers = counted(what.numbers);
    return what;
  }
  /// The one that was given so many mids after the first one.
  std::uint64_t mid(std::size_t place) const { return mids.at(place - 1); }

  std::vector<outcome> append(std::span<const operation> batch) {
    auto result = store.append(batch, now);
    for (auto& each : result)
      each.numbers = counted(each.numbers);
    return result;
  }
  outcome keep(const operation& one) { return append({&one, 1}).front(); }
  message_numbers write(std::string_view from, std::string_view to, std::string_view text) {
    return keep(note(from, to, text)).numbers;
  }
  strings inbox(std::string_view user, std::uint64_t after = 0) {
    return texts(reader->read_inbox(key(user), after, all));
  }
  conversation_page conversation(std::string_view user, std::string_view with, range wanted = {},
                                 bound most = all) {
    return reader->read_conversation(usual_project(), dialogue(user, with), wanted, most);
  }
  conversations_page conversations(std::string_view user, std::optional<std::uint64_t> before = {},
                                   bound most = all) {
    return reader->read_conversations(key(user), before, most);
  }
};

} // namespace klatch::store::test

/// Arguments of TEMPLATE_TEST_CASE.
#define EVERY_STORE in_memory, in_tail, in_indexes, in_postgres
