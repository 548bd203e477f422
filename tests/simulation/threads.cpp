#include "tests/simulation/threads.hpp"

#include "tests/simulation/coverage.hpp"

#include <algorithm>
#include <utility>

namespace klatch::simulation {

struct threads::one {
  std::uint64_t entity;
  std::function<void()> after;
  us wakes = 0;
  std::unique_ptr<fiber> work{};
};

/// A pass that is asked for while one runs follows it.
class threads::job final : public store::background_job {
public:
  job(threads& of, std::uint64_t entity, std::function<void()> work)
      : of_(of), entity_(entity), work_(std::make_shared<std::function<void()>>(std::move(work))) {}
  ~job() override {
    *alive_ = false;
    if (of_.busy(entity_))
      of_.finish();
  }
  job(job&&) = delete;
  job& operator=(job&&) = delete;

  void wake() override {
    if (std::exchange(wanted_, true))
      return;
    of_.machine_.push({task::kind::thread, entity_,
                       [this, alive = alive_] {
                         if (*alive)
                           begin();
                       },
                       of_.host_});
  }

private:
  void begin() {
    if (of_.busy(entity_)) // Comes when that is over.
      return;
    reached("a checkpoint beside the writer");
    wanted_ = false;
    of_.run(
        entity_, [work = work_] { (*work)(); },
        [this, alive = alive_] {
          if (*alive && wanted_)
            begin();
        });
  }

  threads& of_;
  std::uint64_t entity_;
  std::shared_ptr<std::function<void()>> work_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool wanted_ = false;
};

threads::threads(machine& on, disk& files, const options& chosen, std::uint64_t seed, unsigned host)
    : machine_(on), disk_(files), chosen_(chosen), calls_(seed, purpose::calls, host), host_(host) {
  disk_.at_call = [this](disk_call what) { at_call(what); };
  disk_.sleep = [this](us time) { sleep(time); };
}

threads::~threads() {
  finish();
  disk_.at_call = nullptr;
  disk_.sleep = nullptr;
}

void threads::run(std::uint64_t entity, std::function<void()> work, std::function<void()> after) {
  const auto made = std::make_shared<one>(one{entity, std::move(after)});
  made->work = std::make_unique<fiber>(std::move(work));
  all_.push_back(made);
  go_on(made);
}

store::start_background threads::start_background() {
  return [this](std::function<void()> work) -> std::unique_ptr<store::background_job> {
    constexpr std::uint64_t jobs_from = 1U << 20U;
    return std::make_unique<job>(*this, jobs_from + ++jobs_, std::move(work));
  };
}

void threads::go_on(std::shared_ptr<one> which) {
  which->wakes = machine_.now();
  auto* before = std::exchange(current_, which.get());
  which->work->run();
  current_ = before;
  if (!which->work->over()) {
    if (!uninterrupted_)
      machine_.at(which->wakes, {task::kind::thread, which->entity,
                                 [this, weak = std::weak_ptr{which}] {
                                   if (const auto same = weak.lock())
                                     go_on(same);
                                 },
                                 host_});
    return;
  }
  std::erase(all_, which);
  which->after();
}

void threads::uninterrupted(const std::function<void()>& work) {
  const auto before = std::exchange(uninterrupted_, true);
  while (!all_.empty())
    go_on(all_.front());
  work();
  uninterrupted_ = before;
}

bool threads::busy(std::uint64_t entity) const {
  return std::any_of(all_.begin(), all_.end(),
                     [entity](const auto& each) { return each->entity == entity; });
}

void threads::sleep(us time) {
  if (current_ != nullptr && !uninterrupted_)
    pause_until(machine_.now() + time);
}

void threads::pause_until(us when) {
  current_->wakes = when;
  current_->work->yield();
}

void threads::at_call(disk_call what) {
  if (current_ == nullptr || uninterrupted_)
    return;
  if (what == disk_call::sync)
    return pause_until(
        machine_.now() + slower_sync + 1 +
        static_cast<us>(calls_.around(static_cast<std::uint64_t>(chosen_.sync_time))));
  if (!machine_.is_fair() && calls_.chance(chosen_.stalls))
    return pause_until(
        machine_.now() + 1 +
        static_cast<us>(calls_.below(static_cast<std::uint64_t>(chosen_.longest_delay))));
  if (calls_.chance(chosen_.yields))
    pause_until(machine_.now());
}

} // namespace klatch::simulation
