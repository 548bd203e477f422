/// The scheduler on real threads, and ways to wait for what they do.
#pragma once

#include "net/loop/scheduler.hpp"
#include "net/loop/worker.hpp"
#include "tests/catch.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <future>
#include <mutex>
#include <utility>

namespace klatch::test {

/// Nothing takes that long; a test that waits so long has failed.
inline constexpr std::chrono::seconds patience{30};

/// The value of `promised`, which has to come.
template<class Value>
Value await(std::future<Value>& promised) {
  REQUIRE(promised.wait_for(patience) == std::future_status::ready);
  return promised.get();
}

/// Opens once so many have arrived, on whatever threads.
class gate {
public:
  explicit gate(std::size_t expected) : missing_(expected) {}

  void arrive() {
    const std::lock_guard lock{mutex_};
    if (missing_ > 0 && --missing_ == 0)
      opened_.notify_all();
  }
  bool wait() {
    std::unique_lock lock{mutex_};
    return opened_.wait_for(lock, patience, [this] { return missing_ == 0; });
  }

private:
  std::mutex mutex_;
  std::condition_variable opened_;
  std::size_t missing_;
};

/// An actor system on a pool of workers.
class pool {
public:
  explicit pool(std::size_t threads = 2) : config_(threads), system_(config_) {}

  caf::actor_system& system() { return system_; }
  net::scheduler& scheduler() { return net::scheduler::of(system_); }
  net::worker& at(std::size_t index) { return scheduler().at(index % scheduler().size()); }

  /// An actor that lives on that worker.
  template<class Actor, class... Arguments>
  typename Actor::handle spawn_on(std::size_t index, Arguments&&... arguments) {
    auto& home = static_cast<caf::execution_unit&>(at(index));
    return system_.spawn<Actor>(home, std::forward<Arguments>(arguments)...);
  }

  /// Runs `work` on that worker's thread and answers what it returned.
  template<class Work>
  auto run_on(std::size_t index, Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task{std::move(work)};
    auto result = task.get_future();
    boost::asio::post(at(index).io(), std::move(task));
    return await(result);
  }

private:
  struct config : caf::actor_system_config {
    explicit config(std::size_t threads) {
      net::scheduler::configure(*this, threads);
      // Few, so that actors have to take turns.
      set("scheduler.max-throughput", std::size_t{3});
    }
  };

  config config_;
  caf::actor_system system_;
};

} // namespace klatch::test
