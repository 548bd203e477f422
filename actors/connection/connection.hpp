/// The actor of one WebSocket connection.
#pragma once

#include "actors/connection/cold_state.hpp"
#include "actors/connection/connection_scope.hpp"
#include "actors/connection/direct_delivery.hpp"
#include "actors/connection/identity.hpp"
#include "actors/connection/inbox.hpp"
#include "actors/connection/rates.hpp"
#include "actors/connection/sign_in.hpp"
#include "actors/connection/stage.hpp"
#include "actors/connection/transport.hpp"
#include "actors/runtime/lean_actor.hpp"
#include "messages/archive_messages.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"
#include "messages/routing_messages.hpp"
#include "messages/supervision_messages.hpp"
#include "messages/wire/decoder.hpp"
#include "messages/wire/encode_session.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::actors {

/// Handles what a client says, has its messages stored or routes them to other connections, and
/// passes on what is sent to its user.
///
/// The transport calls the public `on_…` functions on the home worker, between two messages. Frames
/// are answered in order, but for the answers to queries and to sends; while another answer has to
/// be waited for, the transport is paused.
///
/// This class is the wiring: a frame or message goes to the part that knows what to do, which does
/// it with the `core` that it is handed. The parts: `rates`, what the client may ask for; `inbox`
/// for messages that are stored, `direct_delivery` for those that are not; `queries`;
/// `id_resolution`, ids of older versions.
class connection final : public lean<connection, connection_actor> {
public:
  connection(caf::actor_config& cfg, caf::execution_unit& home, const connection_scope& scope,
             std::shared_ptr<transport> client, directory_table_ptr directory,
             std::string upgrade_token = {});

  /// A whole text message from the client, valid UTF-8.
  void on_text(std::string_view text);
  /// Something of `bytes` has come that is no text: a fragment, a ping or pong, a piece of a frame.
  /// It counts as a text does.
  void on_other_input(std::size_t bytes);
  /// Returns if what comes may still be looked at after the transport has begun to close; counts
  /// `bytes`.
  bool may_go_on(std::size_t bytes);
  /// A pong has come, also if the transport takes no more frames.
  void on_pong(std::string_view payload);
  /// Returns what a ping carries now, so that its pong says how much of the inbox a plain client
  /// has: a number, or nothing if all is known to have arrived.
  std::string delivery_mark() const { return inbox_.delivery_mark(speaks_); }
  /// The time allowed between the upgrade and the registration is over.
  void on_registration_due();
  /// The time that `transport::call_when_token_is_due` was asked for has come.
  void on_token_due();
  /// `connection_scope::access` has taken the place of `before`.
  void on_access_changed(const access_rules& before);
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
  class core;

  using cold_part = cold_pointer<cold_state<connection_actor>>;

  // Frames of the client; `key` is the frame's.
  void handle_frame(const decoded_frame& decoded, std::string_view text);
  void handle_registration(const registration& asked, const frame_key& key);
  void handle_message(const user_message& asked, const frame_key& key);
  void handle_received(const received& command, const frame_key& key);
  void handle_have_read(const have_read& command, const frame_key& key);
  void handle_query(const query& asked, const frame_key& key);
  void handle_ping(const frame_key& key);
  void handle_refresh(const refresh& asked, const frame_key& key);
  void handle_fault(const fault& found, const frame_key& key);
  void handle_unusual_ids(const unusual_ids& found, const frame_key& key, std::string_view text);

  // Messages of other connections and of the directory.
  void on_delivery(const delivery& arrived);
  void on_undelivered(const undelivered& returned);
  void on_introduction(const introduction& of);
  void on_registered(registered& answered);
  void on_lookup_result(const lookup_result& answered);
  void on_route_changed(const route_changed& changed);
  void on_sibling_changed(const sibling_changed& changed);
  void on_device_refused(const device_refused& refused);
  void on_notice(const notice& what);
  // Of the supervisor.
  void on_directory_changed(directory_changed& changed);
  void on_inboxes_moved(const inboxes_moved& moved);
  void on_inbox_grown(const inbox_grown& grown);
  void on_going_away(const going_away& going);
  void on_reader_lost(const reader_lost& lost);
  // Of the archive and its readers.
  void on_inbox_entry(const inbox_entry& arrived);
  void on_duplicate(const duplicate& again);
  void on_store_failed(const store_failed& failed);
  void on_mark_failed(const mark_failed& failed);
  void on_client_frame(const client_frame& what);
  void on_inbox_opened(const inbox_opened& opened);
  void on_inbox_page(const inbox_page& page);
  void on_query_result(const query_result& found);
  void on_ids_resolved(const ids_resolved& answered);
  void on_read_failed(const read_failed& failed);
  // Of its own.
  void on_delivery_due(const delivery_due& due);
  void on_held_due(const held_due& due);
  void on_read_again(const read_again& due);
  void on_transport_closing(const transport_closing& closing);
  void on_transport_closed(const transport_closed& closed);

