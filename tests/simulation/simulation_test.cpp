// The simulator itself: the same seed is the same run, and what it is made of does what it says.
// script/simulate runs many more seeds than these.
#include "store/sqlite/sqlite_store.hpp"
#include "tests/catch.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/fiber.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/run.hpp"
#include "tests/simulation/server.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace klatch::simulation {

namespace {

/// Under a sanitizer one takes half a second.
constexpr std::uint64_t few_seeds = 24;

std::vector<std::uint64_t> seeds_that_have_found_something() {
  std::ifstream in{KLATCH_SEEDS};
  std::vector<std::uint64_t> result;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line.front() != '#')
      result.push_back(std::stoull(line));
  return result;
}

void require_no_failure(std::uint64_t seed) {
  INFO("script/simulate --seed " << seed);
  CHECK(run(recipe_of(seed)).broken == "");
}

} // namespace

TEST_CASE("the same seed is the same run", "[simulation]") {
  prepare_runs();
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    const auto first = run(recipe_of(seed));
    const auto again = run(recipe_of(seed), trace_detail::actors);
    CHECK(first.hash == again.hash);
    CHECK(first.steps == again.steps);
    CHECK(first.messages > 0);
    CHECK_FALSE(again.trace.empty());
  }
}

TEST_CASE("a cluster's seed is the same run, too", "[simulation]") {
  prepare_runs();
  int clusters = 0;
  for (std::uint64_t seed = 1; clusters < 3; ++seed) {
    const auto what = recipe_of(seed);
    if (!what.chosen.is_cluster())
      continue;
    ++clusters;
    INFO("seed " << seed);
    const auto first = run(what);
    CHECK(first.broken == "");
    CHECK(first.hash == run(what, trace_detail::actors).hash);
  }
}

TEST_CASE("some seeds find nothing wrong", "[simulation]") {
  prepare_runs();
  for (std::uint64_t seed = 1; seed <= few_seeds; ++seed)
    require_no_failure(seed);
}

TEST_CASE("seeds that have found something find it no more", "[simulation]") {
  prepare_runs();
  const auto seeds = seeds_that_have_found_something();
  REQUIRE_FALSE(seeds.empty());
  for (const auto seed : seeds)
    require_no_failure(seed);
}

TEST_CASE("an event that is left out leaves all others as they were", "[simulation]") {
  const auto chosen = swarm(7);
  const auto all = make_plan(7, chosen);
  REQUIRE(all.events.size() > 60);
  const auto again = make_plan(7, chosen);
  CHECK(all.events.size() == again.events.size());
  prepare_runs();
  recipe some = recipe_of(7);
  for (std::size_t number = 10; number < all.events.size(); ++number)
    some.without.insert(number);
  CHECK(run(some).broken == "");
}

TEST_CASE("numbers of events are written in ranges", "[simulation]") {
  CHECK(parse_numbers("3-5,9") == std::set<std::size_t>{3, 4, 5, 9});
  CHECK(parse_numbers("").empty());
  CHECK(format_numbers({1, 2, 3, 7, 9, 10}) == "1-3,7,9-10");
  CHECK_THROWS_AS(parse_numbers("x"), std::invalid_argument);
}

