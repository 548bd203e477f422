/// Work that may stop in its middle and go on later.
#pragma once

#include <functional>
#include <memory>

namespace klatch::simulation {

/// What is a thread in the service: it has a stack of its own, and runs only while it is told to.
/// Under a sanitizer, which does not follow a change of stacks, it is a thread that is handed the
/// turn and hands it back; what happens is the same.
class fiber {
public:
  explicit fiber(std::function<void()> work);
  /// Not while the work has begun and is not over.
  ~fiber();
  fiber(fiber&&) = delete;
  fiber& operator=(fiber&&) = delete;

  /// Goes on with the work until it yields or is over.
  void run();
  bool over() const noexcept;

  /// Within the work: goes back to who called `run`.
  void yield();

private:
  struct stack;
  std::unique_ptr<stack> stack_;
};

} // namespace klatch::simulation
