// Messages that are stored: into the archive, and out of the user's inbox in its order.
#include "actors/connection/connection.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_pages.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace klatch::actors {

namespace {

/// Sends of one connection that may wait to be stored; then its socket waits too.
constexpr std::size_t max_under_way = 256;
/// From one time that a plain client is asked what it has taken to the next.
constexpr std::chrono::seconds asking_pause{1};
constexpr std::string_view too_many_marks =
    "too many marks wait to be set: set this one again later";

} // namespace

// -- in -------------------------------------------------------------------------------------------

void connection::store(const user_message& asked, const frame_key& key) {
  auto to = user_id::parse(asked.to);
  if (!to)
    return refuse(error_code::bad_frame, "to_id is not a user's id", key);
  if (!scope_.archive->gate->enter(asked.message.size()))
    return refuse(error_code::unavailable, {}, key);
  send(scope_.archive->writer,
       store_message{{.project = me_.project_as_id(),
                      .from = me_.user_as_id(),
                      .conversation = conversation_id::dialogue(me_.user_as_id(), *std::move(to)),
                      .cid = std::string{asked.cid},
                      .name = std::string{name_for(asked)},
                      .color = std::string{color_for(asked)},
                      .text = std::string{asked.message}},
                     self()});
  if (++under_way_ == max_under_way)
    hold();
}

void connection::send_settled() {
  if (under_way_-- == max_under_way)
    release();
}

void connection::on(const duplicate& again) {
  send_settled();
  if (stage_ != stage::leaving && speaks() == dialect::extended)
    acknowledge(again.seq, again.ack);
}

void connection::acknowledge(std::uint64_t seq, const frame& ack) {
  if (seq > feed_.position())
    feed_.hold_ack(seq, ack);
  else
    client_->send(ack);
}

void connection::on(const store_failed& refused) {
  send_settled();
  refuse(error_code::unavailable, {}, {refused.cid, {}});
}

frame connection::ack_for(const stored_message& what) {
  return encode_ack({what.content.cid, {}}, what.numbers);
}

// -- out ------------------------------------------------------------------------------------------

// Where the archive has no room, the name comes with the next registration.
void connection::keep_profile() {
  const auto bytes = me_.name().size() + me_.color().size();
  if (scope_.archive->gate->enter(bytes))
    send(scope_.archive->writer,
         note_profile{me_.key(), std::string{me_.name()}, std::string{me_.color()}});
}

void connection::open_inbox() {
  opening_inbox_ = true;
  const bool resumes = cold_ != nullptr && cold_->resume != nullptr;
  ask_reader(read_failed::part::inbox,
             klatch::open_inbox{me_.key(), resumes ? std::optional{*cold_->resume} : std::nullopt,
                                self()});
}

void connection::on(const inbox_opened& opened) {
  opening_inbox_ = false;
  if (stage_ == stage::leaving)
    return;
  if (!feed_.is_open())
    return begin_inbox(opened);
  // Registered again, by itself or since the directory's shard is another one now.
  feed_.told_of(opened.head);
  if (stage_ != stage::registered)
    confirm_registration(welcome_with(opened, feed_.position(), true));
  catch_up();
}

void connection::on(const inboxes_moved& /*now*/) {
  if (stage_ != stage::leaving && feed_.is_open())
    open_inbox();
}

void connection::begin_inbox(const inbox_opened& opened) {
  const auto resume = cold_ == nullptr ? nullptr : std::exchange(cold_->resume, nullptr);
  free_cold_state();
  const bool recovered = resume != nullptr && opened.continues && resume->since <= opened.head &&
                         resume->since + 1 >= opened.floor;
  auto next = opened.head + 1;
  if (recovered)
    next = resume->since + 1;
  else if (speaks() == dialect::plain)
    next = std::max(opened.taken + 1, opened.floor);
  legacy_delivered_ = next - 1;
  feed_.open(next, opened.head);
  confirm_registration(welcome_with(opened, opened.head, recovered));
  if (recovered && resume->since > 0)
    send_mark(mark_received{me_.key(), resume->since});
  catch_up();
}

