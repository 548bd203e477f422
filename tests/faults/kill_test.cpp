/// The process is killed at random moments under load, over and over on one folder, and nothing
/// that was told is lost.
///
/// KLATCH_KILL_ROUNDS: how often (15); KLATCH_KILL_SEED: of the random moments, users and texts.
#include "tests/catch.hpp"
#include "tests/faults/crowd.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/faults/whole_check.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

namespace klatch::faults {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t shortest_load_ms = 5;
constexpr std::uint64_t longest_load_ms = 400;
/// One start in so many is killed before anybody has connected, so late at most.
constexpr std::uint64_t early_every = 8;
constexpr std::uint64_t latest_early_ms = 60;
constexpr unsigned rounds_to_check = 10;
constexpr unsigned rounds_to_read_all = 100;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const auto* text = std::getenv(variable);
  return text != nullptr ? std::stoull(text) : otherwise;
}

class kill_run {
public:
  explicit kill_run(std::uint64_t seed) : crowd_(seed) {}

  void round(unsigned number) {
    if (number > 1 && up_to(crowd_.random(), early_every - 1) == 0)
      return kill_at_start();
    server_process server{folder_ / "data"};
    crowd_.connect(server.endpoint);
    crowd_.run_until(steady_clock::now() +
                     milliseconds{shortest_load_ms +
                                  up_to(crowd_.random(), longest_load_ms - shortest_load_ms)});
    kill(server);
  }

  /// Everything is sent again and acknowledged, all that is stored is read.
  void read_all() {
    server_process server{folder_ / "data"};
    crowd_.connect(server.endpoint);
    crowd_.settle();
    check_all_stored(server.endpoint, crowd_.log());
    require_no_fault();
    kill(server);
    crowd_.set_sending(true);
  }

  void check() { expect_sound(folder_ / "data"); }

  void finish() {
    read_all();
    check();
    plain_again_ = crowd_.plain().check_received();
    require_no_fault();
  }

  void report() {
    const auto& log = crowd_.log();
    const auto& found = log.found();
    std::cout << kills_ << " kills: " << log.size() << " messages, " << log.acknowledgements()
              << " of them acknowledged, " << found.lost << " lost, " << found.twice << " twice, "
              << found.gaps << " gaps, " << found.changed << " changed; "
              << crowd_.were_there() + crowd_.were_not_there()
              << " unacknowledged sends: " << crowd_.were_there() << " were there, "
              << crowd_.were_not_there() << " not; all are there exactly once after sending again; "
              << plain_again_ << " messages came to the plain client again" << std::endl;
  }

private:
  void kill(server_process& server) {
    ++kills_;
    server.process.signal(SIGKILL);
    crowd_.read_to_end();
    CHECK(server.process.standard_error().rest().empty());
    require_no_fault();
  }

  void kill_at_start() {
    ++kills_;
    const sockets::child_process server{serving(folder_ / "data")};
    std::this_thread::sleep_for(milliseconds{up_to(crowd_.random(), latest_early_ms)});
    server.signal(SIGKILL);
  }

  void require_no_fault() {
    INFO(crowd_.log().description());
    REQUIRE(crowd_.log().found().all() == 0);
  }

  scratch_folder folder_;
  crowd crowd_;
  unsigned kills_ = 0;
  std::uint64_t plain_again_ = 0;
};

} // namespace

TEST_CASE("killed at random moments under load, it loses nothing that was acknowledged", "[kill]") {
  const auto rounds = static_cast<unsigned>(number_from("KLATCH_KILL_ROUNDS", 15));
  const auto seed = number_from("KLATCH_KILL_SEED", std::random_device{}());
  std::cout << "KLATCH_KILL_ROUNDS=" << rounds << " KLATCH_KILL_SEED=" << seed << std::endl;
  INFO("KLATCH_KILL_SEED=" << seed);
  kill_run run{seed};
  for (unsigned number = 1; number <= rounds; ++number) {
    CAPTURE(number);
    run.round(number);
    if (number % rounds_to_check == 0)
      run.check();
    if (number % rounds_to_read_all == 0 && number < rounds)
      run.read_all();
  }
  run.finish();
  run.report();
}

} // namespace klatch::faults
