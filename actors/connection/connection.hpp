/// The actor of one WebSocket connection.
#pragma once

#include "actors/archive/pending_limit.hpp"
#include "actors/connection/identity.hpp"
#include "actors/connection/inbox_feed.hpp"
#include "actors/connection/rate_limit.hpp"
#include "actors/connection/routes.hpp"
#include "actors/connection/transport.hpp"
#include "actors/runtime/lean_actor.hpp"
#include "messages/archive_messages.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"
#include "messages/limits.hpp"
#include "messages/routing_messages.hpp"
#include "messages/supervision_messages.hpp"
#include "messages/wire/decoder.hpp"
#include "messages/wire/encode_session.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::actors {

/// Where messages are stored.
struct archive_access {
  archive_actor writer;
  archive_reader_actor reader;         ///< of inboxes
  archive_reader_actor queries;        ///< reads what clients want to know
  std::shared_ptr<pending_limit> gate; ///< to be passed before any of them is sent anything
  std::string epoch;
};

class rate_table;

/// How many frames a connection may keep up for each send: one that has received a message says so,
/// asks for pages of what was, and so on. All of them count: fragments, pings and pongs as well.
inline constexpr unsigned frames_for_a_send = 6;
/// How many connections' bytes a user may keep up over all of their devices.
inline constexpr std::size_t full_devices = 4;
/// What one worker decodes by the slow decoder: text that is no JSON, or that the fast one cannot
/// read. It takes some 5 ms for 128 KiB, during which all others of the worker wait.
inline constexpr rate slow_decoding_rate{0, 128UL * 1024, std::chrono::milliseconds{250}};

/// What all connections of one worker share. Outlives them.
struct connection_scope {
  const limits& allowed;
  decoder& frames;
  supervisor_actor supervisor;
  std::optional<archive_access> archive = std::nullopt; ///< nothing: messages are not stored
  std::chrono::seconds ping_every{25};
  rate_table* users = nullptr; ///< what each may send over all devices; null: no limit
  rate send_rate{allowed.send_rate};
  rate frame_rate{allowed.send_rate * frames_for_a_send, allowed.byte_rate}; ///< of everything
  rate refusal_rate{allowed.send_rate, allowed.byte_rate};
  /// Of all connections together.
  mutable rate_limit slow_decoding{};
};

/// Takes what a client says, has its messages stored or routes them to other connections, and
/// passes on what is sent to its user.
///
/// The transport calls the `on_…` functions on the home worker, between two messages. Frames are
/// answered in order: while an answer has to be waited for, the transport is paused.
///
/// In five files: the connection as such, `connection_rates.cpp` for what it may ask for,
/// `connection_routes.cpp` for messages that are not stored, `connection_inbox.cpp` for those that
/// are, `connection_ids.cpp` for ids of older versions.
class connection final : public lean<connection, connection_actor> {
public:
  connection(caf::actor_config& cfg, caf::execution_unit& home, const connection_scope& scope,
             std::shared_ptr<transport> client, directory_table_ptr directory);

  /// A whole text message from the client, valid UTF-8.
  void on_text(std::string_view text);
  /// Something of `bytes` has come that is no text: a fragment, a ping or pong, a piece of a frame.
  /// It counts as a text does.
  void on_other_input(std::size_t bytes);
  /// Whether what comes may still be looked at after the transport has begun to close; counts
  /// `bytes`.
  bool may_go_on(std::size_t bytes);
  /// A pong has come, also where the transport takes no more frames.
  void on_pong(std::string_view payload);
  /// What a ping carries now, so that its pong says how much of the inbox a plain client has: a
  /// number, or nothing where all is known to have arrived.
  std::string delivery_mark() const;
  /// The time allowed between the upgrade and the registration is over.
  void on_registration_due();
  /// All that was sent has been handed to the system.
  void on_drained();
  /// The transport takes no more frames.
  void on_closing();
  /// The socket is gone; nothing follows.
  void on_closed();

  const char* name() const override { return "connection"; }

protected:
  void on_start() override;
  void on_exit() override;
  /// A delivery that comes too late goes back to its sender.
  void on_late(const caf::mailbox_element& element) override;

private:
  friend class lean<connection, connection_actor>;

