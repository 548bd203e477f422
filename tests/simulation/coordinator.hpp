/// CAF's scheduler, where the machine chooses whose turn it is.
#pragma once

#include "tests/simulation/machine.hpp"
#include "tests/simulation/threads.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace klatch::simulation {

/// Where virtual time begins on the steady clock.
inline constexpr std::chrono::steady_clock::time_point steady_start{std::chrono::seconds{1}};

inline std::chrono::steady_clock::time_point steady_at(us now) {
  return steady_start + std::chrono::microseconds{now};
}

/// Each turn is one message. Actors that are threads in the service have theirs on fibers.
class coordinator final : public caf::scheduler::test_coordinator, public timer_source {
public:
  explicit coordinator(caf::actor_system& system) : test_coordinator(system) {}

  /// Has CAF use this scheduler in the systems of a config.
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new coordinator(system); // NOLINT: CAF deletes it
  }

  /// To be called before anything is spawned. `incarnation` tells the actors of one system from
  /// those of the next; `host`: where their turns are.
  void use(machine& on, threads& blocking, std::uint64_t incarnation, unsigned host = 0);
  void add_blocking(caf::actor_id actor) { blocking_actors_.insert(actor); }

  /// A worker's: connections and shards stay with theirs.
  caf::execution_unit& add_home();

  /// The actors of that name that have not ended.
  std::vector<caf::strong_actor_ptr> named(std::string_view name) const;

  /// Everybody has what is left of their turns, without time passing.
  void run_down();

  bool busy(caf::actor_id actor) const { return threads_->busy(entity_of(actor)); }

  std::optional<us> next_due() const override;
  void expire(us now) override;

protected:
  void start() override {}
  void stop() override;
  void enqueue(caf::resumable* job) override { push(job); }

private:
  class home;

  void push(caf::resumable* job);
  void meet(caf::abstract_actor& actor);
  void run(caf::resumable* job, caf::actor_id actor);
  void finish(caf::resumable* job, caf::resumable::resume_result result);
  std::uint64_t entity_of(caf::actor_id actor) const noexcept {
    return (incarnation_ << 32U) + actor;
  }

  machine* machine_ = nullptr;
  threads* threads_ = nullptr;
  std::uint64_t incarnation_ = 0;
  unsigned host_ = 0;
  std::vector<caf::resumable*> early_;
  std::set<caf::actor_id> blocking_actors_;
  std::vector<bool> met_;                                                   ///< by id
  std::vector<std::pair<std::string_view, caf::actor_addr>> shared_actors_; ///< not connections
  std::vector<std::unique_ptr<caf::execution_unit>> homes_;
};

} // namespace klatch::simulation
