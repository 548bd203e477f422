/// What the parts of a connection do things with.
#pragma once

#include "actors/connection/connection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace klatch::actors {

/// All that a part may know of its connection and have it do. A test hands the parts another class
/// with the same functions. Costs nothing: made for one call, and inlined.
class connection::core {
public:
  explicit core(connection& of) noexcept : of_(of) {}

  // What the connection is.
  const connection_scope& scope() const noexcept { return of_.scope_; }
  const identity& me() const noexcept { return of_.me_; }
  dialect speaks() const noexcept { return of_.speaks_; }
  bool is_guest() const noexcept { return of_.is_guest_; }
  bool may_write_first(std::string_view to) const { return of_.may_write_first(to); }
  bool stores() const noexcept { return of_.scope_.archive.has_value(); }
  bool is_live() const noexcept { return of_.stage_ == stage::live; }
  /// Returns if what is sent may still go out.
  bool takes_frames() const noexcept { return of_.stage_ < stage::closing; }
  bool is_closed() const noexcept { return of_.is_closed(); }
  cold_part& cold() const noexcept { return of_.cold_; }
  std::chrono::steady_clock::time_point now() const { return of_.clock().now(); }
  std::int64_t wall_time_ms() const { return of_.scope_.time.wall_ms(); }
  std::string epoch() const { return of_.scope_.archive->epoch->get(); }
  std::chrono::seconds ping_every() const noexcept { return of_.scope_.ping_every; }

  // To the client.
  void send(const frame& text) const { of_.client_->send(text); }
  void send_error(const error_report& what) const { send(encode_error(speaks(), what)); }
  void ping(std::string_view payload) const { of_.client_->ping(payload); }
  bool drained() const { return of_.client_->drained(); }
  void call_when_drained() const { of_.client_->call_when_drained(); }
  void pause_reading() const { of_.pause_reading(); }
  void resume_reading() const { of_.resume_reading(); }
  void refuse(error_code code, std::string_view text = {}, const frame_key& about = {}) const {
    of_.refuse(code, text, about);
  }
  void close(close_code code) const { of_.close(code); }
  void confirm_registration(const welcome& what) const { of_.confirm_registration(what); }
  /// Handles the frame `text` once more: so much is known of its ids.
  void handle_again(std::string_view text, const as_written& known) const {
    of_.handle_frame(scope().frames.decode(text, speaks(), known), text);
  }

  // To other connections and the directory.
  void deliver(const connection_actor& device, const frame& text) const {
    of_.send(device, delivery{text});
  }
  /// The user writes to the guest of that device, who may answer.
  void introduce(const connection_actor& device) const {
    of_.send(device, introduction{me().user_as_id()});
  }
  /// Answered by `direct_delivery::on_lookup_result`.
  void look_up(const user_id& user) const {
    user_key wanted{me().project_as_id(), user};
    const auto& shard = of_.directory_->shard_of(wanted);
    of_.send(shard, lookup{std::move(wanted), of_.self()});
  }
  void unfollow(std::string_view user) const {
    const user_key followed{me().project_as_id(), user_id::parse(user).value()};
    of_.send(of_.directory_->shard_of(followed), klatch::unfollow{followed, of_.self()});
  }

  // To the archive. False: there is no room.
  bool store(const user_message& asked, user_id to, std::string_view ref) const {
    if (!archive().limit->enter(asked.message.size())) {
      scope().counters.messages_refused.add();
      return false;
    }
    const auto from = me().user_as_id();
    const auto project = me().project_as_id();
    const auto& writer = archive().writer_of(project, from, to);
    of_.send(writer, store_message{{.project = project,
                                    .from = from,
                                    .conversation = conversation_id::dialogue(from, std::move(to)),
                                    .cid = std::string{asked.cid},
                                    .name = std::string{sender_name(me(), speaks(), asked)},
                                    .color = std::string{sender_color(me(), speaks(), asked)},
                                    .text = std::string{asked.message}},
                                   std::string{ref},
                                   of_.self(),
                                   of_.clock().now(),
                                   !may_write_first(asked.to)});
    return true;
  }
  void note_profile() const {
    if (archive().limit->enter(me().name().size() + me().color().size()))
      of_.send(
          archive().writer_of(me().key()),
          klatch::note_profile{me().key(), std::string{me().name()}, std::string{me().color()}});
  }
  bool mark_received(std::uint64_t seq) const {
    return send_mark(archive().writer_of(me().key()), [&] {
      return klatch::mark_received{me().key(), seq};
    });
  }
  bool mark_legacy_delivered(std::uint64_t seq) const {
    return send_mark(archive().writer_of(me().key()), [&] {
      return klatch::mark_legacy_delivered{me().key(), seq};
    });
  }
  bool mark_read(user_id with, std::uint64_t n, std::string_view ref) const {
    const auto& writer = archive().writer_of(me().project_as_id(), me().user_as_id(), with);
    return send_mark(writer, [&] {
      return klatch::mark_read{me().key(), std::move(with), n, of_.self(), std::string{ref}};
    });
  }
  void call_read_again(std::chrono::seconds delay) const {
    of_.delayed_send(&of_, delay, read_again{});
  }
  void call_held_due(std::chrono::milliseconds delay) const {
    of_.delayed_send(&of_, delay, held_due{});
  }
  /// Returns true if what is stored may come here in another order.
  bool entries_may_cross() const noexcept { return archive().several_writers; }
  void call_delivery_due(std::chrono::seconds delay) const {
    of_.delayed_send(&of_, delay, delivery_due{});
  }

  // To the archive's readers, which answer each with a message, be it `read_failed`.
  void open_inbox() const {
    const auto* cold = of_.cold_.peek();
    const bool resumes = cold != nullptr && cold->resume != nullptr;
    ask_inbox(archive().reader_of(me().key()), read_failed::part::inbox,
              klatch::open_inbox{me().key(), resumes ? std::optional{*cold->resume} : std::nullopt,
                                 of_.self()});
  }
  void read_inbox(std::uint64_t after) const {
    ask_inbox(archive().reader_of(me().key()), read_failed::part::page,
              klatch::read_inbox{me().key(), after, speaks(), of_.self()});
  }
  void resolve_ids(std::optional<project_id> written, std::optional<project_id> spelled,
                   std::optional<user_id> user) const {
    ask_inbox(
        archive().readers.front(), read_failed::part::ids,
        klatch::resolve_ids{std::move(written), std::move(spelled), std::move(user), of_.self()});
  }
  void run_query(const query& asked, std::string_view ref) const {
    ask(archive().queries, archive().limit->queries, read_failed::part::client_query,
        klatch::run_query{me().key(), asked, std::string{ref}, of_.self()});
  }

private:
  const archive_access& archive() const noexcept { return *of_.scope_.archive; }

  bool send_mark(const archive_actor& writer, auto make) const {
    if (!archive().limit->marks.enter())
      return false;
    of_.send(writer, make());
    return true;
  }
  void ask_inbox(const archive_reader_actor& reader, read_failed::part of, auto question) const {
    ask(reader, archive().limit->inbox_asks, of, std::move(question));
  }
  void ask(const archive_reader_actor& reader, slots& room, read_failed::part of,
           auto question) const {
    if (of_.reader_lost_ || !room.enter())
      of_.send(&of_, read_failed{of});
    else
      of_.send(reader, std::move(question));
  }

  connection& of_;
};

} // namespace klatch::actors