  using devices = std::vector<connection_actor>;
  using devices_view = std::span<const connection_actor>;

  enum class stage : std::uint8_t { waiting, registering, registered, leaving };

  /// Does what a frame asks for; `text` is the frame.
  void take(const decoded_frame& said, std::string_view text);
  void handle(const registration& asked, const frame_key& key);
  void handle(const user_message& asked, const frame_key& key);
  void handle(const received& said, const frame_key& key);
  void handle(const have_read& said, const frame_key& key);
  void handle(const history_query& asked, const frame_key& key);
  void handle(const conversations_query& asked, const frame_key& key);
  void handle(const ping& asked, const frame_key& key);
  void handle(const fault& found, const frame_key& key);

  void register_at_directory();
  void on(registered& answered);
  void confirm_registration(const welcome& as_extended);
  /// The registration is answered; returns its key.
  owned_key registration_key();
  dialect speaks() const noexcept { return speaks_; }
  /// Takes a frame of `bytes` of the rates; returns how long to wait, zero: it is taken.
  rate::clock::duration take_frame(std::size_t bytes, rate::clock::time_point now);
  /// Nothing where the slow decoder would have to be asked and has too much to do; the client has
  /// been told.
  std::optional<decoded_frame> decode(std::string_view text, rate::clock::time_point now);
  /// Takes `text` of the slow decoder's rate; false if that has too much to do, and the client has
  /// been told.
  bool takes_slow_decoder(std::string_view text, rate::clock::time_point now);
  bool within_send_rate(const decoded_frame& said, std::size_t bytes, rate::clock::time_point now);
  void refuse_undecoded(rate::clock::duration wait, std::string_view text,
                        rate::clock::time_point now);
  /// Closes where that has been ignored too often.
  void tell_to_wait(rate::clock::duration wait, const frame_key& about, std::size_t bytes,
                    rate::clock::time_point now);
  /// What others see of the sender: a plain client's frames may say so themselves.
  std::string_view name_for(const user_message& asked) const;
  std::string_view color_for(const user_message& asked) const;
  /// Takes nothing more from the client until as many `release`.
  void hold();
  void release();

  // Messages that are not stored.
  void route_message(const user_message& asked, const frame_key& key);
  void find_then_deliver(user_id to, frame text, const frame_key& key);
  void on(const lookup_result& answered);
  /// The shard that was asked is no more.
  void give_up_look_up();
  /// The answer to an extended client where nothing is stored.
  void confirm_handed_on(const frame_key& of);
  void deliver(devices_view receivers, const frame& text);
  void deliver_to_siblings(const frame& text);
  void set_siblings(devices others);
  void remember(std::string_view to, devices_view receivers);
  void stop_following(std::string_view user);
  void drop_routes();

  void on(const delivery& arrived);
  void give_back(const caf::mailbox_element& element);
  void on(const undelivered& returned);

  // Messages that are stored.
  void store(const user_message& asked, const frame_key& key);
  /// One of the sends that wait to be stored does so no more.
  void send_settled();
  /// Sends `ack` in the place of the entry `seq`, or at once where the client is past that: a page
  /// may have brought the entry, or an earlier connection.
  void acknowledge(std::uint64_t seq, const frame& ack);
  void on(const duplicate& again);
  void on(const store_failed& refused);
  /// Has it kept what the user has registered as.
  void keep_profile();
  void on(const mark_failed& what);
  /// `key`: of the frame that sets it.
  template<class Mark>
  void send_mark(Mark what, const frame_key& key = {});
  void open_inbox();
  void on(const inbox_opened& opened);
  void begin_inbox(const inbox_opened& opened);
  void on(const inbox_entry& arrived);
  void send_entry(const inbox_entry& arrived);
  /// Sends the acknowledgements that are held for the entry `seq`; says whether there were any.
  bool send_acks(std::uint64_t seq);
  /// Has the next page read, if the client is behind and reads.
  void catch_up();
  void on(const inbox_page& page);
  void on(const client_frame& what);
  /// Pings a plain client that is not known to have all that it was sent; at most once a second,
  /// and once until it answers.
  void ask_for_delivery();
  void on(const delivery_due& now);
  template<class Query>
  void ask_reader(read_failed::part of, Query query);
  /// Of the reader's, to the client's query.
  void wait_for_answer(const frame_key& key);
  /// The query that the reader was asked is answered; returns its key.
  owned_key answered();
  void on(const query_result& found);
  /// Takes the frame again once it is known which of its ids are stored as they are written.
  void resolve(const unusual_ids& found, const frame_key& key, std::string_view text);
  void take_again(std::string_view text, const as_written& known);
  void on(const ids_resolved& answered);
  /// The reader cannot say: the frame is refused.
  void give_up_ids();
  void on(const read_failed& what);
  void on(const reader_lost& now);
  static frame ack_for(const stored_message& what);
  welcome welcome_with(const inbox_opened& opened, std::uint64_t head, bool recovered) const;