/// What is said about a setting that cannot be set; empty if it is set.
std::string refusal_of(options& chosen, const std::string& setting) {
  try {
    set(chosen, setting);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST_CASE("a setting is set by its name, and a wrong one names those there are", "[simulation]") {
  auto chosen = swarm(1);
  set(chosen, "delays=0.25");
  set(chosen, "fault.power_fails=3");
  CHECK(chosen.delays == 0.25);
  CHECK(chosen.total(fault::power_fails) == 3);
  CHECK(refusal_of(chosen, "delay=1").find("delays") != std::string::npos);
  CHECK_THROWS_AS(set(chosen, "delays=a lot"), std::invalid_argument);
}

TEST_CASE("a trace shows those whom a failure names", "[simulation]") {
  const std::vector<trace_line> lines{{1000, "u1/0", "server", "send 1"},
                                      {2000, "u2/1", "server", "send 2"},
                                      {3000, "", "", "the power fails"}};
  const auto found = about("u1/0 is sent entry 4", lines, 20);
  REQUIRE(found.size() == 2);
  CHECK(as_text(found[0]) == "       1.000 ms  u1/0 -> server  send 1");
  CHECK(as_text(found[1]) == "       3.000 ms  the power fails");
  CHECK(about("u1/0 is sent entry 4", lines, 1).size() == 1);
  CHECK(as_mermaid(lines).starts_with("sequenceDiagram\n  u1_0->>server: 1 ms send 1\n"));
}

// -- the disk -------------------------------------------------------------------------------------

TEST_CASE("what was synced outlasts a power failure, and of the rest a part", "[simulation]") {
  disk files{1};
  const auto file = files.create("/data/x");
  file->write(0, std::string(1024, 'a'));
  file->sync();
  file->write(512, std::string(1024, 'b'));
  file->cut(700);
  SECTION("none of it") {
    files.crash(crash_kind::power, 0);
    CHECK(files.find("/data/x")->bytes == std::string(1024, 'a'));
  }
  SECTION("all of it stays when the process ends, and is not synced by that") {
    files.crash(crash_kind::process, 0);
    CHECK(files.find("/data/x")->bytes == std::string(512, 'a') + std::string(188, 'b'));
    files.crash(crash_kind::power, 0);
    CHECK(files.find("/data/x")->bytes == std::string(1024, 'a'));
  }
  CHECK(file->dead);
}

TEST_CASE("a folder that is moved away and back has the same files", "[simulation]") {
  disk files{1};
  files.put("/data/x", "1");
  const auto before = files.identify("/data/x", {});
  files.move_away();
  CHECK_FALSE(files.exists("/data/x"));
  files.move_back();
  CHECK(files.identify("/data/x", {}) == before);
}

// -- fibers ---------------------------------------------------------------------------------------

TEST_CASE("a fiber goes on where it stopped, also in the middle of a destructor", "[simulation]") {
  struct stops {
    fiber& on;
    std::string& log;
    ~stops() {
      on.yield();
      log += 'd';
    }
  };
  std::string log;
  std::unique_ptr<fiber> work;
  work = std::make_unique<fiber>([&] {
    log += 'a';
    work->yield();
    try {
      const stops last{*work, log};
      throw 1;
    } catch (int) {
      log += 'c';
    }
  });
  work->run();
  log += '1';
  work->run();
  log += '2';
  CHECK_FALSE(work->over());
  CHECK(std::uncaught_exceptions() == 0);
  work->run();
  CHECK(work->over());
  CHECK(log == "a12dc");
}

// -- what it has found ----------------------------------------------------------------------------

/// A list of conversations was begun under the mutex that the writer publishes under.
TEST_CASE("a list that waits for the disk keeps no writer waiting", "[simulation]") {
  prepare_runs();
  disk files{1};
  renew_randomness();
  put_empty_store(files);
  const auto kept = store::open_store_file(
      store_file, {.files = &files, .beside = [](const std::function<void()>& /*pass*/) {
                     struct nobody final : store::background_job {
                       void wake() override {}
                     };
                     return std::make_unique<nobody>();
                   }});
  const auto send = [&](const char* text) {
    return kept->append(std::array{store::test::note("a", "b", text)}, 1).size();
  };
  send("first");
  const auto reader = kept->make_reader();
  std::size_t rows = 0;
  fiber list{[&] {
    rows = reader->read_conversations(store::test::key("a"), {}, store::test::all)
               .conversations.size();
  }};
  const auto* reading = &list;
  // At every call for the disk the list waits, and somebody writes.
  files.at_call = [&](disk_call /*what*/) {
    if (std::exchange(reading, nullptr) == nullptr)
      return;
    list.yield();
    reading = &list;
  };
  int writes = 0;
  for (list.run(); !list.over(); list.run()) {
    ++writes;
    const auto* before = std::exchange(reading, nullptr);
    CHECK(send("meanwhile") == 1);
    reading = before;
    if (writes == 40)
      files.at_call = nullptr;
  }
  CHECK(writes > 1);
  CHECK(rows == 1);
}

} // namespace klatch::simulation
