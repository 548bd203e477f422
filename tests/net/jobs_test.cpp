// Jobs that threads hand to a worker. No actors here: ThreadSanitizer sees all of it.
#include "tests/net/pool.hpp"

#include <caf/resumable.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

namespace klatch::test {

namespace {

/// Belongs to one worker's thread, so it needs no lock.
struct ledger {
  int runs = 0;
  int elsewhere = 0;
};

/// Wants several turns. Queued for another one it is not released: each that was handed over is,
/// once.
class job final : public caf::resumable {
public:
  job(net::worker& home, ledger& in, gate& finished, int turns)
      : home_(home), in_(in), finished_(finished), turns_(turns) {}

  resume_result resume(caf::execution_unit* on, std::size_t /*throughput*/) override {
    if (on != &home_ || net::worker::current() != &home_)
      ++in_.elsewhere;
    ++in_.runs;
    return --turns_ > 0 ? resume_later : done;
  }

  void intrusive_ptr_add_ref_impl() override {}
  void intrusive_ptr_release_impl() override { finished_.arrive(); }

private:
  net::worker& home_;
  ledger& in_;
  gate& finished_;
  int turns_;
};

constexpr std::size_t workers = 2;
constexpr int turns = 3;

} // namespace

TEST_CASE("jobs from many threads run on their worker, each to its end", "[jobs]") {
  constexpr int threads = 4;
  constexpr int jobs_of_a_thread = 500;
  pool on{workers};
  std::array<ledger, workers> ledgers;
  gate finished{workers * threads * jobs_of_a_thread};
  std::vector<std::deque<job>> jobs(threads);
  std::vector<std::thread> handing_over;
  for (auto& own : jobs) {
    for (int number = 0; number < jobs_of_a_thread; ++number)
      for (std::size_t index = 0; index < workers; ++index)
        own.emplace_back(on.at(index), ledgers.at(index), finished, turns);
    handing_over.emplace_back([&own, &on] {
      for (std::size_t number = 0; number < own.size(); ++number)
        on.at(number % workers).exec_later(&own[number]);
    });
  }
  for (auto& each : handing_over)
    each.join();
  CHECK(finished.wait());
  for (std::size_t index = 0; index < workers; ++index) {
    const auto result = on.run_on(index, [&own = ledgers.at(index)] { return own; });
    CHECK(result.runs == threads * jobs_of_a_thread * turns);
    CHECK(result.elsewhere == 0);
  }
}

TEST_CASE("workers hand jobs to each other and to themselves", "[jobs]") {
  constexpr int jobs_of_a_pair = 500;
  pool on{workers};
  std::array<ledger, workers> ledgers;
  gate finished{workers * workers * jobs_of_a_pair};
  std::vector<std::deque<job>> jobs(workers);
  for (std::size_t from = 0; from < workers; ++from) {
    for (int number = 0; number < jobs_of_a_pair; ++number)
      for (std::size_t to = 0; to < workers; ++to)
        jobs[from].emplace_back(on.at(to), ledgers.at(to), finished, turns);
    boost::asio::post(on.at(from).io(), [&own = jobs[from], &on] {
      for (std::size_t number = 0; number < own.size(); ++number)
        on.at(number % workers).exec_later(&own[number]);
    });
  }
  CHECK(finished.wait());
  for (std::size_t index = 0; index < workers; ++index) {
    const auto result = on.run_on(index, [&own = ledgers.at(index)] { return own; });
    CHECK(result.runs == static_cast<int>(workers) * jobs_of_a_pair * turns);
    CHECK(result.elsewhere == 0);
  }
}

} // namespace klatch::test