  /// In the order of the interface.
  using handlers = handler_table<
      &connection::on_delivery, &connection::on_inbox_entry, &connection::on_undelivered,
      &connection::on_introduction, &connection::on_registered, &connection::on_lookup_result,
      &connection::on_route_changed, &connection::on_sibling_changed,
      &connection::on_device_refused, &connection::on_notice, &connection::on_directory_changed,
      &connection::on_inboxes_moved, &connection::on_inbox_grown, &connection::on_going_away,
      &connection::on_duplicate, &connection::on_store_failed, &connection::on_mark_failed,
      &connection::on_client_frame, &connection::on_inbox_opened, &connection::on_inbox_page,
      &connection::on_query_result, &connection::on_ids_resolved, &connection::on_read_failed,
      &connection::on_reader_lost, &connection::on_delivery_due, &connection::on_held_due,
      &connection::on_read_again, &connection::on_transport_closing,
      &connection::on_transport_closed>;

  /// Returns who it is, or has told the client why nobody.
  /// `renews`: it is a `refresh`.
  std::optional<admitted> let_in(const registration& asked, const frame_key& key,
                                 bool renews = false);
  /// The same of a visitor whom `request` would make a guest.
  std::optional<admitted> let_in_guest(const sign_in_request& request, const frame_key& key);
  void turn_down(const registration& asked, const turned_down& why, const frame_key& key);
  void note_expiry(std::optional<std::int64_t> expires);
  /// Nothing is stored of a guest before there is a message to or from them.
  void note_profile_of_guest();
  /// Returns false if it is a guest whom `to` has to write to first.
  bool may_write_first(std::string_view to) const {
    return !is_guest_ || (scope_.access->guests && scope_.access->guests->may_write_to(to));
  }
  void register_at_directory(bool again);
  void confirm_registration(const welcome& as_extended);
  /// What the welcome says of limits.
  limits limits_of_client() const;
  /// The registration is answered; returns its key.
  pending_registration take_registration();
  /// Without its inbox a client cannot go on: closes with `code`.
  void give_up_inbox(close_code code);

  /// Stops reading from the client. Nests: reading resumes after as many `resume_reading` calls.
  void pause_reading();
  void resume_reading();
  /// Sends an error, and closes if the error's row says so.
  void refuse(error_code code, std::string_view text = {}, const frame_key& about = {});
  void close(close_code code, std::string_view reason = {});
  /// Nothing more is taken from or for the client; the directory is told.
  void leave();
  /// Sends a delivery that nobody takes back to who has sent it.
  void give_back(const caf::mailbox_element& element);

  void enter(stage next);
  spoken counted_as() const noexcept;
  /// Adds `change` to the connections that speak as this one does.
  void count(int change) noexcept;
  void count_registration(registration_outcome outcome) noexcept {
    scope_.counters.registrations[outcome].add();
  }
  bool is_closed() const noexcept { return stage_ == stage::closed; }
  connection_actor self() { return connection_actor{this}; }

  const connection_scope& scope_;
  std::shared_ptr<transport> client_;
  directory_table_ptr directory_;
  identity me_; ///< set by the first registration
  cold_part cold_;
  direct_delivery<connection_actor> direct_;
  // No padding: the small members stand behind the parts, in what is left of their last words.
  [[no_unique_address]] inbox inbox_;
  std::uint8_t pause_count_ = 0; ///< while there are any the transport is paused
  dialect speaks_ = dialect::plain;
  stage stage_ = stage::connected;
  [[no_unique_address]] rates rates_;
  std::uint8_t time_to_renew_ = 0; ///< from when it is told to renew its token to its end, in s
  bool in_directory_ : 1 = false;  ///< has asked to be registered there
  bool reader_lost_ : 1 = false;   ///< it answers nothing
  bool has_token_ : 1 = false;     ///< and with it an end
  bool told_to_renew_ : 1 = false;
  bool resumes_ : 1 = false; ///< the registration that is to be answered asks to go on
  bool again_ : 1 = false;   ///< that registration is not the first one
  bool is_guest_ : 1 = false;
  bool profile_noted_ : 1 = false; ///< of a guest
};

} // namespace klatch::actors
