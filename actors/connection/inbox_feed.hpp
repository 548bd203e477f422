/// What of an inbox goes out to a client, and when: replayed, then live, in the order of `seq` and
/// without a gap.
#pragma once

#include "messages/frame.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace klatch::actors {

/// A client that is behind is sent pages of what is stored; what arrives live meanwhile is stored
/// too, so that it has only to be known how far the pages have to go. Once they have come there,
/// what arrives live goes out at once. Where live entries are missing, for whatever reason, the
/// client is behind again. Knows no actors and no store.
class inbox_feed {
public:
  /// The client has everything before `next`; the inbox ends, so far as is known, at `head`.
  void open(std::uint64_t next, std::uint64_t head) {
    next_ = next;
    told_of(head);
  }
  bool is_open() const noexcept { return next_ != 0; }

  /// The inbox goes up to `head` at least.
  void told_of(std::uint64_t head) noexcept {
    if (head > head_)
      head_ = head;
  }

  /// Entry `seq` has arrived live; says whether it has to go out now. If not, it goes out with a
  /// page, or has already.
  bool arrived(std::uint64_t seq) noexcept {
    const bool was_behind = behind();
    told_of(seq);
    if (!is_open() || was_behind || seq != next_)
      return false;
    ++next_;
    return true;
  }

  /// Entries are missing that are stored: a page is to be read, after `position`.
  bool behind() const noexcept { return is_open() && next_ <= head_; }
  /// The last entry that has gone out, or that the client has had before; 0: none, or not open.
  std::uint64_t position() const noexcept { return is_open() ? next_ - 1 : 0; }

  /// Entry `seq` has come with a page; says whether it has to go out now. What lies beyond the
  /// known head arrives live.
  bool replayed(std::uint64_t seq) noexcept {
    if (seq != next_ || seq > head_)
      return false;
    ++next_;
    return true;
  }

  /// An acknowledgement goes out in the place of the entry `seq`, which has not gone out: were it
  /// sent before, the client would take it for its cursor and miss what lies between.
  void hold_ack(std::uint64_t seq, frame ack) {
    if (acks_ == nullptr)
      acks_ = std::make_unique<held_acks>();
    acks_->emplace(seq, std::move(ack));
  }
  /// An acknowledgement held for the entry `seq`; there may be several.
  std::optional<frame> take_ack(std::uint64_t seq) {
    if (acks_ == nullptr)
      return std::nullopt;
    auto held = acks_->extract(seq);
    if (acks_->empty())
      acks_.reset();
    return held ? std::optional{std::move(held.mapped())} : std::nullopt;
  }

private:
  using held_acks = std::multimap<std::uint64_t, frame>;

  std::uint64_t next_ = 0;          ///< to go out; 0: not open
  std::uint64_t head_ = 0;          ///< the last entry that is known of
  std::unique_ptr<held_acks> acks_; ///< by seq; no more than sends that were under way
};

} // namespace klatch::actors
