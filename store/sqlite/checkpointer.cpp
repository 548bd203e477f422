#include "store/sqlite/checkpointer.hpp"

#include <utility>

namespace klatch::store {

checkpointer::checkpointer(const std::filesystem::path& file)
    : source_(file, database::access::read_write) {
  // Before it has read anything a connection does not know that there is a write-ahead log, and a
  // checkpoint does nothing and succeeds.
  source_.number("PRAGMA user_version");
  thread_ = std::thread{[this] { work(); }};
}

checkpointer::~checkpointer() {
  {
    const std::lock_guard guard{mutex_};
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void checkpointer::log_grew_to(std::size_t bytes, std::size_t step_bytes) {
  // It begins anew once all of it has been moved and nobody reads it.
  if (bytes < std::exchange(last_, bytes))
    begun_at_ = 0;
  if (bytes < begun_at_ + step_bytes)
    return;
  begun_at_ = bytes;
  {
    const std::lock_guard guard{mutex_};
    wanted_ = true;
  }
  changed_.notify_one();
}

void checkpointer::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return wanted_ || over_; });
    if (over_)
      return;
    wanted_ = false;
    lock.unlock();
    if (source_.checkpoint() > 0) {
      // A pass that the writer has overtaken leaves what it has moved in the system's cache:
      // whoever moves the rest would have to wait for all of it.
      source_.sync_file();
      moved_.store(true, std::memory_order_relaxed);
    }
    lock.lock();
  }
}

} // namespace klatch::store
