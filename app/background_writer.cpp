#include "app/background_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <poll.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace klatch::app {

namespace {

constexpr std::chrono::seconds patience{1};
/// A pipe takes so much at once or nothing of it, so that others' lines do not come in between.
constexpr std::size_t piece_bytes = 4096;

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Whole lines, as many as fit; a part of one that does not.
std::string_view first_piece(std::string_view text) {
  if (text.size() <= piece_bytes)
    return text;
  const auto end = text.substr(0, piece_bytes).rfind('\n');
  return text.substr(0, end == std::string_view::npos ? piece_bytes : end + 1);
}

} // namespace

struct background_writer::state {
  state(int target, lost_lines say) : descriptor(target), describe(std::move(say)) {}

  void work();
  bool write_all(std::string_view text);
  std::string describe_lost(std::uint64_t lines) const {
    return lines > 0 && describe ? describe(lines) : std::string{};
  }

  const int descriptor;
  const lost_lines describe;
  std::mutex mutex;
  std::condition_variable changed;
  std::string waiting;
  std::uint64_t lost = 0;    ///< lines that came behind `waiting`
  std::uint64_t written = 0; ///< pieces
  bool over = false;
  bool done = false;
};

bool background_writer::state::write_all(std::string_view text) {
  while (!text.empty()) {
    const auto piece = first_piece(text);
    const auto count = ::write(descriptor, piece.data(), piece.size());
    if (count > 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
      const std::lock_guard guard{mutex};
      ++written;
    } else if (count < 0 && errno == EAGAIN) { // somebody else's choice for the same file
      pollfd ready{descriptor, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (count == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

void background_writer::state::work() {
  std::uint64_t unreported = 0; // lines that were dropped before what waits
  std::unique_lock lock{mutex};
  for (;;) {
    changed.wait(lock, [this] { return over || lost > 0 || !waiting.empty(); });
    if (waiting.empty() && lost == 0)
      break;
    const auto text = std::exchange(waiting, {});
    const auto lost_behind = std::exchange(lost, 0);
    lock.unlock();
    const auto all = describe_lost(unreported) + text + describe_lost(lost_behind);
    unreported = write_all(all) ? 0 : unreported + count_lines(text) + lost_behind;
    lock.lock();
  }
  done = true;
  changed.notify_all();
}

background_writer::background_writer(int descriptor, lost_lines describe)
    : state_(std::make_shared<state>(descriptor, std::move(describe))) {
  std::thread{[shared = state_] { shared->work(); }}.detach();
}

background_writer::~background_writer() {
  std::unique_lock lock{state_->mutex};
  state_->over = true;
  state_->changed.notify_all();
  for (auto before = state_->written;; before = state_->written)
    if (state_->changed.wait_for(lock, patience, [this] { return state_->done; }) ||
        state_->written == before)
      return;
}

void background_writer::write(std::string_view line) {
  {
    const std::lock_guard guard{state_->mutex};
    // What follows a gap comes behind the count that tells of it.
    if (state_->lost > 0 || state_->waiting.size() + line.size() > max_waiting)
      state_->lost += std::max<std::uint64_t>(count_lines(line), 1);
    else
      state_->waiting += line;
  }
  state_->changed.notify_one();
}

} // namespace klatch::app
