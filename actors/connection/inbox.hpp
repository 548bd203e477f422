/// The inbox of a connection's user: into the archive, and out to the client in its order.
#pragma once

#include "actors/connection/identity.hpp"
#include "actors/connection/inbox_feed.hpp"
#include "messages/errors.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/inbox_messages.hpp"
#include "messages/stored_message.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_session.hpp"
#include "store/cluster_times.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace klatch::actors {

/// Sends of one connection that may wait to be stored; then its socket waits too.
inline constexpr std::uint16_t max_sends_under_way = 256;
/// How often a plain client is pinged at most, to know what has been delivered.
inline constexpr std::chrono::seconds delivery_ping_interval{1};
/// When a reader that could not answer is asked again, and for how long.
inline constexpr std::chrono::seconds read_pause{1};
inline constexpr std::chrono::seconds read_patience{10};

/// A part of the connection, without actors: `core` is what it does things with.
class inbox {
public:
  // -- sends and marks of the client
  // ---------------------------------------------------------------

  void store(auto&& core, const user_message& asked, const frame_key& key) {
    auto to = user_id::parse(asked.to);
    if (!to)
      return core.refuse(error_code::bad_frame, "to_id is not a user's id", key);
    if (!core.store(asked, *std::move(to), key.ref))
      return core.refuse(error_code::unavailable, {}, key);
    if (++sends_under_way_ == max_sends_under_way)
      core.pause_reading();
  }
  bool has_sends_under_way() const noexcept { return sends_under_way_ > 0; }

  void on_duplicate(auto&& core, std::uint64_t seq, const frame& ack) {
    send_settled(core);
    if (!core.is_closed() && core.speaks() == dialect::extended)
      acknowledge(core, seq, ack);
  }

  void on_store_failed(auto&& core, error_code code, std::string_view text, const frame_key& key) {
    send_settled(core);
    core.refuse(code, text, key);
  }

  /// The client has its inbox up to `seq`.
  void handle_received(auto&& core, std::uint64_t seq, const frame_key& key) {
    seq = std::min(seq, feed_.position()); // Nobody has received what was not sent.
    if (seq > 0 && !core.mark_received(seq))
      refuse_mark(core, key);
  }

  void handle_have_read(auto&& core, const have_read& command, const frame_key& key) {
    auto with = user_id::parse(command.with);
    if (with && !core.mark_read(*std::move(with), command.n, key.ref))
      refuse_mark(core, key);
  }

  static void refuse_mark(auto&& core, const frame_key& key) {
    core.refuse(error_code::unavailable, "too many marks wait to be set: set this one again later",
                key);
  }

  // -- where it stands
  // -----------------------------------------------------------------------------

  /// Asks the reader where the inbox stands. The user is registered at the directory first, so that
  /// what is stored in between arrives live.
  void open(auto&& core) {
    opening_ = true;
    open_failed_ = false;
    core.open_inbox();
  }

  void on_opened(auto&& core, const inbox_opened& opened) {
    opening_ = false;
    readable_again(core);
    if (!core.takes_frames())
      return;
    if (!feed_.is_open())
      return begin(core, opened);
    // Registered again, by itself or since the directory's shard is another one now.
    feed_.raise_head(opened.head);
    if (!core.is_live())
      confirm(core, opened, feed_.position(), true);
    catch_up(core);
  }

  /// The reader could not answer: it is asked again after a while, for as long as `read_patience`.
  /// What comes live goes out meanwhile. Returns false if it is over.
  bool on_read_failed(auto&& core, read_failed::part what) {
    if (what == read_failed::part::page) {
      reading_ = page::failed;
    } else {
      opening_ = true;
      open_failed_ = true;
    }
    auto& since = core.cold().get().unreadable_since;
    if (!since)
      since = core.now();
    if (core.now() - *since >= read_patience)
      return false;
    core.call_read_again(read_pause);
    return true;
  }

  void on_read_again(auto&& core) {
    if (open_failed_) {
      open_failed_ = false;
      core.open_inbox();
    }
    if (reading_ == page::failed) {
      reading_ = page::asked;
      core.read_inbox(feed_.position());
    }
  }

  /// Entries may have been missed.
  void on_moved(auto&& core) {
    if (feed_.is_open())
      open(core);
  }

  /// The reader owes an answer, without which the client cannot go on.
  bool waits_for_reader() const noexcept { return opening_ || reading_ != page::none; }

  // -- out to the client
  // ---------------------------------------------------------------------------

