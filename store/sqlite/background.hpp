/// Work that is done beside the writer.
#pragma once

#include <functional>
#include <memory>

namespace klatch::store {

/// A job that runs beside whoever wakes it. The destructor waits until it does not run any more.
class background_job {
public:
  virtual ~background_job() = default;

  /// Has the job run, once for all calls that come before it begins. On any one thread.
  virtual void wake() = 0;
};

/// Makes a job of a function that throws nothing.
using start_background = std::function<std::unique_ptr<background_job>(std::function<void()>)>;

/// A job with a thread of its own.
std::unique_ptr<background_job> start_thread(std::function<void()> job);

} // namespace klatch::store
