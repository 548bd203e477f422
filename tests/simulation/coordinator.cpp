#include "tests/simulation/coordinator.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/detail/test_actor_clock.hpp>
#include <caf/local_actor.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace klatch::simulation {

class coordinator::home final : public caf::execution_unit {
public:
  home(caf::actor_system* system, coordinator& of) : execution_unit(system), of_(of) {}
  void exec_later(caf::resumable* job) override { of_.push(job); }

private:
  coordinator& of_;
};

void coordinator::use(machine& on, threads& blocking, std::uint64_t incarnation, unsigned host) {
  machine_ = &on;
  threads_ = &blocking;
  incarnation_ = incarnation;
  host_ = host;
  clock().current_time = steady_at(on.now());
  add_home();
  for (auto* each : std::exchange(early_, {}))
    push(each);
}

caf::execution_unit& coordinator::add_home() {
  homes_.push_back(std::make_unique<home>(&system(), *this));
  return *homes_.back();
}

void coordinator::push(caf::resumable* job) {
  if (machine_ == nullptr)
    return early_.push_back(job);
  auto* actor = dynamic_cast<caf::abstract_actor*>(job);
  const auto id = actor == nullptr ? 0 : actor->id();
  if (actor != nullptr)
    meet(*actor);
  machine_->push({task::kind::actor, entity_of(id), [this, job, id] { run(job, id); }, host_});
}

void coordinator::meet(caf::abstract_actor& actor) {
  const auto id = actor.id();
  if (id < met_.size() && met_[id])
    return;
  met_.resize(std::max<std::size_t>(met_.size(), id + 1));
  met_[id] = true;
  const auto* local = dynamic_cast<caf::local_actor*>(&actor);
  if (local != nullptr && local->name() != std::string_view{"connection"})
    shared_actors_.emplace_back(local->name(), actor.address());
}

std::vector<caf::strong_actor_ptr> coordinator::named(std::string_view name) const {
  std::vector<caf::strong_actor_ptr> result;
  for (const auto& [own, address] : shared_actors_)
    if (auto found = caf::actor_cast<caf::strong_actor_ptr>(address);
        own == name && found != nullptr &&
        !found->get()->getf(caf::abstract_actor::is_terminated_flag))
      result.push_back(std::move(found));
  return result;
}

void coordinator::run(caf::resumable* job, caf::actor_id actor) {
  assert(job != nullptr);
  auto* unit = homes_.front().get();
  if (machine_->tells(trace_detail::actors))
    if (const auto* local = dynamic_cast<caf::local_actor*>(job))
      machine_->tell({}, {}, std::string{"turn of "} + local->name() + ' ' + std::to_string(actor),
                     trace_detail::actors);
  if (!blocking_actors_.contains(actor))
    return finish(job, job->resume(unit, 1));
  auto result = std::make_shared<caf::resumable::resume_result>(caf::resumable::done);
  threads_->run(
      entity_of(actor), [=] { *result = job->resume(unit, 1); },
      [this, job, result] { finish(job, *result); });
}

void coordinator::finish(caf::resumable* job, caf::resumable::resume_result result) {
  if (result == caf::resumable::resume_later)
    push(job);
  else if (result != caf::resumable::shutdown_execution_unit)
    caf::intrusive_ptr_release(job);
}

void coordinator::run_down() {
  if (machine_ == nullptr)
    return;
  threads_->uninterrupted([this] { machine_->run_all(task::kind::actor, host_); });
}

void coordinator::stop() { run_down(); }

std::optional<us> coordinator::next_due() const {
  const auto& timers = const_cast<coordinator*>(this)->clock().schedule(); // NOLINT: it only looks
  if (timers.empty() || machine_->stands_still(host_))
    return std::nullopt;
  // Whole microseconds: up, or the timer would not be due yet.
  const auto wait = timers.begin()->first - steady_start;
  return std::chrono::ceil<std::chrono::microseconds>(wait).count();
}

void coordinator::expire(us now) {
  if (machine_->stands_still(host_))
    return;
  clock().current_time = steady_at(now);
  clock().trigger_expired_timeouts();
}

} // namespace klatch::simulation
