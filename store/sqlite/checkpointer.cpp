#include "store/sqlite/checkpointer.hpp"

#include <utility>

namespace klatch::store {

checkpointer::checkpointer(const std::filesystem::path& file, const char* vfs,
                           const start_background& start)
    : source_(file, database::access::read_write, vfs) {
  // Before it has read anything a connection does not know that there is a write-ahead log, and a
  // checkpoint does nothing and succeeds.
  source_.number("PRAGMA user_version");
  job_ = start([this] { pass(); });
}

void checkpointer::log_grew_to(std::size_t bytes, std::size_t step_bytes) {
  // It begins anew once all of it has been moved and nobody reads it.
  if (bytes < std::exchange(last_, bytes))
    begun_at_ = 0;
  if (bytes < begun_at_ + step_bytes)
    return;
  begun_at_ = bytes;
  job_->wake();
}

void checkpointer::pass() noexcept {
  if (source_.checkpoint() <= 0)
    return;
  // A pass that the writer has overtaken leaves what it has moved in the system's cache: whoever
  // moves the rest would have to wait for all of it.
  source_.sync_file();
  moved_.store(true, std::memory_order_relaxed);
}

} // namespace klatch::store
