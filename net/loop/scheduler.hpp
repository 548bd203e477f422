/// CAF's scheduler on the worker pool.
#pragma once

#include "net/loop/worker.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace klatch::net {

/// Loaded into an actor system in the place of CAF's own scheduler:
///
///     caf::actor_system_config config;
///     net::scheduler::configure(config, threads);
///     caf::actor_system system{config};
///     auto& pool = net::scheduler::of(system);
///
/// Stop order, which CAF's destructor runs through: actors are asked to end, the threads stop and
/// are joined, what is still queued is cleaned up, and only then the event loops go, while the
/// system is alive.
class scheduler final : public caf::scheduler::abstract_coordinator {
public:
  /// Makes systems of `config` use this scheduler with so many workers.
  static void configure(caf::actor_system_config& config, std::size_t threads);

  /// The scheduler of a system that was made with it.
  static scheduler& of(caf::actor_system& system);

  /// For `caf::actor_system_config::load`.
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<> none);

  explicit scheduler(caf::actor_system& system);

  std::size_t size() const noexcept { return workers_.size(); }
  worker& at(std::size_t index) noexcept { return *workers_[index]; }

  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void init(caf::actor_system_config& config) override;
  void start() override;
  void stop() override;
  /// For actors without a home: on the worker that wakes them, or from other threads on each in
  /// turn.
  void enqueue(caf::resumable* job) override;

private:
  void run_clock();

  caf::detail::thread_safe_actor_clock clock_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::atomic<std::size_t> turn_{0};
  std::thread clock_thread_;
};

} // namespace klatch::net
