// Whatever is done to them, the store in a file answers as the one in memory does, also after the
// power has failed.
#include "store/sqlite/consistency.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/run.hpp"
#include "tests/simulation/server.hpp"
#include "tests/store/helpers.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <utility>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

/// Moves the log when it is told to, and nothing beside.
class at_once final : public background_job {
public:
  explicit at_once(std::function<void()> job) : job_(std::move(job)) {}
  void wake() override { job_(); }

private:
  std::function<void()> job_;
};

/// Two stores that everything is done to.
class twins {
public:
  explicit twins(std::uint64_t seed) : random_(seed, simulation::purpose::plan), disk_(seed) {
    simulation::renew_randomness();
    simulation::put_empty_store(disk_);
    open();
  }

  void step() {
    now_ += below(30);
    switch (below(16)) {
    case 0:
      return mark_read();
    case 1:
      return mark_delivered();
    case 2:
      return mark_legacy_delivered();
    case 3:
    case 4:
      do_upkeep(*file_);
      return;
    case 5:
      finish_upkeep(*file_);
      return;
    case 6:
      return trim();
    case 7:
      if (below(4) == 0)
        reopen();
      return;
    case 8:
      if (below(8) == 0)
        lose_power();
      return;
    default:
      return append();
    }
  }

  void compare() {
    for (const auto* user : users)
      compare(key(user));
  }

  void check_file() const {
    database file{simulation::store_file, database::access::read_only, disk_.vfs()};
    REQUIRE(find_inconsistencies(file, 3) == strings{});
  }

private:
  static constexpr std::array users{"a", "b", "c", "d", "e", "f"};

  std::uint64_t below(std::uint64_t end) { return random_.below(end); }
  std::string user() { return users.at(below(users.size())); }

  void open() {
    auto options = small_steps();
    options.tail_limit = 1 + below(40);
    options.sync = sync_mode::full;
    options.files = &disk_;
    options.beside = [](std::function<void()> pass) {
      return std::make_unique<at_once>(std::move(pass));
    };
    file_ = open_store_file(simulation::store_file, options);
    reader_ = file_->make_reader();
  }

  void close() {
    reader_.reset();
    file_.reset();
  }

  void reopen() {
    close();
    open();
  }

  /// All that was appended is on the disk. Of the marks that were set since some are not, and so
  /// all are written before.
  void lose_power() {
    reopen();
    append();
    disk_.crash(simulation::crash_kind::power, 0.5);
    disk_.frozen = true;
    close();
    disk_.frozen = false;
    open();
  }

  void append() {
    std::vector<operation> batch;
    for (auto count = 1 + below(6); count > 0; --count) {
      const auto cid = below(2) == 0 ? std::string{} : "cid" + std::to_string(below(300));
      batch.push_back(note(user(), user(), std::string(below(20), 'x'), cid));
    }
    // The clock of the machine may go back.
    const auto time = now_ - static_cast<std::int64_t>(below(50));
    REQUIRE(file_->append(batch, time) == memory_->append(batch, time));
  }

  void mark_read() {
    const auto reader = key(user());
    const auto in = conversation_id::dialogue(reader.user, id(user()));
    const auto n = below(40);
    REQUIRE(file_->mark_read(reader, in, n) == memory_->mark_read(reader, in, n));
  }

  void mark_delivered() {
    const auto who = key(user());
    const auto seq = below(200);
    const auto most = 1 + below(30);
    auto one = file_->mark_delivered(who, seq, most);
    auto other = memory_->mark_delivered(who, seq, most);
    const auto by_user = [](const auto& x, const auto& y) { return x.with < y.with; };
    std::sort(one.senders.begin(), one.senders.end(), by_user);
    std::sort(other.senders.begin(), other.senders.end(), by_user);
    REQUIRE(one.senders == other.senders);
    REQUIRE(one.more == other.more);
  }

  void mark_legacy_delivered() {
    const auto who = key(user());
    const auto seq = below(200);
    file_->mark_legacy_delivered(who, seq);
    memory_->mark_legacy_delivered(who, seq);
  }

  void trim() {
    const auto before = now_ - static_cast<std::int64_t>(below(600));
    const auto most = 1 + below(20);
    const expiry what{before, below(2) == 0 ? INT64_MAX : below(1 + memory_->last_mid())};
    REQUIRE(file_->last_mid() == memory_->last_mid());
    const auto share = 1 + below(12);
    REQUIRE(many_expired(*file_, what, share) == many_expired(*memory_, what, share));
    REQUIRE(klatch::store::test::trim(*file_, what, most) ==
            klatch::store::test::trim(*memory_, what, most));
  }

  void compare(const user_key& who) {
    const auto expected = memory_->make_reader();
    const bound most{1 + below(40), 1 + below(400)};
    const auto state = expected->inbox(who);
    REQUIRE(reader_->inbox(who) == state);
    const auto after = state.floor - 1 + below(10);
    const auto inbox = reader_->read_inbox(who, after, most);
    const auto expected_inbox = expected->read_inbox(who, after, most);
    REQUIRE(inbox.entries == expected_inbox.entries);
    REQUIRE(inbox.more == expected_inbox.more);
    compare_conversations(*expected, who, most);
  }

  void compare_conversations(message_reader& expected, const user_key& who, bound most) {
    const auto before = below(2) == 0 ? std::nullopt : std::optional{below(500)};
    const auto list = reader_->read_conversations(who, before, most);
    const auto expected_list = expected.read_conversations(who, before, most);
    REQUIRE(list.conversations == expected_list.conversations);
    REQUIRE(list.more == expected_list.more);

    const auto which = conversation_id::dialogue(who.user, id(user()));
    const range wanted{below(2) == 0 ? std::nullopt : std::optional{below(60)},
                       below(2) == 0 ? std::nullopt : std::optional{below(60)}};
    const auto conversation = reader_->read_conversation(who.project, which, wanted, most);
    const auto expected_conversation = expected.read_conversation(who.project, which, wanted, most);
    REQUIRE(conversation.messages == expected_conversation.messages);
    REQUIRE(conversation.more == expected_conversation.more);
  }

  simulation::random random_;
  simulation::disk disk_;
  std::int64_t now_ = 1000;
  std::unique_ptr<message_store> memory_ = make_memory_store();
  std::unique_ptr<message_store> file_;
  std::unique_ptr<message_reader> reader_;
};

} // namespace

TEST_CASE("the memory store and the SQLite store answer the same, whatever is done", "[store]") {
  simulation::prepare_runs();
  const auto seed = GENERATE(Catch::Generators::range(1U, 9U));
  CAPTURE(seed);
  twins both{seed};
  for (int step = 0; step < 400; ++step) {
    CAPTURE(step);
    both.step();
    both.compare();
    if (step % 4 == 0)
      both.check_file();
  }
}
