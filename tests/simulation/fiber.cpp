#include "tests/simulation/fiber.hpp"

#include <cassert>
#include <utility>

#if defined(KLATCH_SANITIZED)
#include <condition_variable>
#include <mutex>
#include <thread>
#else
#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>

#include <cxxabi.h>
#endif

namespace klatch::simulation {

#if defined(KLATCH_SANITIZED)

struct fiber::stack {
  explicit stack(std::function<void()> what)
      : work(std::move(what)), thread([this] {
          wait_for(true);
          work();
          over = true;
          hand_over(false);
        }) {}

  void wait_for(bool turn) {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return inside == turn; });
  }
  void hand_over(bool turn) {
    const std::lock_guard lock{mutex};
    inside = turn;
    changed.notify_all();
  }

  std::function<void()> work;
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false; ///< the work has the turn
  bool over = false;
  std::thread thread;
};

fiber::fiber(std::function<void()> work) : stack_(std::make_unique<stack>(std::move(work))) {}

fiber::~fiber() { stack_->thread.join(); }

void fiber::run() {
  stack_->hand_over(true);
  stack_->wait_for(false);
}

bool fiber::over() const noexcept { return stack_->over; }

void fiber::yield() {
  stack_->hand_over(false);
  stack_->wait_for(true);
}

#else

namespace {

namespace context = boost::context;

/// What a thread keeps of the exceptions that are being handled. SQLite's transactions are rolled
/// back by destructors, in the middle of which a fiber may stop.
struct exception_globals {
  void* caught = nullptr;
  unsigned uncaught = 0;
};

exception_globals& globals() {
  return *reinterpret_cast<exception_globals*>(abi::__cxa_get_globals()); // NOLINT: the ABI's
}

constexpr std::size_t stack_bytes = 256UL * 1024;

/// Stacks are used again: making one costs more than what runs on it.
context::pooled_fixedsize_stack& stacks() {
  static context::pooled_fixedsize_stack pool{stack_bytes};
  return pool;
}

} // namespace

struct fiber::stack {
  std::function<void()> work;
  context::fiber inside;  ///< where to go on
  context::fiber outside; ///< where to go back to
  exception_globals exceptions;
  bool over = false;
};

fiber::fiber(std::function<void()> work) : stack_(std::make_unique<stack>()) {
  stack_->work = std::move(work);
  stack_->inside = context::fiber{std::allocator_arg, stacks(), [this](context::fiber&& outside) {
                                    stack_->outside = std::move(outside);
                                    stack_->work();
                                    stack_->over = true;
                                    return std::move(stack_->outside);
                                  }};
}

fiber::~fiber() = default;

void fiber::run() {
  assert(!stack_->over);
  const auto kept = std::exchange(globals(), stack_->exceptions);
  stack_->inside = std::move(stack_->inside).resume();
  stack_->exceptions = std::exchange(globals(), kept);
}

bool fiber::over() const noexcept { return stack_->over; }

void fiber::yield() { stack_->outside = std::move(stack_->outside).resume(); }

#endif

} // namespace klatch::simulation