  void on_entry(auto&& core, const inbox_entry& arrived) {
    if (arrived.own)
      send_settled(core);
    if (!core.takes_frames())
      return;
    switch (feed_.arrived(arrived.seq)) {
    case inbox_feed::turn::now:
      send_entry(core, arrived);
      return send_held(core);
    case inbox_feed::turn::early:
      if (core.entries_may_cross() && hold(core, arrived))
        return;
      drop_held(core);
      feed_.raise_head(arrived.seq);
      break;
    case inbox_feed::turn::past:
      break;
    }
    acknowledge_own(core, arrived);
    catch_up(core);
  }

  /// The inbox goes up to `head`.
  void on_grown(auto&& core, std::uint64_t head) {
    feed_.raise_head(head);
    if (feed_.behind())
      drop_held(core);
    catch_up(core);
  }

  /// Entries have been held for as long as they may.
  void on_held_due(auto&& core) {
    holding_ = false;
    drop_held(core);
    catch_up(core);
  }

  void on_page(auto&& core, const inbox_page& read) {
    assert(reading_ == page::asked);
    reading_ = page::none;
    readable_again(core);
    const auto before = feed_.position();
    for (const auto& each : read.entries) {
      if (!core.takes_frames())
        return;
      if (!feed_.replayed(each.seq))
        continue;
      if (!send_acks(core, each.seq) && each.wanted)
        core.send(each.text);
    }
    if (feed_.position() == before && feed_.behind()) // What was to be there has been trimmed.
      return core.close(close_code::internal_error);
    if (core.speaks() == dialect::plain)
      ping_for_delivery(core);
    catch_up(core);
  }

  /// All that was sent has been handed to the system.
  void on_drained(auto&& core) {
    if (reading_ != page::when_drained)
      return;
    reading_ = page::none;
    catch_up(core);
  }

  // -- what a plain client has
  // ---------------------------------------------------------------------

  /// Returns what a ping carries now, so that its pong says how much of the inbox a plain client
  /// has: a number, or nothing if all is known to have arrived.
  std::string delivery_mark(dialect speaks) const {
    if (speaks != dialect::plain || !feed_.is_open() || legacy_delivered_ == feed_.position())
      return {};
    return std::to_string(feed_.position());
  }

  void on_delivery_due(auto&& core) {
    pinged_lately_ = false;
    ping_for_delivery(core);
  }

  void on_pong(auto&& core, std::string_view payload) {
    std::uint64_t seq = 0;
    const auto* end = payload.data() + payload.size();
    const auto parsed = std::from_chars(payload.data(), end, seq);
    if (parsed.ec != std::errc{} || parsed.ptr != end || delivery_mark(core.speaks()).empty())
      return; // It answers a ping that asked for nothing.
    pong_due_ = false;
    seq = std::min(seq, feed_.position());                          // Nobody has what was not sent.
    if (seq > legacy_delivered_ && core.mark_legacy_delivered(seq)) // Otherwise it is asked again.
      legacy_delivered_ = seq;
    ping_for_delivery(core);
  }

private:
  enum class page : std::uint8_t {
    none,
    when_drained, ///< is asked for once all that was sent has been handed to the system
    asked,        ///< of the reader
    failed        ///< the reader could not answer, and is asked again
  };

  static void readable_again(auto&& core) {
    if (auto* cold = core.cold().peek())
      cold->unreadable_since.reset();
  }

  /// One of the sends that wait to be stored does so no more.
  void send_settled(auto&& core) {
    assert(sends_under_way_ > 0);
    if (sends_under_way_-- == max_sends_under_way)
      core.resume_reading();
  }

  /// Sends `ack` in the place of the entry `seq`, or at once if the client is past that: a page may
  /// have brought the entry, or an earlier connection.
  void acknowledge(auto&& core, std::uint64_t seq, const frame& ack) {
    if (seq > feed_.position())
      core.cold().get().acks.hold(seq, ack);
    else
      core.send(ack);
  }

  void acknowledge_own(auto&& core, const inbox_entry& arrived) {
    if (arrived.own && core.speaks() == dialect::extended)
      acknowledge(core, arrived.seq, ack_for(arrived));
  }

  /// Returns false if there is no room.
  bool hold(auto&& core, const inbox_entry& early) {
    if (!core.cold().get().entries.hold(early))
      return false;
    if (!holding_)
      core.call_held_due(store::entry_hold);
    holding_ = true;
    return true;
  }