welcome connection::welcome_with(const inbox_opened& opened, std::uint64_t head,
                                 bool recovered) const {
  return {.id = me_.user(),
          .epoch = scope_.archive->epoch,
          .head = head,
          .floor = opened.floor,
          .recovered = recovered,
          .ping_every = scope_.ping_every};
}

void connection::on(const inbox_entry& arrived) {
  if (arrived.own)
    send_settled();
  if (stage_ == stage::leaving || input_closed_)
    return;
  if (feed_.arrived(arrived.seq))
    return send_entry(arrived);
  if (arrived.own && speaks() == dialect::extended)
    acknowledge(arrived.seq, ack_for(*arrived.what));
  catch_up();
}

void connection::send_entry(const inbox_entry& arrived) {
  const auto& what = *arrived.what;
  if (speaks() == dialect::extended) {
    if (arrived.own)
      client_->send(ack_for(what));
    if (!send_acks(arrived.seq) && !arrived.own)
      client_->send(*arrived.text);
    return;
  }
  // A message to oneself comes to the plain client that sent it too.
  if (!arrived.own || what.content.to() == what.content.from)
    client_->send(encode(what.content));
  ask_for_delivery();
}

bool connection::send_acks(std::uint64_t seq) {
  bool any = false;
  while (const auto ack = feed_.take_ack(seq)) {
    client_->send(*ack);
    any = true;
  }
  return any;
}

void connection::catch_up() {
  if (reading_inbox_ || stage_ != stage::registered || input_closed_ || !feed_.behind())
    return;
  reading_inbox_ = true;
  if (!client_->drained())
    return client_->call_when_drained();
  ask_reader(read_failed::part::inbox, read_inbox{me_.key(), feed_.position(), speaks(), self()});
}

void connection::on(const inbox_page& page) {
  reading_inbox_ = false;
  const auto before = feed_.position();
  for (const auto& each : page.entries) {
    if (stage_ == stage::leaving || input_closed_)
      return;
    if (!feed_.replayed(each.seq))
      continue;
    if (!send_acks(each.seq) && each.wanted)
      client_->send(each.text);
  }
  if (feed_.position() == before && feed_.behind()) // What was to be there has been trimmed.
    return close(close_code::internal_error);
  if (speaks() == dialect::plain)
    ask_for_delivery();
  catch_up();
}

void connection::on_drained() {
  if (!reading_inbox_)
    return;
  reading_inbox_ = false;
  catch_up();
}

void connection::on(const client_frame& what) {
  if (stage_ == stage::registered && speaks() == dialect::extended)
    client_->send(what.text);
}

// -- marks ----------------------------------------------------------------------------------------

std::string connection::delivery_mark() const {
  if (speaks() != dialect::plain || !feed_.is_open() || legacy_delivered_ == feed_.position())
    return {};
  return std::to_string(feed_.position());
}

void connection::ask_for_delivery() {
  if (stage_ == stage::leaving || input_closed_ || pong_due_ || delivery_asked_)
    return;
  const auto mark = delivery_mark();
  if (mark.empty())
    return;
  pong_due_ = delivery_asked_ = true;
  client_->ping(mark);
  delayed_send(this, asking_pause, delivery_due{});
}

void connection::on(const delivery_due& /*now*/) {
  delivery_asked_ = false;
  ask_for_delivery();
}

void connection::on_pong(std::string_view payload) {
  on_other_input(payload.size());
  std::uint64_t seq = 0;
  const auto* end = payload.data() + payload.size();
  const auto parsed = std::from_chars(payload.data(), end, seq);
  if (parsed.ec != std::errc{} || parsed.ptr != end || delivery_mark().empty())
    return; // It answers a ping that asked for nothing.
  pong_due_ = false;
  // Nobody has taken what was not sent.
  seq = std::min(seq, feed_.position());
  if (seq > legacy_delivered_ &&
      scope_.archive->gate->marks.enter()) { // Otherwise it is asked again.
    legacy_delivered_ = seq;
    send(scope_.archive->writer, mark_legacy_delivered{me_.key(), legacy_delivered_});
  }
  ask_for_delivery();
}

