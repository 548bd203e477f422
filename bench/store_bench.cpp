// How fast messages are kept and found again: store_bench FOLDER [MESSAGES], with FOLDER on the
// disk that is meant. Prints rates, CPU time and the times of appends; the machine should be idle.
#include "store/sqlite/sqlite_store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace klatch;
using namespace klatch::store;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t users = 2000;
constexpr bound everything{1'000'000'000, 1'000'000'000'000};

double ms_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

double cpu_us() { return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC; }

double percentile(const std::vector<double>& times, double part) {
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
}

user_id user(std::size_t number) {
  return *user_id::parse(std::string{"user"}.append(std::to_string(number)));
}

/// Writes messages from and to anybody.
class writer {
public:
  explicit writer(std::size_t partners) : partners_(partners) {}

  /// From the user with the number `from` to the one with the number `to`.
  static operation message(const project_id& project, std::size_t from, std::size_t to,
                           std::string cid, std::size_t size) {
    return new_message{{.project = project,
                        .from = user(from),
                        .conversation = conversation_id::dialogue(user(from), user(to)),
                        .cid = std::move(cid),
                        .name = "Somebody",
                        .color = "#3366CC",
                        .text = std::string(size, 'x')}};
  }

  std::span<const operation> batch(std::size_t size) {
    drafts_.clear();
    while (drafts_.size() < size) {
      const auto from = random_() % users;
      const auto to = (from + 1 + random_() % partners_) % users;
      drafts_.push_back(message(project_, from, to, std::to_string(random_()), 120));
    }
    return drafts_;
  }

private:
  std::size_t partners_;
  std::mt19937_64 random_{7};
  project_id project_ = *project_id::parse("1");
  std::vector<operation> drafts_;
};

/// What an append of 4 KiB to a file takes until it is on the disk.
double sync_ms(const std::filesystem::path& folder) {
  const auto file = folder / "sync";
  const auto descriptor = open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const std::array<char, 4096> page{};
  std::vector<double> times;
  for (int round = 0; round < 200; ++round) {
    const auto start = clock_type::now();
    if (write(descriptor, page.data(), page.size()) < 0 || fdatasync(descriptor) != 0)
      std::exit(1);
    times.push_back(ms_since(start));
  }
  close(descriptor);
  std::filesystem::remove(file);
  std::sort(times.begin(), times.end());
  return percentile(times, 0.5);
}

void append(message_store& store, writer& source, std::size_t batch, std::size_t count) {
  std::vector<double> times;
  double cpu = 0;
  double wall = 0;
  for (std::size_t done = 0; done < count; done += batch) {
    const auto drafts = source.batch(batch);
    const auto cpu_start = cpu_us();
    const auto start = clock_type::now();
    store.append(drafts, 1'700'000'000'000);
    times.push_back(ms_since(start));
    store.upkeep();
    wall += ms_since(start);
    cpu += cpu_us() - cpu_start;
  }
  std::sort(times.begin(), times.end());
  const auto messages = static_cast<double>(count);
  std::printf("batch %5zu  %8.0f messages/s  %6.2f us CPU a message  append ms: p50 %.2f  p99 %.2f"
              "  max %.2f\n",
              batch, messages * 1000 / wall, cpu / messages, percentile(times, 0.5),
              percentile(times, 0.99), times.back());
  std::fflush(stdout);
}

template<class Operation>
void timed(const char* what, Operation operation) {
  const auto start = clock_type::now();
  const auto count = operation();
  std::printf("%-44s %9.2f ms  (%zu)\n", what, ms_since(start), static_cast<std::size_t>(count));
  std::fflush(stdout);
}

} // namespace

int main(int count, char** arguments) {
  if (count < 2)
    return 2;
  const std::filesystem::path folder{arguments[1]};
  const auto messages = count > 2 ? std::stoul(arguments[2]) : 5'000'000UL;
  const auto partners = count > 3 ? std::stoul(arguments[3]) : users - 1;
  std::printf("append of 4 KiB and fdatasync: %.2f ms\n", sync_ms(folder));
  writer source{partners};
  auto store = open_sqlite_store(folder / "store");
  append(*store, source, 1, messages / 2500);
  append(*store, source, 10, messages / 250);
  append(*store, source, 100, messages / 25);
  append(*store, source, 1000, messages / 25 * 22);
  append(*store, source, 100, messages / 25);
  append(*store, source, 10, messages / 250);

  const auto project = *project_id::parse("1");
  const auto in_long = messages / 5;
  const std::vector<operation> long_talk(1000, writer::message(project, 1, 2, {}, 11));
  for (std::size_t done = 0; done < in_long; done += long_talk.size()) {
    store->append(long_talk, 1'700'000'000'000);
    store->upkeep();
  }
  timed("close", [&] { return store.reset(), 0; });
  timed("open", [&] { return store = open_sqlite_store(folder / "store"), 0; });
  const auto reader = store->make_reader();
  const user_key one{project, user(1)};
  const auto conversation = conversation_id::dialogue(user(1), user(2));
  const auto page_before = [&](std::uint64_t n) {
    return reader->read_conversation(one.project, conversation, {n, {}}, {50, 1 << 20})
        .messages.size();
  };
  timed("first page of 50 of a long conversation", [&] {
    return reader->read_conversation(one.project, conversation, {}, {50, 1 << 20}).messages.size();
  });
  timed("a page of 50 from its middle", [&] { return page_before(in_long / 2); });
  timed("another one", [&] { return page_before(in_long / 3); });
  timed("10,000 entries from the middle of an inbox", [&] {
    return reader->read_inbox({project, user(2)}, in_long / 2, {10'000, everything.bytes})
        .entries.size();
  });
  timed("the last 50 conversations", [&] {
    return reader->read_conversations(one, {}, {50, 1 << 20}).conversations.size();
  });
}
