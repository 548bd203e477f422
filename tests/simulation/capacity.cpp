#include "tests/simulation/capacity.hpp"

#include "actors/chat.hpp"
#include "actors/connection/connection.hpp"
#include "actors/connection/transport.hpp"
#include "tests/simulation/random.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/test_actor_clock.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace klatch::simulation {

namespace {

/// With whom each of them talks.
constexpr std::uint64_t friends = 5;
/// What happens at once before actors have their turns: about a round of a busy worker.
constexpr std::uint64_t at_once = 200;

double cpu_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

double resident_bytes() {
  std::ifstream in{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  in >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// First come, first served.
class queue final : public caf::scheduler::test_coordinator {
public:
  class home final : public caf::execution_unit {
  public:
    home(caf::actor_system* system, queue& of) : execution_unit(system), of_(of) {}
    void exec_later(caf::resumable* job) override { of_.waiting_.push_back(job); }

  private:
    queue& of_;
  };

  explicit queue(caf::actor_system& system) : test_coordinator(system) {}
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new queue(system); // NOLINT: CAF deletes it
  }

  void run(caf::execution_unit& unit) {
    constexpr std::size_t messages_a_turn = 30;
    longest_ = std::max(longest_, waiting_.size());
    while (!waiting_.empty()) {
      auto* job = waiting_.front();
      waiting_.pop_front();
      ++turns_;
      switch (job->resume(&unit, messages_a_turn)) {
      case caf::resumable::resume_later:
        waiting_.push_back(job);
        break;
      case caf::resumable::shutdown_execution_unit:
        break;
      default:
        caf::intrusive_ptr_release(job);
      }
    }
  }
  std::uint64_t turns() const noexcept { return turns_; }
  /// Of actors that wait for their turn.
  std::size_t longest() const noexcept { return longest_; }

protected:
  void enqueue(caf::resumable* job) override { waiting_.push_back(job); }
  void stop() override {}

private:
  std::deque<caf::resumable*> waiting_;
  std::uint64_t turns_ = 0;
  std::size_t longest_ = 0;
};

struct counts {
  std::uint64_t welcomes = 0;
  std::uint64_t messages = 0;
  std::uint64_t acks = 0;
  std::uint64_t others = 0;
};

/// Counts, and keeps nothing.
class counting_transport final : public actors::transport {
public:
  counting_transport(counts& into, std::vector<bool>& paused, std::uint64_t number)
      : into_(into), paused_(paused), number_(number) {}

  void send(const frame& message) override {
    constexpr std::string_view before_type = R"({"type":")";
    switch (message.text()[before_type.size()]) {
    case 'w':
      ++into_.welcomes;
      return;
    case 'u':
      ++into_.messages;
      return;
    case 'a':
      ++into_.acks;
      return;
    default:
      ++into_.others;
    }
  }
  void ping(std::string_view /*payload*/) override {}
  void close(close_code /*code*/, std::string_view /*reason*/) override {}
  void call_when_token_is_due(std::chrono::milliseconds /*delay*/) override {}
  void pause() override { paused_[number_] = true; }
  void resume() override { paused_[number_] = false; }
  bool drained() const override { return true; }
  void call_when_drained() override {}
  std::string peer() const override { return "192.0.2.1"; }

private:
  counts& into_;
  std::vector<bool>& paused_;
  std::uint64_t number_;
};

static_assert(sizeof(counting_transport) <= 64);

caf::actor_system_config& queue_settings() {
  static caf::actor_system_config made = [] {
    caf::actor_system_config result;
    result.load<queue>();
    return result;
  }();
  return made;
}

limits without_rates() {
  limits result;
  result.send_rate = 0;
  result.byte_rate = 0;
  return result;
}

class crowd {
public:
  explicit crowd(const capacity_options& asked)
      : asked_(asked), frames_(allowed_), system_(queue_settings()),
        queue_(dynamic_cast<queue&>(system_.scheduler())), home_(&system_, queue_),
        random_(1, purpose::plan), paused_(asked.users * asked.devices) {
    spdlog::set_level(spdlog::level::off);
    system_.await_actors_before_shutdown(false);
    const auto& log = spdlog::default_logger();
    chat_ = actors::start_chat(system_, {{&home_, &counters_}}, {}, store_counters_,
                               {.directory = {.max_devices = 0, .log = log},
                                .may_wait = {},
                                .archive = {},
                                .reader = {},
                                .blocking = actors::blocking_actors::in_the_pool});
    scope_ = std::make_unique<actors::connection_scope>(
        actors::connection_scope{allowed_,
                                 frames_,
                                 chat_.supervisor,
                                 chat_.archive,
                                 std::chrono::seconds{25},
                                 nullptr,
                                 {.steady = [this] { return queue_.clock().now(); },
                                  .elapsed = [] { return std::chrono::milliseconds{}; },
                                  .wall_ms = [] { return std::int64_t{1}; }},
                                 log,
                                 counters_});
    queue_.run(home_);
  }

