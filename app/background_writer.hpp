/// Text that goes out to a descriptor whether or not anybody takes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace klatch::app {

/// Writes lines to a descriptor on a thread of its own, in their order. Who has one written never
/// waits: 256 KiB may wait to be written, and what comes when there is no room for it is dropped
/// and counted, as is what cannot be written. The count is written as soon as writing goes on, in
/// the place of what it counts.
class background_writer {
public:
  static constexpr std::size_t max_waiting = 256UL * 1024;

  /// Makes the line, with its end, that says how many lines were dropped.
  using lost_lines = std::function<std::string(std::uint64_t)>;

  /// `descriptor` stays open until the process ends. Without `describe` nothing is said of what
  /// was dropped.
  explicit background_writer(int descriptor, lost_lines describe = {});
  /// Has everything written that waits, and gives up if for a second nothing of it is taken.
  ~background_writer();

  background_writer(background_writer&&) = delete;
  background_writer& operator=(background_writer&&) = delete;

  /// `line` has its end. On any thread.
  void write(std::string_view line);

private:
  struct state;

  /// Shared with the thread, which may be in a system call for as long as the process lives.
  std::shared_ptr<state> state_;
};

} // namespace klatch::app
