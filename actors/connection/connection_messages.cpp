/// What other actors send a connection: each message goes to the part that it is about.
#include "actors/connection/connection.hpp"
#include "actors/connection/connection_core.hpp"

#include <utility>

namespace klatch::actors {

// -- from other connections and the directory -----------------------------------------------------

void connection::on_delivery(const delivery& arrived) {
  if (stage_ < stage::closing)
    return client_->send(speaks_ == dialect::plain && arrived.text.is_of_guest()
                             ? with_guest_mark(arrived.text)
                             : arrived.text);
  give_back(*current_mailbox_element());
}

void connection::on_undelivered(const undelivered& returned) {
  if (is_closed())
    return;
  direct_.on_undelivered(core{*this}, returned.to.str(), returned.device);
  cold_.free_if_unused();
}

void connection::on_introduction(const introduction& of) {
  if (is_guest_ && !is_closed())
    cold_.get().introduced.add(of.from.str());
}

void connection::on_lookup_result(const lookup_result& answered) {
  direct_.on_lookup_result(core{*this}, answered.devices);
  cold_.free_if_unused();
}

void connection::on_route_changed(const route_changed& changed) {
  if (is_closed() || changed.user.project.str() != me_.project())
    return;
  const auto& user = changed.user.user.str();
  if (changed.gone == nullptr)
    direct_.on_devices_changed(user);
  else
    direct_.on_device_gone(user, changed.gone);
}

void connection::on_sibling_changed(const sibling_changed& changed) {
  if (is_closed())
    return;
  direct_.on_sibling_changed(core{*this}, changed.device, changed.present);
  cold_.free_if_unused();
}

/// Who comes and goes is not for visitors whom nobody knows.
void connection::on_notice(const notice& what) {
  if (!is_guest_)
    client_->send(what.text);
}

// -- from the supervisor --------------------------------------------------------------------------

void connection::on_directory_changed(directory_changed& changed) {
  const auto before = std::exchange(directory_, std::move(changed.table));
  if (!me_ || is_closed())
    return;
  const auto replaced = [&](const user_key& user) {
    return before->shard_of(user) != directory_->shard_of(user);
  };
  const auto me = me_.key();
  direct_.on_shards_replaced(core{*this}, [&](std::string_view user) {
    return replaced({me.project, user_id::parse(user).value()});
  });
  cold_.free_if_unused();
  if (!replaced(me))
    return;
  // What became of sends that are under way went to the shard that is no more: the client asks
  // again, with the same cids, when it is back.
  if (inbox_.has_sends_under_way())
    return close(close_code::internal_error);
  register_at_directory(true);
}

void connection::on_inboxes_moved(const inboxes_moved& /*moved*/) {
  if (!is_closed() && scope_.archive)
    inbox_.on_moved(core{*this});
}

void connection::on_inbox_grown(const inbox_grown& grown) {
  if (is_closed())
    return;
  inbox_.on_grown(core{*this}, grown.head);
  cold_.free_if_unused();
}

void connection::on_going_away(const going_away& going) {
  if (is_closed() || (me_ && speaks_ == dialect::plain && !going.plain_too))
    return;
  if (speaks_ == dialect::extended)
    client_->send(encode_reconnect(going.reconnect_ms));
  close(close_code::service_restart);
}

void connection::on_reader_lost(const reader_lost& /*lost*/) {
  reader_lost_ = true;
  if (is_closed())
    return;
  if (auto* cold = cold_.peek()) {
    cold->ids.give_up(core{*this});
    cold->asked.give_up(core{*this});
    cold_.free_if_unused();
  }
  if (inbox_.waits_for_reader())
    give_up_inbox(close_code::internal_error);
}

// -- from the archive and its readers -------------------------------------------------------------

void connection::on_inbox_entry(const inbox_entry& arrived) {
  if (arrived.own && speaks_ == dialect::extended)
    scope_.counters.acks.record(clock().now() - arrived.came);
  if (is_guest_)
    note_profile_of_guest();
  inbox_.on_entry(core{*this}, arrived);
}

void connection::on_duplicate(const duplicate& again) {
  inbox_.on_duplicate(core{*this}, again.seq, again.ack);
}

void connection::on_store_failed(const store_failed& failed) {
  const bool may_not = is_guest_ && failed.code == error_code::forbidden;
  const auto text = may_not ? guests_only_answer : std::string_view{};
  inbox_.on_store_failed(core{*this}, failed.code, text, {failed.cid, failed.ref});
}

void connection::on_mark_failed(const mark_failed& failed) {
  inbox::refuse_mark(core{*this}, {{}, failed.ref});
}

void connection::on_client_frame(const client_frame& what) {
  if (stage_ == stage::live && speaks_ == dialect::extended)
    client_->send(what.text);
}

void connection::on_inbox_opened(const inbox_opened& opened) {
  if (is_guest_ && opened.head > 0)
    note_profile_of_guest();
  inbox_.on_opened(core{*this}, opened);
  cold_.free_if_unused();
}

void connection::on_inbox_page(const inbox_page& page) {
  inbox_.on_page(core{*this}, page);
  cold_.free_if_unused();
}

// Once the reader is lost, its last answer may come behind a query that it was not asked any more.
void connection::on_query_result(const query_result& found) {
  if (auto* cold = cold_.peek(); cold != nullptr && !reader_lost_)
    cold->asked.on_result(core{*this}, found);
  cold_.free_if_unused();
}

void connection::on_ids_resolved(const ids_resolved& answered) {
  if (auto* cold = cold_.peek(); cold != nullptr && !reader_lost_)
    cold->ids.on_resolved(core{*this}, answered);
  cold_.free_if_unused();
}

void connection::on_read_failed(const read_failed& failed) {
  if (is_closed())
    return;
  if (failed.of == read_failed::part::inbox || failed.of == read_failed::part::page) {
    if (reader_lost_)
      give_up_inbox(close_code::internal_error);
    else if (!inbox_.on_read_failed(core{*this}, failed.of))
      give_up_inbox(close_code::try_again_later);
    return;
  }
  auto* cold = cold_.peek();
  if (cold != nullptr && failed.of == read_failed::part::ids)
    cold->ids.give_up(core{*this});
  else if (cold != nullptr)
    cold->asked.on_failed(core{*this});
  cold_.free_if_unused();
}

void connection::give_up_inbox(close_code code) {
  refuse(error_code::unavailable, {}, take_registration().key.view());
  close(code);
}

void connection::on_held_due(const held_due& /*due*/) {
  if (is_closed())
    return;
  inbox_.on_held_due(core{*this});
  cold_.free_if_unused();
}

void connection::on_read_again(const read_again& /*due*/) {
  if (!is_closed())
    inbox_.on_read_again(core{*this});
}

void connection::on_delivery_due(const delivery_due& /*due*/) {
  inbox_.on_delivery_due(core{*this});
}

} // namespace klatch::actors
