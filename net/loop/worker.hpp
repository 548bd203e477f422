/// A thread that is an Asio event loop and a CAF execution unit in one.
#pragma once

#include "messages/service_counters.hpp"
#include "net/loop/buffer_pool.hpp"
#include "net/loop/flushable.hpp"
#include "net/loop/poller.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace klatch::net {

/// Runs handlers and actors on one thread, and writes out what they left corked once a round. A
/// turn of its sockets begins such a round too.
class worker final : public caf::execution_unit {
public:
  /// `throughput`: messages an actor may handle before another one has its turn.
  worker(caf::actor_system& system, std::size_t index, std::size_t throughput);

  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker() override;

  /// The worker whose thread this is, or null.
  static worker* current() noexcept;

  boost::asio::io_context& io() noexcept { return io_; }
  std::size_t index() const noexcept { return index_; }

  /// Runs `job` soon on this worker's thread. From that thread it costs no lock, from another one
  /// at most one wake-up a round.
  void exec_later(caf::resumable* job) override;

  /// Makes an actor whose home this is.
  template<class Actor, class... Arguments>
  auto spawn(Arguments&&... arguments) {
    auto& home = static_cast<caf::execution_unit&>(*this);
    return system().spawn<Actor>(home, std::forward<Arguments>(arguments)...);
  }

  /// Flushes `target` at the end of the round. On this worker's thread only; `target` has to live
  /// until then, or until `forget`.
  void flush_later(flushable& target);
  void forget(flushable& target) noexcept;

  /// On this worker's thread only.
  buffer_pool& buffers() noexcept { return buffers_; }
  poller& sockets() noexcept { return sockets_; }
  /// Dispatches a read event to the pollable at `at` soon. On this worker's thread
  /// only.
  void repeat(poller::slot at);

  /// What it and those who are at home here count.
  worker_counters& counters() noexcept { return counters_; }
  const worker_counters& counters() const noexcept { return counters_; }

  /// One round in so many is timed.
  static constexpr unsigned rounds_a_sample = 8;
  /// While its loop turns, a worker notes the time so often.
  static constexpr std::chrono::seconds beat_interval{2};
  /// Returns when it last did. On any thread.
  std::chrono::steady_clock::time_point last_beat() const noexcept {
    return last_beat_.load(std::memory_order_relaxed);
  }
  /// Returns the processor time that its thread has used. On any thread, from `start` to `stop`.
  std::chrono::nanoseconds busy() noexcept;

  void start();
  /// Ends the loop and joins the thread; what is queued stays so.
  void stop();

  /// Hands every queued job to `visit` and forgets it. Only after `stop`.
  template<class Visitor>
  void take_jobs(Visitor visit) {
    take_remote();
    for (auto* job : local_)
      visit(job);
    local_.clear();
  }

private:
  class timed_round;

  void run();
  void beat();
  void schedule_round();
  void take_remote();
  void round();
  void run_jobs();
  void flush_all();
  void wait_for_sockets();
  void schedule_sockets();
  void turn_to_sockets();
  /// After an exception: what a round had not come to is done in the next one.
  void recover();
  void resume(caf::resumable* job);

  std::size_t index_;
  std::size_t throughput_;
  worker_counters counters_;
  unsigned untimed_rounds_ = 0; ///< since the last that was timed
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::thread thread_;
  bool round_scheduled_ = false;
  std::vector<caf::resumable*> local_;
  std::vector<caf::resumable*> batch_;
  std::vector<flushable*> dirty_;
  std::vector<flushable*> flushing_;
  buffer_pool buffers_;
  poller sockets_;
  /// For Asio to wait for the poller's set, which that owns.
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>
      sockets_ready_;
  bool sockets_awaited_ = false;   ///< by Asio
  bool sockets_scheduled_ = false; ///< without waiting
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      next_beat_;
  std::atomic<std::chrono::steady_clock::time_point> last_beat_;
  alignas(64) std::mutex remote_mutex_;
  std::vector<caf::resumable*> remote_;
};

} // namespace klatch::net
