#include "store/checkpointer.hpp"

#include <sqlite3.h>
#include <utility>

namespace klatch::store {

checkpointer::checkpointer(const std::filesystem::path& file, std::size_t step_bytes)
    : source_(file, database::access::read_write), step_(step_bytes), next_(step_bytes),
      thread_([this] { work(); }) {}

checkpointer::~checkpointer() {
  {
    const std::lock_guard guard{mutex_};
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void checkpointer::log_grew_to(std::size_t bytes) {
  // It begins anew once all of it has been moved and nobody reads it.
  if (bytes < std::exchange(last_, bytes))
    next_ = step_;
  if (bytes < next_)
    return;
  next_ = bytes + step_;
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
    sqlite3_wal_checkpoint_v2(source_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
    lock.lock();
  }
}

} // namespace klatch::store