  void connect() {
    measure("connected", paused_.size(), [&](std::uint64_t number) {
      connections_.push_back(system_.spawn<actors::connection>(
          home_, *scope_, std::make_shared<counting_transport>(counted_, paused_, number),
          chat_.directory));
    });
  }

  void enter() {
    measure("registered", paused_.size(), [&](std::uint64_t number) {
      const auto user = number / asked_.devices;
      say(number, R"({"type":"system","v":2,"id":)" + std::to_string(user) + R"(,"projectId":"p)" +
                      std::to_string(user / asked_.room) + R"(","name":"n"})");
    });
  }

  void talk() {
    const auto total =
        static_cast<std::uint64_t>(asked_.hours * 3600 * static_cast<double>(asked_.rate));
    const std::string rest = R"(,"message":")" + std::string(100, 'x') + "\"}";
    const auto between =
        std::chrono::nanoseconds{1'000'000'000 / std::max<std::uint64_t>(asked_.rate, 1)};
    measure("messages", total, [&](std::uint64_t /*number*/) {
      const auto by = random_.below(asked_.users);
      const auto room = by / asked_.room * asked_.room;
      const auto to =
          room + (by + 1 + random_.below(friends) * 7) % std::min(asked_.room, asked_.users - room);
      say(by * asked_.devices + random_.below(asked_.devices),
          R"({"type":"user","to_id":)" + std::to_string(to) + rest);
      queue_.clock().current_time += between;
    });
  }

  void report() const {
    std::printf("%llu welcomes, %llu messages, %llu acks, %llu other frames\n", // NOLINT: figures
                static_cast<unsigned long long>(counted_.welcomes),
                static_cast<unsigned long long>(counted_.messages),
                static_cast<unsigned long long>(counted_.acks),
                static_cast<unsigned long long>(counted_.others));
    std::printf("longest queue: %zu actors wait for their turn\n", queue_.longest()); // NOLINT
  }

private:
  actors::connection& connection(std::uint64_t number) const {
    return *static_cast<actors::connection*>(
        caf::actor_cast<caf::abstract_actor*>(connections_[number]));
  }

  void say(std::uint64_t number, const std::string& text) {
    if (paused_[number]) // Nothing is read from it until the directory has answered.
      queue_.run(home_);
    connection(number).on_text(text);
  }

  template<class Each>
  void measure(const char* what, std::uint64_t total, Each each) {
    const auto memory = resident_bytes();
    const auto begun = cpu_seconds();
    const auto turns = queue_.turns();
    for (std::uint64_t number = 0; number < total; ++number) {
      each(number);
      if (number % at_once == at_once - 1)
        queue_.run(home_);
    }
    queue_.run(home_);
    const auto taken = cpu_seconds() - begun;
    const auto count = static_cast<double>(std::max<std::uint64_t>(total, 1));
    std::printf(
        "%-10s %12llu %8.2f us each %10.0f a second %6.1f turns each %8.0f B a user " // NOLINT
        "%7.0f MiB in all\n",
        what, static_cast<unsigned long long>(total), taken * 1e6 / count, count / taken,
        static_cast<double>(queue_.turns() - turns) / count,
        (resident_bytes() - memory) / static_cast<double>(asked_.users),
        resident_bytes() / (1024 * 1024));
    std::fflush(stdout);
  }

  const capacity_options& asked_;
  limits allowed_ = without_rates();
  decoder frames_;
  worker_counters counters_;
  store_counters store_counters_;
  caf::actor_system system_;
  queue& queue_;
  queue::home home_;
  random random_;
  std::vector<bool> paused_; ///< by their transports
  actors::chat_actors chat_;
  std::unique_ptr<actors::connection_scope> scope_;
  std::vector<connection_actor> connections_;
  counts counted_;
};

} // namespace

int measure_capacity(const capacity_options& asked) {
  // Ending a million actors one by one is of no use to anybody.
  auto* all = new crowd{asked}; // NOLINT: the process ends with it
  all->connect();
  all->enter();
  all->talk();
  all->report();
  std::fflush(stdout);
  _exit(0);
}

} // namespace klatch::simulation
