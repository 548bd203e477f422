// A list of conversations is of one moment, while others write.
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <atomic>
#include <random>
#include <set>
#include <thread>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

constexpr int friends = 30;
constexpr int lists = 200;

std::string friend_id(std::uint64_t number) { return "friend" + std::to_string(number % friends); }

/// One who has written to each of many, who answer all the time.
struct busy_list {
  explicit busy_list(const sqlite_options& options)
      : store(open_sqlite_store(folder.path(), options)), reader(store->make_reader()) {
    std::vector<operation> first;
    for (std::uint64_t number = 0; number < friends; ++number)
      first.push_back(note("a", friend_id(number), "x"));
    store->append(first, 1);
    writer = std::thread{[this] {
      std::minstd_rand random{1};
      while (!over) {
        store->append(std::array{note(friend_id(random()), "a", "y")}, 2);
        if (random() % 4 == 0)
          do_upkeep(*store);
      }
    }};
  }
  busy_list(busy_list&&) = delete;
  busy_list& operator=(busy_list&&) = delete;
  ~busy_list() {
    over = true;
    writer.join();
  }

  conversations_page page(std::optional<std::uint64_t> before, std::size_t count) {
    return reader->read_conversations(key("a"), before, {count, 1UL << 20U});
  }

  temporary_folder folder;
  std::unique_ptr<message_store> store;
  std::unique_ptr<message_reader> reader;
  std::atomic<bool> over{false};
  std::thread writer;
};

sqlite_options with_a_large_tail() {
  sqlite_options result;
  result.sync = sync_mode::normal;
  return result;
}

} // namespace

TEST_CASE("a list of conversations is in order while others write", "[store]") {
  busy_list busy{GENERATE(small_steps(), with_a_large_tail())};
  int out_of_order = 0;
  int incomplete = 0;
  int miscounted = 0;
  for (int left = lists; left > 0; --left) {
    const auto found = busy.page(std::nullopt, 50);
    std::uint64_t before = UINT64_MAX;
    for (const auto& each : found.conversations) {
      out_of_order += each.last.numbers.mid >= before;
      before = each.last.numbers.mid;
      // All but the first one are the other's.
      miscounted += each.unread != each.last.numbers.n - 1;
    }
    incomplete += found.conversations.size() != friends;
  }
  CHECK(out_of_order == 0);
  CHECK(incomplete == 0);
  CHECK(miscounted == 0);
}

TEST_CASE("a list of conversations names nobody twice over its pages while others write",
          "[store]") {
  busy_list busy{GENERATE(small_steps(), with_a_large_tail())};
  int twice = 0;
  for (int left = lists; left > 0; --left) {
    std::set<std::string> seen;
    std::optional<std::uint64_t> before;
    for (bool more = true; more;) {
      const auto found = busy.page(before, 10);
      for (const auto& each : found.conversations)
        twice += !seen.insert(each.with.str()).second;
      more = found.more && !found.conversations.empty();
      if (more)
        before = found.conversations.back().last.numbers.mid;
    }
  }
  CHECK(twice == 0);
}
