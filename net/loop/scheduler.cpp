#include "net/loop/scheduler.hpp"

#include "actors/runtime/lean_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/logger.hpp>

namespace klatch::net {

void scheduler::configure(caf::actor_system_config& config, std::size_t threads) {
  config.load<scheduler>();
  config.set("scheduler.max-threads", threads);
}

scheduler& scheduler::of(caf::actor_system& system) {
  return dynamic_cast<scheduler&>(system.scheduler());
}

caf::actor_system::module* scheduler::make(caf::actor_system& system, caf::detail::type_list<>) {
  return new scheduler(system); // owned by the system
}

scheduler::scheduler(caf::actor_system& system) : abstract_coordinator(system) {}

void scheduler::init(caf::actor_system_config& config) {
  abstract_coordinator::init(config);
  for (std::size_t index = 0; index < num_workers(); ++index)
    workers_.push_back(std::make_unique<worker>(system(), index, max_throughput()));
}

void scheduler::start() {
  for (const auto& each : workers_)
    each->start();
  clock_thread_ = std::thread{[this] { run_clock(); }};
  abstract_coordinator::start();
}

void scheduler::run_clock() {
  CAF_SET_LOGGER_SYS(&system());
  caf::detail::set_thread_name("klatch.clock");
  system().thread_started();
  clock_.run_dispatch_loop();
  system().thread_terminates();
}

void scheduler::stop() {
  stop_actors();
  for (const auto& each : workers_)
    each->stop();
  // Cleaning an actor up may queue another one.
  bool found = true;
  while (found) {
    found = false;
    for (const auto& each : workers_)
      each->take_jobs([&](caf::resumable* job) {
        found = true;
        if (auto* lean = dynamic_cast<actors::lean_actor*>(job)) // CAF ends only what it knows.
          lean->abandon();
        cleanup_and_release(job);
      });
  }
  clock_.cancel_dispatch_loop();
  clock_thread_.join();
  workers_.clear();
}

void scheduler::enqueue(caf::resumable* job) {
  auto* here = worker::current();
  auto& target = here != nullptr && &here->system() == &system()
                     ? *here
                     : *workers_[turn_.fetch_add(1, std::memory_order_relaxed) % workers_.size()];
  target.exec_later(job);
}

} // namespace klatch::net
