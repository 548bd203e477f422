// What connections, shards, the archive and its readers count.
#include "messages/wire/command_table.hpp"
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"
#include "tests/messages/signed_tokens.hpp"
#include "tests/store/forwarding_store.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace klatch::test {

namespace {

/// Fails while `full`.
class fillable_store final : public forwarding_store {
public:
  fillable_store() : forwarding_store(store::make_memory_store("e")) {}

  bool full = false;

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    if (full)
      throw store::unavailable{"the disk is full"};
    return forwarding_store::append(batch, now);
  }
};

std::uint64_t count_of(const histogram& from) {
  std::uint64_t sum = 0;
  for (const auto& each : from.counts())
    sum += each.value();
  return sum;
}

std::vector<std::int64_t> connections(const world& around) {
  std::vector<std::int64_t> result;
  for (const auto& each : around.counted().connections)
    result.push_back(each.value());
  return result;
}

std::vector<std::uint64_t> registrations(const world& around) {
  std::vector<std::uint64_t> result;
  for (const auto& each : around.counted().registrations.all())
    result.push_back(each.value());
  return result;
}

using numbers = std::vector<std::int64_t>;
using totals = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("connections are counted by what they speak, and their users once", "[counters]") {
  world around;
  auto& nobody = around.connect();
  CHECK(connections(around) == numbers{1, 0, 0});
  auto& anna = around.join("anna");
  around.join("anna");
  auto& boris = around.join("boris", "q");
  CHECK(connections(around) == numbers{1, 3, 0});
  CHECK(around.counted().users.value() == 2);
  CHECK(around.counted().projects.value() == 2);
  boris.push_close();
  nobody.lose();
  around.run();
  CHECK(connections(around) == numbers{0, 2, 0});
  CHECK(around.counted().users.value() == 1);
  CHECK(around.counted().projects.value() == 1);
  around.kill(anna.connection());
  around.run();
  CHECK(connections(around) == numbers{0, 1, 0});
}

TEST_CASE("registrations are counted by their outcome", "[counters]") {
  auto chosen = with_store(1);
  chosen.max_devices = 3;
  world around{chosen};
  auto& anna = joined(around, "anna");
  CHECK(registrations(around) == totals{1, 0, 0, 0, 0, 0, 0});
  joined(around, "anna", resume_from(0));
  CHECK(registrations(around) == totals{1, 1, 0, 0, 0, 0, 0});
  joined(around, "anna", resume_from(5));
  CHECK(registrations(around) == totals{1, 1, 1, 0, 0, 0, 0});
  anna.push(R"({"type":"system","v":2,"projectId":"p","id":"anna","name":"A."})");
  around.run();
  CHECK(registrations(around) == totals{1, 1, 1, 1, 0, 0, 0});
  around.join_extended("anna").expect_members(R"({"code":"too_many_devices"})");
  CHECK(registrations(around) == totals{1, 1, 1, 1, 1, 0, 0});
}

TEST_CASE("who is not let in is counted by why", "[counters]") {
  world_options chosen;
  chosen.access = site_rules();
  world around{chosen};
  around.wall_clock() = token_time * 1000;
  around.join_extended("anna").expect_members(R"({"code":"unauthorized"})");
  const auto over = signed_by(secret_key(), R"({"sub":"anna","project":"p","exp":7})");
  auto& late = around.connect();
  late.push(R"({"type":"system","v":2,"token":")" + over + "\"}");
  late.expect_members(R"({"code":"token_expired"})");
  CHECK(registrations(around) == totals{0, 0, 0, 0, 0, 1, 1});
}

TEST_CASE("frames are counted by their type once they are decoded", "[counters]") {
  world around;
  auto& anna = around.join("anna");
  anna.push_message("anna", "hi");
  anna.push("no JSON");
  anna.push(R"({"type":"nonsense"})");
  around.run();
  const auto& received = around.counted().frames_received;
  CHECK(received[0].value() == 1);
  CHECK(received[1].value() == 1);
  CHECK(received[command_table().size()].value() == 2);
}

TEST_CASE("the archive counts what becomes of messages, and how long it takes", "[counters]") {
  world around{with_store(1)};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "hi", "c1");
  around.run();
  anna.push_message("boris", "hi", "c1");
  around.run();
  const auto& archive = around.counted_of_store().archives.front();
  CHECK(archive.stored.value() == 1);
  CHECK(archive.repeated.value() == 1);
  CHECK(count_of(archive.commits) == 2);
  CHECK(count_of(archive.batches) == 2);
  CHECK(archive.batches.sum() == 2);
  CHECK(count_of(around.counted().acks) == 1);
}

TEST_CASE("an acknowledgement's time is from the frame on", "[counters]") {
  world around{with_store(1)};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "hi", "c1");
  around.run_all_but(around.archive().writers.front());
  around.scheduler().advance_time(std::chrono::milliseconds{30});
  around.run();
  CHECK(around.counted().acks.sum() == 30'000'000);
  CHECK(count_of(around.counted().acks) == 1);
}

TEST_CASE("what waits to be stored is counted, and what is refused since too much does",
          "[counters]") {
  auto chosen = with_store(1);
  chosen.may_wait.messages = 2; // One of them is the name that anna has registered with.
  world around{chosen};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "12345", "c1");
  anna.push_message("boris", "123", "c2");
  anna.push_message("boris", "1", "c3");
  around.run_all_but(around.archive().writers.front());
  CHECK(around.archive().limit->waiting_messages() == 2);
  CHECK(around.archive().limit->waiting_bytes() == 8);
  CHECK(around.counted().messages_refused.value() == 1);
  around.run();
  CHECK(around.archive().limit->waiting_messages() == 0);
}

TEST_CASE("the readers count by what they were asked", "[counters]") {
  world around{with_store(1)};
  auto& anna = joined(around, "anna");
  anna.push(R"({"type":"history","with":"boris","limit":5})");
  anna.push(R"({"type":"conversations","limit":5})");
  around.run();
  const auto& stored = around.counted_of_store();
  CHECK(count_of(stored.inboxes.front().answers[0]) == 1);
  CHECK(count_of(stored.queries.answers[2]) == 1);
  CHECK(count_of(stored.queries.answers[3]) == 1);
}

TEST_CASE("a store that could not be written is tried again each second", "[counters]") {
  auto kept = std::make_shared<fillable_store>();
  auto chosen = with_store(1);
  chosen.store = kept;
  world around{chosen};
  const auto& writable = around.counted_of_store().archives.front().writable;
  auto& anna = joined(around, "anna");
  CHECK(writable.value() == 1);
  kept->full = true;
  anna.push_message("boris", "hi", "c1");
  anna.expect_members(R"({"code":"unavailable"})");
  CHECK(writable.value() == 0);
  CHECK(around.counted_of_store().archives.front().refused.all()[1].value() == 1);
  around.advance(std::chrono::seconds{3});
  CHECK(writable.value() == 0);
  kept->full = false;
  around.advance(std::chrono::seconds{2});
  CHECK(writable.value() == 1);
}

} // namespace klatch::test
