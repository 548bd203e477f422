/// What of an inbox goes out to a client, and when: replayed, then live, in the order of `seq` and
/// without a gap.
#pragma once

#include <cassert>
#include <cstdint>

namespace klatch::actors {

/// A client that is behind is sent pages of what is stored; what arrives live meanwhile is stored
/// too, so that it has only to be known how far the pages have to go. Once they have come there,
/// what arrives live goes out at once. If live entries are missing, for whatever reason, the client
/// is behind again. Knows no actors and no store.
class inbox_feed {
public:
  /// What is to be done with an entry that arrives live.
  enum class turn {
    now,   ///< it goes out
    early, ///< those in front of it have not come: hold it for a while, or `raise_head` to it
    past   ///< it goes out with a page, or has already
  };

  /// The client has everything before `next`, which is at least 1; the inbox ends, so far as is
  /// known, at `head`. Once.
  void open(std::uint64_t next, std::uint64_t head) noexcept {
    assert(!is_open() && next > 0);
    next_ = next;
    raise_head(head);
  }
  bool is_open() const noexcept { return next_ != 0; }

  /// The inbox goes up to `head` at least.
  void raise_head(std::uint64_t head) noexcept {
    if (head > head_)
      head_ = head;
  }

  /// Entry `seq` has arrived live.
  turn arrived(std::uint64_t seq) noexcept {
    assert(seq > 0);
    if (is_open() && !behind() && seq > next_)
      return turn::early;
    const bool was_behind = behind();
    raise_head(seq);
    if (!is_open() || was_behind || seq != next_)
      return turn::past;
    advance();
    return turn::now;
  }

  /// Entries are missing that are stored: a page is to be read, after `position`.
  bool behind() const noexcept { return is_open() && next_ <= head_; }
  /// The last entry that has gone out, or that the client has had before; 0: none, or not open.
  std::uint64_t position() const noexcept { return is_open() ? next_ - 1 : 0; }

  /// Entry `seq` has come with a page. Returns if it has to go out now: what lies beyond the known
  /// head arrives live.
  bool replayed(std::uint64_t seq) noexcept {
    if (seq != next_ || seq > head_)
      return false;
    advance();
    return true;
  }

private:
  /// The position rises by one at a time, and never beyond what is known to be there.
  void advance() noexcept {
    assert(is_open() && next_ <= head_);
    ++next_;
  }

  std::uint64_t next_ = 0; ///< to go out; 0: not open
  std::uint64_t head_ = 0; ///< the last entry that is known of
};

} // namespace klatch::actors