void connection::handle(const received& said, const frame_key& key) {
  if (!scope_.archive)
    return;
  // Nobody has received what was not sent.
  const auto seq = std::min(said.seq, feed_.position());
  if (seq > 0)
    send_mark(mark_received{me_.key(), seq}, key);
}

void connection::handle(const have_read& said, const frame_key& key) {
  if (!scope_.archive)
    return;
  if (auto with = user_id::parse(said.with))
    send_mark(mark_read{me_.key(), *std::move(with), said.n, self(), std::string{key.ref}}, key);
}

template<class Mark>
void connection::send_mark(Mark what, const frame_key& key) {
  if (scope_.archive->gate->marks.enter())
    send(scope_.archive->writer, std::move(what));
  else
    refuse(error_code::unavailable, too_many_marks, key);
}

void connection::on(const mark_failed& what) {
  refuse(error_code::unavailable, too_many_marks, {{}, what.ref});
}

// -- queries --------------------------------------------------------------------------------------

template<class Query>
void connection::ask_reader(read_failed::part of, Query query) {
  const auto& [writer, reader, queries, gate, epoch] = *scope_.archive;
  const bool is_query = of == read_failed::part::query;
  if (reader_lost_ || !(is_query ? gate->queries : gate->inbox_asks).enter())
    send(this, read_failed{of});
  else
    send(is_query ? queries : reader, std::move(query));
}

template void connection::ask_reader(read_failed::part of, resolve_ids query);

void connection::on(const read_failed& what) {
  if (stage_ == stage::leaving)
    return;
  if (what.of == read_failed::part::ids)
    return give_up_ids();
  if (what.of == read_failed::part::inbox) {
    refuse(error_code::unavailable, {}, registration_key().view());
    return close(close_code::internal_error);
  }
  refuse(error_code::unavailable, {}, answered().view());
  release();
}

void connection::on(const reader_lost& /*now*/) {
  reader_lost_ = true;
  give_up_ids();
  if (querying_)
    on(read_failed{read_failed::part::query});
  if (opening_inbox_ || reading_inbox_)
    on(read_failed{read_failed::part::inbox});
}

void connection::handle(const history_query& asked, const frame_key& key) {
  if (!scope_.archive)
    return client_->send(history_writer{asked, key.ref}.finish(false));
  auto with = user_id::parse(asked.with);
  if (!with)
    return;
  wait_for_answer(key);
  ask_reader(read_failed::part::query,
             read_history{me_.key(), *std::move(with), asked.before, asked.after, asked.limit,
                          std::string{key.ref}, self()});
}

void connection::handle(const conversations_query& asked, const frame_key& key) {
  if (!scope_.archive)
    return client_->send(conversations_writer{key.ref}.finish(false));
  wait_for_answer(key);
  ask_reader(read_failed::part::query,
             read_conversations{me_.key(), asked, std::string{key.ref}, self()});
}

void connection::wait_for_answer(const frame_key& key) {
  hold();
  querying_ = true;
  if (!key.cid.empty() || !key.ref.empty())
    rare().queries =
        std::make_unique<const owned_key>(owned_key{std::string{key.cid}, std::string{key.ref}});
}

owned_key connection::answered() {
  querying_ = false;
  const auto key = cold_ == nullptr ? nullptr : std::exchange(cold_->queries, nullptr);
  free_cold_state();
  return key == nullptr ? owned_key{} : *key;
}

void connection::on(const query_result& found) {
  if (stage_ == stage::leaving)
    return;
  answered();
  client_->send(found.text);
  release();
}

} // namespace klatch::actors
