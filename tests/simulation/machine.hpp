/// Virtual time, and whose turn it is.
#pragma once

#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/trace.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace klatch::simulation {

/// Something that can happen now, or at its time.
struct task {
  enum class kind : std::uint8_t {
    actor,  ///< an actor handles its next message
    thread, ///< what is a thread in the service goes on
    wire,   ///< bytes go out, or come in
    person, ///< a device does something
    fault,
    service ///< it is started, or looks after its files
  };

  kind what;
  std::uint64_t entity; ///< whose turn it is: what has priorities
  std::function<void()> run;
  unsigned host = 0; ///< the node on which it happens, which may stand still; 0: none
};

/// Timers that are not the machine's own: those of the actors.
class timer_source {
public:
  virtual ~timer_source() = default;
  virtual std::optional<us> next_due() const = 0;
  /// It is `now`: those that are due push their tasks.
  virtual void expire(us now) = 0;
};

/// One machine of one thread. What happens, and in which order, follows from the seed alone; all of
/// it goes into a hash.
class machine {
public:
  machine(std::uint64_t seed, const options& chosen, trace& log);

  /// For people. `from` and `to` as `trace_line` has them.
  void tell(std::string from, std::string to, std::string what,
            trace_detail detail = trace_detail::wire) {
    if (log_.wants(detail))
      log_.add(now_, std::move(from), std::move(to), std::move(what));
  }
  bool tells(trace_detail detail) const noexcept { return log_.wants(detail); }

  us now() const noexcept { return now_; }

  /// Can happen now.
  void push(task what);
  /// Can happen from `when` on.
  void at(us when, task what);
  void after(us wait, task what) { at(now_ + wait, std::move(what)); }

  /// Does one thing, or lets time pass if nothing can happen now. Returns false if nothing ever
  /// will. Throws `failure` after too many.
  bool step();
  /// Does all that is of one kind and happens on one host, at once.
  void run_all(task::kind what, unsigned host = 0);

  /// Nothing happens on that host, which is not 0, until it goes on.
  void stand_still(unsigned host) { still_.insert(host); }
  void go_on(unsigned host);
  bool stands_still(unsigned host) const { return still_.contains(host); }

  /// From now on every turn comes when it can.
  void be_fair() noexcept { fair_ = true; }
  bool is_fair() const noexcept { return fair_; }

  void add_timers(timer_source& timers) { timers_.push_back(&timers); }
  void remove_timers(timer_source& timers) { std::erase(timers_, &timers); }

  /// Adds to the hash what has happened.
  void note(std::uint64_t what) noexcept { hash_ = mix(hash_ ^ what); }
  void note(std::uint64_t what, std::string_view text) noexcept;
  /// What is still done counts no more: the run is over.
  void end() noexcept { over_ = true; }
  std::uint64_t hash() const noexcept { return hash_; }
  std::uint64_t steps() const noexcept { return steps_; }

private:
  struct later {
    us due;
    std::uint64_t order;
    task what;

    friend bool operator>(const later& left, const later& right) noexcept {
      return left.due != right.due ? left.due > right.due : left.order > right.order;
    }
  };

  bool pass_time();
  std::size_t pick();
  std::size_t pick_by_priority();
  task take(std::size_t index);
  bool put_off(task& what);
  void run(task what);

  const options& chosen_;
  trace& log_;
  random turns_;
  us now_ = 0;
  bool fair_ = false;
  bool over_ = false;
  std::uint64_t hash_ = 1;
  std::uint64_t steps_ = 0;
  std::uint64_t order_ = 0;
  std::vector<task> ready_;
  std::vector<later> later_; ///< a heap, the next first
  std::unordered_map<std::uint64_t, double> priorities_;
  double lowest_ = 0;
  std::vector<timer_source*> timers_;
  std::set<unsigned> still_;
  std::vector<task> parked_; ///< of hosts that stand still
};

} // namespace klatch::simulation
