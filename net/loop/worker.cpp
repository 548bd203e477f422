#include "net/loop/worker.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/logger.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>
#include <exception>
#include <pthread.h>
#include <utility>

namespace klatch::net {

namespace {

thread_local worker* this_worker = nullptr;

/// Batches of jobs run before the loop looks at its sockets again.
constexpr int batches_a_round = 4;

} // namespace

worker::worker(caf::actor_system& system, std::size_t index, std::size_t throughput)
    : caf::execution_unit(&system), index_(index), throughput_(throughput),
      guard_(io_.get_executor()), sockets_ready_(io_.get_executor(), sockets_.descriptor()),
      next_beat_(io_.get_executor()) {
  wait_for_sockets();
  beat();
}

/// Some rounds are timed: to read the clock twice in each would cost one that handles a single
/// message several percent.
class worker::timed_round {
public:
  explicit timed_round(worker& of) noexcept : of_(of) {
    if (++of_.untimed_rounds_ < rounds_a_sample)
      return;
    of_.untimed_rounds_ = 0;
    begun_ = std::chrono::steady_clock::now();
  }
  ~timed_round() {
    if (begun_ != std::chrono::steady_clock::time_point{})
      of_.counters_.rounds.record(std::chrono::steady_clock::now() - begun_);
  }
  timed_round(const timed_round&) = delete;
  timed_round& operator=(const timed_round&) = delete;

private:
  worker& of_;
  std::chrono::steady_clock::time_point begun_{};
};

worker::~worker() { sockets_ready_.release(); }

worker* worker::current() noexcept { return this_worker; }

void worker::exec_later(caf::resumable* job) {
  if (this_worker == this) {
    local_.push_back(job);
    schedule_round();
    return;
  }
  bool first = false;
  {
    const std::lock_guard lock{remote_mutex_};
    first = remote_.empty();
    remote_.push_back(job);
  }
  if (first)
    boost::asio::post(io_, [this] {
      take_remote();
      schedule_round();
    });
}

void worker::flush_later(flushable& target) {
  if (std::exchange(target.queued_, true))
    return;
  dirty_.push_back(&target);
  schedule_round();
}

void worker::forget(flushable& target) noexcept {
  if (!std::exchange(target.queued_, false))
    return;
  // A round that is flushing passes over what is null.
  std::replace(dirty_.begin(), dirty_.end(), &target, static_cast<flushable*>(nullptr));
  std::replace(flushing_.begin(), flushing_.end(), &target, static_cast<flushable*>(nullptr));
}

void worker::schedule_round() {
  if (!std::exchange(round_scheduled_, true))
    boost::asio::post(io_, [this] { round(); });
}

void worker::take_remote() {
  const std::lock_guard lock{remote_mutex_};
  local_.insert(local_.end(), remote_.begin(), remote_.end());
  remote_.clear();
}

void worker::round() {
  const timed_round timing{*this};
  run_jobs();
  flush_all();
  buffers_.report();
  round_scheduled_ = false;
  if (!local_.empty() || !dirty_.empty())
    schedule_round();
}

void worker::run_jobs() {
  for (int batch = 0; batch < batches_a_round && !local_.empty(); ++batch) {
    batch_.swap(local_);
    for (auto*& job : batch_)
      resume(std::exchange(job, nullptr));
    batch_.clear();
  }
}

void worker::flush_all() {
  flushing_.swap(dirty_);
  for (auto*& each : flushing_) {
    auto* target = std::exchange(each, nullptr);
    if (target == nullptr)
      continue;
    target->queued_ = false;
    target->flush();
  }
  flushing_.clear();
}

// -- sockets --------------------------------------------------------------------------------------

void worker::wait_for_sockets() {
  sockets_awaited_ = true;
  sockets_ready_.async_wait(decltype(sockets_ready_)::wait_read,
                            [this](boost::system::error_code error) {
                              if (error)
                                return;
                              sockets_awaited_ = false;
                              turn_to_sockets();
                            });
}

void worker::schedule_sockets() {
  if (!std::exchange(sockets_scheduled_, true))
    boost::asio::post(io_, [this] {
      sockets_scheduled_ = false;
      turn_to_sockets();
    });
}

void worker::repeat(poller::slot at) {
  sockets_.repeat(at);
  schedule_sockets();
}

void worker::turn_to_sockets() {
  const timed_round timing{*this};
  const bool round_follows = std::exchange(round_scheduled_, true);
  sockets_.turn();
  run_jobs();
  flush_all();
  buffers_.report();
  round_scheduled_ = round_follows;
  if (!round_follows && (!local_.empty() || !dirty_.empty()))
    schedule_round();
  if (sockets_.unfinished())
    schedule_sockets();
  if (!sockets_awaited_)
    wait_for_sockets();
}

// -- signs of life --------------------------------------------------------------------------------

void worker::beat() {
  last_beat_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
  next_beat_.expires_after(beat_interval);
  next_beat_.async_wait([this](boost::system::error_code error) {
    if (!error)
      beat();
  });
}

std::chrono::nanoseconds worker::busy() noexcept {
  clockid_t used{};
  timespec time{};
  if (pthread_getcpuclockid(thread_.native_handle(), &used) == 0)
    clock_gettime(used, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

// -- faults ---------------------------------------------------------------------------------------

void worker::recover() {
  std::erase(batch_, nullptr);
  local_.insert(local_.begin(), batch_.begin(), batch_.end());
  batch_.clear();
  std::erase(flushing_, nullptr);
  dirty_.insert(dirty_.begin(), flushing_.begin(), flushing_.end());
  flushing_.clear();
  round_scheduled_ = false;
  schedule_round();
  schedule_sockets();
}

void worker::resume(caf::resumable* job) {
  switch (job->resume(this, throughput_)) {
  case caf::resumable::resume_later:
    local_.push_back(job);
    break;
  case caf::resumable::shutdown_execution_unit:
    break;
  default:
    caf::intrusive_ptr_release(job);
  }
}

void worker::start() {
  thread_ = std::thread{[this] { run(); }};
}

void worker::run() {
  CAF_SET_LOGGER_SYS(&system());
  caf::detail::set_thread_name("klatch.worker");
  system().thread_started();
  this_worker = this;
  for (bool over = false; !over;) {
    try {
      io_.run();
      over = true;
    } catch (const std::exception& error) {
      spdlog::critical("worker {}: a handler failed: {}; the worker goes on", index_, error.what());
      recover();
    }
  }
  this_worker = nullptr;
  system().thread_terminates();
}

void worker::stop() {
  guard_.reset();
  io_.stop();
  if (thread_.joinable())
    thread_.join();
}

} // namespace klatch::net
