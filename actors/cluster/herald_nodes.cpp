/// What shards of different nodes say to each other, and which nodes there are where nothing is
/// stored.
#include "actors/cluster/herald.hpp"
#include "messages/partition.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace klatch::actors {

namespace {

/// Between two times that all shards tell and ask the others of their users.
constexpr std::chrono::seconds between_rounds{2};

} // namespace

// -- in -------------------------------------------------------------------------------------------

void herald::take(const node_record_view& record) {
  if (table_ == nullptr)
    return;
  const auto asker = record.answers();
  if (asker ? *asker != incarnation_
            : !record.is_for_all() && !options_.here->may_have(record.owner_hash()))
    return;
  auto decoded = record.decode();
  if (!decoded)
    return counters_.frames_bad.add();
  const auto* question = std::get_if<bus_question>(&*decoded);
  if (question != nullptr && question->reason == question_reason::lookup &&
      !options_.here->may_have(record.owner_hash())) {
    told answer;
    answer.records.emplace_back(bus_answer{question->user, frame_of_, question->number});
    return on_told(answer);
  }
  if (std::holds_alternative<bus_delivery>(*decoded))
    counters_.messages_heard.add();
  const auto& shard = table_->shard_of(user_of(*decoded));
  send(shard, node_said{frame_of_, std::move(*decoded)});
}

// -- out ------------------------------------------------------------------------------------------

void herald::leave_room(const node_record& record) {
  if (const auto* message = std::get_if<bus_delivery>(&record))
    options_.deliveries->leave(message->text.text().size());
}

// -- which nodes there are ------------------------------------------------------------------------

void herald::note_nodes(std::vector<std::uint64_t> others) {
  std::sort(others.begin(), others.end());
  const bool are_others = std::exchange(others_, others) != others;
  if (std::exchange(told_as_, incarnation_) != incarnation_ || are_others)
    tell_shards_of_nodes();
}

void herald::tell_shards_of_nodes() {
  if (table_ == nullptr || options_.link == nullptr)
    return;
  for (const auto& shard : table_->shards)
    send(shard, nodes_living{incarnation_, others_});
}

void herald::note_sighting(const bus_frame_view& frame) {
  if (frame.incarnation() == incarnation_ || !seen_.see(frame.incarnation(), clock().now()))
    return;
  options_.log->info("another node is there");
  note_nodes(seen_.nodes());
  counters_.nodes.set(static_cast<std::int64_t>(1 + others_.size()));
  send_heartbeat(); // It may not have heard of this one.
  if (frame.count() > 0)
    hearing_.missed(); // What it has said before.
}

void herald::forget_silent_nodes() {
  const auto now = clock().now();
  hearing_.living({}, incarnation_, now);
  if (seen_.forget_silent(now)) {
    options_.log->warn("a node is gone");
    note_nodes(seen_.nodes());
  }
  counters_.nodes.set(static_cast<std::int64_t>(1 + others_.size()));
}

/// A shard is no more, and with it what it would have told the others: they forget all of this node
/// with the one that it was.
void herald::take_new_incarnation() {
  ++incarnation_;
  count_ = 0;
  writer_.reset();
}

void herald::have_shards_look() {
  const auto now = clock().now();
  if (!hearing_.is_up() || !hearing_.wants_look(now) || now < next_look_ || table_ == nullptr)
    return;
  hearing_.look_begins();
  counters_.looks.add();
  next_look_ = now + between_rounds;
  for (const auto& shard : table_->shards)
    send(shard, look_around{});
}

} // namespace klatch::actors
