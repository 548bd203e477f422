#include "actors/cluster/herald.hpp"

#include "messages/partition.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace klatch::actors {

namespace {

/// Of a timer, so that one that is late does not run without a pause.
constexpr std::chrono::milliseconds least_wait{10};
/// After a look that has failed: it has waited for the store, and cost it nothing.
constexpr std::chrono::seconds failed_look_retry{1};
/// Between two looks, however long the first one took: it may have been the store that stood still.
constexpr std::chrono::seconds longest_look_pause{3};

void append(auto& to, auto& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

bool anything_in(const told& what) {
  return !what.stored.empty() || !what.heads.empty() || !what.pushes.empty() ||
         !what.records.empty();
}

} // namespace

herald::herald(caf::actor_config& cfg, archive_reader_actor reader, cluster_counters& counters,
               herald_options options)
    : herald_actor::base(cfg), reader_(std::move(reader)), counters_(counters),
      options_(std::move(options)),
      frames_room_(std::make_shared<byte_room>(options_.frames_may_wait)), epoch_(options_.epoch),
      incarnation_(options_.incarnation) {}

herald::behavior_type herald::make_behavior() {
  start_link();
  delayed_send(this, store::heartbeat, heartbeat_due{});
  slow_look_ = clock().now() + store::slow_look;
  return {
      [this](told& what) { on_told(what); },
      [this](const bus_frame_came& came) { on_frame(came); },
      [this](const bus_changed& changed) {
        hearing_.link_changed(changed.up);
        options_.signs->hears = changed.up;
        options_.log->log(changed.up ? spdlog::level::info : spdlog::level::warn,
                          changed.up ? "the bus is up"
                          : stores() ? "the bus is down: messages of other nodes are looked for in "
                                       "the store, and come up to a second later"
                                     : "the bus is down: messages between users of different nodes "
                                       "are lost");
        writer_.reset(); // Another server may take smaller frames.
        if (!stores())
          send_heartbeat(); // The others answer with theirs.
        consider();
      },
      [this](const bus_missed&) {
        hearing_.missed();
        consider();
      },
      [this](const cluster_seen& seen) { on_cluster(seen); },
      [this](directory_changed& changed) { take_table(changed); },
      [this](users_here& answer) { on_users(answer); },
      [this](heads_read& answer) { on_heads(answer); },
      [this](const telling_due&) { tell(); },
      [this](const heartbeat_due&) { beat(); },
      [this](const look_due&) {
        look_timer_.reset();
        consider();
      },
  };
}

/// Threads of the link hand over to this actor's mailbox, whose bound is kept at its door.
void herald::start_link() {
  if (options_.link == nullptr)
    return;
  const auto self = caf::actor_cast<caf::weak_actor_ptr>(ctrl());
  const auto tell_self = [self](auto message) {
    if (const auto alive = caf::actor_cast<herald_actor>(self))
      caf::anon_send(alive, std::move(message));
  };
  options_.link->start({.on_frame =
                            [tell_self, room = frames_room_](std::string bytes) {
                              if (room->enter(bytes.size()))
                                tell_self(bus_frame_came{std::move(bytes)});
                              else
                                tell_self(bus_missed{});
                            },
                        .on_state = [tell_self](bool up) { tell_self(bus_changed{up}); },
                        .on_lost = [tell_self] { tell_self(bus_missed{}); }});
}

void herald::take_table(directory_changed& changed) {
  if (table_ != nullptr && !stores())
    take_new_incarnation();
  const auto before = std::exchange(table_, changed.table);
  if (started_over_ && before != nullptr)
    tell_new_shards(*before);
  local_.use(table_);
  if (std::exchange(look_, std::nullopt)) // It has asked a shard that is no more.
    hearing_.missed();
  tell_shards_of_nodes();
  if (changed.answer_to != nullptr)
    send(changed.answer_to, table_taken{table_->version});
}

/// Devices that come to a new shard may not have been told by the one before it.
void herald::tell_new_shards(const directory_table& before) {
  for (const auto& shard : table_->shards)
    if (std::find(before.shards.begin(), before.shards.end(), shard) == before.shards.end())
      send(shard, all_start_over{});
}

void herald::on_exit() {
  if (options_.link != nullptr)
    options_.link->stop();
  local_.stop();
  table_.reset();
  look_.reset();
  reader_ = nullptr;
  pending_ = {};
}

// -- out ------------------------------------------------------------------------------------------

void herald::on_told(told& what) {
  append(pending_.stored, what.stored);
  append(pending_.heads, what.heads);
  append(pending_.pushes, what.pushes);
  append(pending_.records, what.records);
  if (!std::exchange(telling_, true))
    send(this, telling_due{}); // It comes behind all that has come in by now.
}

void herald::tell() {
  telling_ = false;
  const auto all = std::exchange(pending_, {});
  if (options_.link == nullptr || !anything_in(all))
    return;
  if (incarnation_ == 0) {
    ++count_; // Nobody has heard it, which the others see by the count as soon as there is a lease.
    return;
  }
  for (const auto& each : all.stored)
    write(each);
  for (const auto& each : all.heads)
    write(bus_hint{each.user, each.head});
  for (const auto& each : all.pushes)
    write(bus_push{each.user, each.text});
  for (const auto& each : all.records) {
    leave_room(each);
    write(each);
  }
  publish_frame();
}

void herald::write(const told::message& message) {
  if (writer().fits(size_of(*message.what)))
    return write(*message.what);
  for (const auto& each : message.audience)
    write(bus_hint{{message.what->content.project, each.owner}, each.seq});
}

bus_frame_writer& herald::writer() {
  if (!writer_)
    writer_.emplace(writes_, incarnation_,
                    std::min(options_.link->max_frame(), max_bus_frame_bytes));
  return *writer_;
}

template<class Record>
void herald::write(const Record& record) {
  if (writer().add(record))
    return;
  publish_frame();
  if (!writer().add(record)) {
    // It is larger than a frame: the others see by the count that something is missing.
    ++count_;
    counters_.too_large.add();
  }
}

void herald::publish_frame() {
  if (!writer_ || writer_->empty())
    return;
  auto bytes = writer_->finish(++count_);
  counters_.frames_sent.add();
  if (!options_.link->publish(std::move(bytes)))
    counters_.frames_refused.add();
}

void herald::beat() {
  delayed_send(this, store::heartbeat, heartbeat_due{});
  if (hearing_.is_up())
    send_heartbeat();
  if (!stores())
    forget_silent_nodes();
  consider();
}

void herald::send_heartbeat() {
  if (options_.link != nullptr && incarnation_ != 0)
    options_.link->publish(
        bus_frame_writer{writes_, incarnation_, bus_header_bytes}.finish(count_));
}

// -- in -------------------------------------------------------------------------------------------

void herald::on_frame(const bus_frame_came& came) {
  frames_room_->leave(came.bytes.size());
  counters_.frames_received.add();
  const auto now = clock().now();
  const auto read = read_bus_frame(came.bytes);
  if (!read) {
    counters_.frames_bad.add();
    return;
  }
  if (!stores())
    note_sighting(*read);
  if (!read->readable()) {
    hearing_.missed(); // It is there, and what it tells has to be looked for.
  } else if (read->is_heartbeat()) {
    hearing_.beats(read->incarnation(), read->count(), now);
  } else {
    hearing_.told(read->incarnation(), read->count(), now);
    frame_of_ = read->incarnation();
    for (const auto& record : *read)
      std::visit([this](const auto& each) { take(each); }, record);
    local_.flush(*this);
  }
  consider();
}

void herald::take(const stored_record_view& record) {
  const bool has_sender = options_.here->may_have(record.from_hash());
  const bool has_recipient = options_.here->may_have(record.to_hash());
  if (!has_sender && !has_recipient)
    return;
  auto decoded = record.decode();
  if (!decoded)
    return counters_.frames_bad.add();
  const auto what = std::make_shared<const stored_message>(*std::move(decoded));
  const auto& [content, numbers] = *what;
  if (has_sender)
    local_.add(stored::entry{what, {content.from, numbers.from_seq}, {}, {}});
  if (has_recipient && content.to() != content.from)
    local_.add(stored::entry{what, {content.to(), numbers.to_seq}, {}, {}});
  counters_.messages_heard.add();
}

void herald::take(const hint_record_view& record) {
  if (!options_.here->may_have(record.owner_hash()))
    return;
  if (const auto decoded = record.decode())
    local_.add(inbox_head{decoded->owner, decoded->head});
}

void herald::take(const push_record_view& record) {
  if (!options_.here->may_have(record.owner_hash()))
    return;
  if (auto decoded = record.decode())
    local_.publish(*this, klatch::push{std::move(decoded->user), std::move(decoded->text), {}});
}

void herald::on_cluster(const cluster_seen& seen) {
  const auto& view = seen.view;
  auto lowest = bus_version;
  for (const auto& each : view.living)
    lowest = std::min(lowest, std::max(each.speaks, 1U));
  if (incarnation_ != view.incarnation) {
    if (const auto before = std::exchange(incarnation_, view.incarnation); before != 0)
      count_ = first_count(before);
    writer_.reset();
  }
  if (std::exchange(writes_, lowest) != lowest)
    writer_.reset();
  if (epoch_ != view.epoch)
    start_over();
  epoch_ = view.epoch;
  counters_.nodes.set(static_cast<std::int64_t>(view.living.size()));
  std::vector<std::uint64_t> others;
  for (const auto& each : view.living)
    if (each.incarnation != incarnation_ && each.state.hears)
      others.push_back(each.incarnation);
  note_nodes(std::move(others));
  hearing_.living(view.living, view.incarnation, clock().now());
  consider();
}

/// Messages that clients have may be no more, and their numbers are given again.
void herald::start_over() {
  started_over_ = true;
  options_.log->error("the store has lost messages that were acknowledged, or was put back: all "
                      "clients start over");
  if (table_ == nullptr)
    return;
  for (const auto& shard : table_->shards)
    send(shard, all_start_over{});
}

void herald::consider() {
  const auto now = clock().now();
  counters_.deaf.set(hearing_.is_deaf(now) ? 1 : 0);
  if (!stores())
    return have_shards_look();
  if (look_ && now - look_->begun < store::slow_look)
    return; // After that a shard or the reader has died, and does not answer.
  const auto due = hearing_.wants_look(now) ? next_look_ : slow_look_;
  if (now >= due && table_ != nullptr)
    begin_look();
  else
    look_at(due);
}

// -- looks ----------------------------------------------------------------------------------------

void herald::look_at(time_point due) {
  const auto now = clock().now();
  if (look_timer_ && *look_timer_ <= due)
    return;
  look_timer_ = due;
  delayed_send(this, std::max<time_point::duration>(due - now, least_wait), look_due{});
}

void herald::begin_look() {
  hearing_.look_begins();
  counters_.looks.add();
  look_.emplace(look{++rounds_, clock().now(), table_->shards.size()});
  for (const auto& shard : table_->shards)
    send(shard, list_users{this, look_->round});
  look_at(look_->begun + store::slow_look);
}

void herald::on_users(users_here& answer) {
  if (!look_ || look_->round != answer.round)
    return;
  append(look_->users, answer.users);
  if (--look_->shards_to_answer == 0)
    read_next();
}

void herald::read_next() {
  auto& users = look_->users;
  if (users.empty())
    return end_look();
  const auto begin =
      users.end() - static_cast<std::ptrdiff_t>(std::min(options_.heads_in_a_call, users.size()));
  read_heads asked{
      look_->round, {std::make_move_iterator(begin), std::make_move_iterator(users.end())}, this};
  users.erase(begin, users.end());
  send(reader_, std::move(asked));
}

void herald::on_heads(heads_read& answer) {
  for (auto& each : answer.heads)
    local_.add(std::move(each));
  local_.flush(*this);
  if (!look_ || look_->round != answer.round)
    return;
  if (!answer.failed)
    return read_next();
  hearing_.missed(); // Still.
  end_look(failed_look_retry);
}

/// The next one comes after `pause`, or as looks are told to.
void herald::end_look(std::optional<time_point::duration> pause) {
  const auto now = clock().now();
  const auto ten_times = 10 * (now - look_->begun);
  next_look_ = now + pause.value_or(std::clamp<time_point::duration>(ten_times, store::fast_look,
                                                                     longest_look_pause));
  slow_look_ = now + store::slow_look;
  look_.reset();
  consider();
}

} // namespace klatch::actors
