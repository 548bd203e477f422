/// Timeouts of many sessions with one timer.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace klatch::net {

/// Something with at most one deadline at a time. Destroying it cancels the deadline.
class timed : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  virtual void on_deadline() = 0;

protected:
  timed() = default;
  ~timed() = default;
};

/// Deadlines in ticks of one length; its owner calls `advance` once a tick while it is
/// not empty. A deadline may come up to one tick late and costs no allocation. Not thread-safe.
class deadline_wheel {
public:
  using duration = std::chrono::milliseconds;
  static constexpr std::size_t slots = 128;

  explicit deadline_wheel(duration tick) noexcept : tick_(tick) {}

  /// Sets or moves the deadline of `session` to `delay` from now, rounded up to ticks and at most
  /// `slots` - 2 of them.
  void schedule(timed& session, duration delay);
  static void cancel(timed& session) noexcept { session.unlink(); }

  /// One tick has passed: calls `on_deadline` of those that are due, which may schedule anew.
  void advance();

  /// Ticks since the start.
  std::uint32_t now() const noexcept { return now_; }
  duration tick() const noexcept { return tick_; }
  bool empty() const noexcept;

private:
  using session_list = boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>>;

  duration tick_;
  std::uint32_t now_ = 0;
  std::array<session_list, slots> due_;
};

} // namespace klatch::net