  void on(const route_changed& changed);
  void on(const sibling_changed& changed);
  void on(const device_refused& now);
  void on(directory_changed& changed);
  void on(const inboxes_moved& now);
  void on(const notice& what);
  void on(const going_away& now);
  void on(const transport_closing& now);
  void on(const transport_closed& now);

  /// Answers with an error, and closes where the error's row says so.
  void refuse(error_code code, std::string_view text = {}, const frame_key& about = {});
  void close(close_code code);
  /// Nothing more is taken from or for the client; others are told.
  void leave();
  connection_actor self();

  /// A message whose recipient the directory has been asked for.
  struct look_up {
    user_id to;
    frame text;
    owned_key key;
  };

  /// A frame with ids that the archive's reader has been asked for; nothing more is read meanwhile.
  struct unresolved {
    std::string text;
    owned_key key;
    as_written known; ///< without the reader
    bool registers;
  };

  /// What few connections need for long.
  struct cold_state {
    std::unique_ptr<const resume_point> resume; ///< until the inbox is open
    /// The other devices of this user, where messages are not stored.
    devices siblings;
    /// The directory has not answered yet.
    std::optional<look_up> looked_up;
    std::unique_ptr<const unresolved> asked_for_ids;
    std::unique_ptr<const owned_key> registers; ///< of the registration, until it is answered
    std::unique_ptr<const owned_key> queries;   ///< of the query, until it is answered
    /// How often `rate_limited` may be ignored before the connection is closed.
    rate_limit refusals;
  };

  cold_state& rare();
  /// Frees it where it holds nothing.
  void free_cold_state();

  const connection_scope& scope_;
  std::shared_ptr<transport> client_;
  directory_table_ptr directory_;
  identity me_;                      ///< set by the first registration
  std::unique_ptr<cold_state> cold_; ///< nothing until it is needed
  routes<connection_actor> routes_;  ///< to users who are followed
  inbox_feed feed_;
  std::uint64_t legacy_delivered_ = 0; ///< by a plain client, which has answered a ping behind it
  rate_limit sends_;
  rate_limit frames_;
  std::uint16_t under_way_ = 0;  ///< sends that wait to be stored
  std::uint16_t uncharged_ = 0;  ///< bytes that have come and are not in `connection_scope::users`
  std::uint8_t pause_count_ = 0; ///< while there are any the transport is paused
  dialect speaks_ = dialect::plain;
  stage stage_ = stage::waiting;
  bool reading_inbox_ : 1 = false;  ///< a page has been asked for, or will be once all is drained
  bool delivery_asked_ : 1 = false; ///< within the last second: `delivery_due` is on its way
  bool opening_inbox_ : 1 = false;  ///< the reader has been asked where it stands
  bool querying_ : 1 = false;       ///< the reader has been asked what the client wants to know
  bool reader_lost_ : 1 = false;    ///< it answers nothing
  bool in_directory_ : 1 = false;   ///< by the directory
  bool pong_due_ : 1 = false;       ///< a plain client has not answered that yet
  bool input_closed_ : 1 =
      false; ///< the transport takes no more frames; that message is on its way
};

} // namespace klatch::actors