  /// Sends what is held and is in turn now.
  void send_held(auto&& core) {
    while (true) {
      auto* cold = core.cold().peek();
      if (cold == nullptr || cold->entries.empty())
        return;
      const auto held = cold->entries.take(feed_.position() + 1);
      if (!held)
        return;
      feed_.arrived(held->seq);
      send_entry(core, *held);
    }
  }

  /// What is held comes with a page.
  void drop_held(auto&& core) {
    auto* cold = core.cold().peek();
    if (cold == nullptr)
      return;
    for (const auto& [seq, held] : cold->entries.take_all()) {
      feed_.raise_head(seq);
      acknowledge_own(core, held);
    }
  }

  void begin(auto&& core, const inbox_opened& opened) {
    auto* cold = core.cold().peek();
    const auto resume = cold == nullptr ? nullptr : std::exchange(cold->resume, nullptr);
    const bool recovered = resume != nullptr && opened.continues && resume->since <= opened.head &&
                           resume->since + 1 >= opened.floor;
    auto next = opened.head + 1;
    if (recovered)
      next = resume->since + 1;
    else if (core.speaks() == dialect::plain)
      next = std::max(opened.legacy_delivered + 1, opened.floor);
    legacy_delivered_ = next - 1;
    feed_.open(next, opened.head);
    confirm(core, opened, opened.head, recovered);
    if (recovered && resume->since > 0 && !core.mark_received(resume->since))
      refuse_mark(core, {});
    catch_up(core);
  }

  static void confirm(auto&& core, const inbox_opened& opened, std::uint64_t head, bool recovered) {
    const std::string epoch{core.epoch()};
    core.confirm_registration(welcome_with(core, epoch, opened, head, recovered));
  }

  static welcome welcome_with(auto&& core, std::string_view epoch, const inbox_opened& opened,
                              std::uint64_t head, bool recovered) {
    return {.id = core.me().user(),
            .epoch = epoch,
            .head = head,
            .floor = opened.floor,
            .recovered = recovered,
            .ping_every = core.ping_every()};
  }

  void send_entry(auto&& core, const inbox_entry& arrived) {
    const auto& what = *arrived.what;
    if (core.speaks() == dialect::extended) {
      if (arrived.own)
        core.send(ack_for(arrived));
      if (!send_acks(core, arrived.seq) && !arrived.own)
        core.send(*arrived.text);
      return;
    }
    // A message to oneself comes to the plain client that sent it too.
    if (!arrived.own || what.content.to() == what.content.from)
      core.send(encode(what.content));
    ping_for_delivery(core);
  }

  static frame ack_for(const inbox_entry& own) {
    return own.text ? *own.text : encode_ack({own.what->content.cid, {}}, own.what->numbers);
  }

  /// Sends the acknowledgements that are held for the entry `seq`. Returns if there were any.
  static bool send_acks(auto&& core, std::uint64_t seq) {
    auto* cold = core.cold().peek();
    if (cold == nullptr || cold->acks.empty())
      return false;
    bool any = false;
    while (const auto ack = cold->acks.take(seq)) {
      core.send(*ack);
      any = true;
    }
    return any;
  }

  /// Has the next page read, if the client is behind and reads.
  void catch_up(auto&& core) {
    if (reading_ != page::none || !core.is_live() || !feed_.behind())
      return;
    if (!core.drained()) {
      reading_ = page::when_drained;
      return core.call_when_drained();
    }
    reading_ = page::asked;
    core.read_inbox(feed_.position());
  }

  /// Pings a plain client that is not known to have all that it was sent; at most once in
  /// `delivery_ping_interval`, and once until it answers.
  void ping_for_delivery(auto&& core) {
    if (!core.takes_frames() || pong_due_ || pinged_lately_)
      return;
    const auto mark = delivery_mark(core.speaks());
    if (mark.empty())
      return;
    pong_due_ = pinged_lately_ = true;
    core.ping(mark);
    core.call_delivery_due(delivery_ping_interval);
  }

  inbox_feed feed_;
  std::uint64_t legacy_delivered_ = 0; ///< by a plain client, which has answered a ping behind it
  std::uint16_t sends_under_way_ = 0;  ///< that wait to be stored
  page reading_ = page::none;
  bool opening_ : 1 = false;       ///< the reader has been asked where it stands
  bool open_failed_ : 1 = false;   ///< and could not answer, and is asked again
  bool pong_due_ : 1 = false;      ///< the last ping for delivery has not been answered
  bool pinged_lately_ : 1 = false; ///< `delivery_due` is on its way
  bool holding_ : 1 = false;       ///< `held_due` is on its way
};

} // namespace klatch::actors
