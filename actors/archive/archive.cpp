#include "actors/archive/archive.hpp"

#include "messages/wire/encode_message.hpp"

#include <spdlog/spdlog.h>

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

namespace klatch::actors {

namespace {

/// Marks are written this long after the first of them was set, unless messages take them along
/// before. Longer than a store may put them off.
constexpr std::chrono::milliseconds marks_wait{250};
/// Marks that are set in one turn, so that messages have theirs.
constexpr std::size_t marks_in_a_turn = 32;
/// How long a store that wants them together waits for more, and how many it is given in one call.
constexpr std::chrono::milliseconds marks_collected_for{100};
constexpr std::size_t marks_in_a_call = 1'000;
/// What a message costs beside its text, in bytes of text.
constexpr std::size_t message_cost = 512;
/// How far those who send now and then are ahead of those who send all the time, in the same.
constexpr std::size_t sending_head_start = 64UL * 1024;
/// How often expired messages are looked for.
constexpr std::chrono::seconds trim_interval{10};
/// When upkeep that has failed is tried again.
constexpr std::chrono::seconds upkeep_retry{1};

const message_content& content_of(const store::operation& what) {
  return std::get<store::new_message>(what).content;
}

} // namespace

archive::archive(caf::actor_config& cfg, store::message_store& store,
                 std::shared_ptr<pending_limit> limit, archive_counters& counters,
                 archive_options options)
    : archive_actor::base(cfg), store_(store), limit_(std::move(limit)), counters_(counters),
      options_(std::move(options)), bus_(options_.others), later_(sending_head_start) {
  if (options_.retain)
    retention_.emplace(*options_.retain, now(), store_.last_mid());
}

archive::behavior_type archive::make_behavior() {
  set_exit_handler([this](caf::exit_msg& asked) {
    if (asked.reason == caf::exit_reason::user_shutdown)
      finish_work();
    quit(std::move(asked.reason));
  });
  if (options_.retain)
    trim_at_ = clock().now() + trim_interval;
  upkeep_soon(); // A store that was not closed in order may have put off a lot.
  return {
      [this](store_message& asked) { on_store_message(asked); },
      [this](const mark_read& asked) { on_mark(asked); },
      [this](const mark_received& asked) { on_mark(asked); },
      [this](const mark_legacy_delivered& asked) { on_mark(asked); },
      [this](note_profile& asked) { on_note_profile(asked); },
      [this](directory_changed& changed) { take_table(changed); },
      [this](const use_archive_settings& next) { on_settings(next); },
      [](const are_you_there& asked) { asked.answer(); },
      [this](const commit_due&) { commit(); },
      [this](const marking_due&) { on_marking_due(); },
      [this](const upkeep_due&) { on_upkeep_due(); },
  };
}

void archive::take_table(directory_changed& changed) {
  const auto version = changed.table->version;
  bus_.use(std::move(changed.table));
  if (changed.answer_to != nullptr)
    send(changed.answer_to, table_taken{version});
}

void archive::on_settings(const use_archive_settings& next) {
  store_.leave_free(next.min_free);
  if (next.retain != options_.retain)
    keep_messages(next.retain);
}

void archive::keep_messages(std::optional<std::chrono::milliseconds> keep) {
  options_.retain = keep;
  if (!keep)
    retention_.reset();
  else if (retention_)
    retention_->set(*keep);
  else
    retention_.emplace(*keep, now(), store_.last_mid());
  trim_at_ = keep ? clock().now() + trim_interval : time_point::max();
  upkeep_by(trim_at_);
}

void archive::finish_work() {
  while (!batch_.empty() || !later_.empty())
    commit();
  while (!marks_.empty())
    set_waiting(store_.collects_marks() ? marks_in_a_call : 1);
}

void archive::on_exit() {
  bus_.stop();
  options_.others = nullptr;
  origins_.clear();
  later_ = fair_queue<user_key, waiting_operation>{sending_head_start};
  marks_ = {};
}

// -- messages -------------------------------------------------------------------------------------

void archive::on_store_message(store_message& asked) {
  batch_.emplace_back(store::new_message{std::move(asked.content), asked.only_in_answer});
  origins_.push_back({std::move(asked.origin), std::move(asked.ref), asked.came});
  commit_soon();
}

void archive::commit_soon() {
  // That message comes behind all that has come in since the last batch was begun.
  if (!std::exchange(commit_pending_, true))
    send(this, commit_due{});
}

void archive::bound_batch() {
  std::size_t bytes = 0;
  for (const auto& each : batch_)
    bytes += content_of(each).text.size();
  const auto most = options_.batch_messages;
  const auto full = options_.batch_bytes;
  if (later_.empty() && batch_.size() <= most && bytes <= full)
    return;
  for (std::size_t at = 0; at < batch_.size(); ++at) {
    const auto& content = content_of(batch_[at]);
    const user_key by{content.project, content.from};
    const auto cost = content.text.size() + message_cost;
    later_.push(by, {std::move(batch_[at]), std::move(origins_[at])}, cost);
  }
  batch_.clear();
  origins_.clear();
  bytes = 0;
  while (!later_.empty() && batch_.size() < most && bytes < full) {
    auto next = later_.pop();
    bytes += content_of(next.what).text.size();
    batch_.push_back(std::move(next.what));
    origins_.push_back(std::move(next.origin));
  }
}

void archive::commit() {
  commit_pending_ = false;
  bound_batch();
  std::size_t bytes = 0;
  for (const auto& each : batch_)
    bytes += content_of(each).text.size();
  const auto count = batch_.size();
  try {
    auto outcomes = append_batch();
    note_success();
    if (retention_)
      retention_->stored(options_.time.elapsed(), store_.last_mid());
    publish(std::move(outcomes));
  } catch (const store::unavailable& reason) {
    note_failure(reason);
    for (std::size_t at = 0; at < batch_.size(); ++at)
      refuse(at, error_code::unavailable);
  }
  batch_.clear();
  origins_.clear();
  limit_->leave(count, bytes);
  if (!later_.empty())
    commit_soon();
  upkeep_soon();
}

std::vector<store::outcome> archive::append_batch() {
  const auto begun = options_.time.steady();
  auto outcomes = store_.append(batch_, options_.time.wall_ms());
  counters_.commits.record(options_.time.steady() - begun);
  counters_.batches.record(batch_.size());
  return outcomes;
}

void archive::publish(std::vector<store::outcome> outcomes) {
  assert(outcomes.size() == batch_.size());
  for (std::size_t at = 0; at < outcomes.size(); ++at) {
    auto& [numbers, repeated, refused, audience] = outcomes[at];
    auto& content = std::get<store::new_message>(batch_[at]).content;
    auto& [device, ref, came] = origins_[at];
    if (refused) {
      refuse(at, *refused);
    } else if (repeated) {
      counters_.repeated.add();
      send(device, duplicate{numbers.from_seq, encode_ack({content.cid, ref}, numbers)});
      tell_of_repeated(content, numbers);
    } else {
      counters_.stored.add();
      add_entries(
          std::make_shared<const stored_message>(stored_message{std::move(content), numbers}),
          std::move(audience), std::move(origins_[at]));
    }
  }
  bus_.flush(*this);
}

/// Whoever has stored it may have died before it told anybody.
void archive::tell_of_repeated(const message_content& content, const message_numbers& numbers) {
  if (!bus_.reaches_others())
    return;
  bus_.add(inbox_head{{content.project, content.from}, numbers.from_seq});
  bus_.add(inbox_head{{content.project, content.to()}, numbers.to_seq});
}

void archive::refuse(std::size_t at, error_code why) {
  counters_
      .refused[why == error_code::forbidden ? message_refusal::forbidden
                                            : message_refusal::unavailable]
      .add();
  send(origins_[at].device,
       store_failed{content_of(batch_[at]).cid, std::move(origins_[at].ref), why});
}

void archive::add_entries(stored_message_ptr what, std::vector<inbox_place> audience,
                          sent_by origin) {
  const auto& content = what->content;
  std::optional<frame> ack;
  if (!origin.ref.empty())
    ack = encode_ack({content.cid, origin.ref}, what->numbers);
  for (auto& each : audience) {
    stored::entry entry{what, std::move(each), {}, {}};
    if (entry.in.owner == content.from) {
      entry.origin = std::exchange(origin.device, {});
      entry.ack = std::exchange(ack, {});
      entry.came = origin.came;
    }
    bus_.add(std::move(entry));
  }
}

// -- marks ----------------------------------------------------------------------------------------

template<class Mark>
void archive::on_mark(const Mark& asked) {
  if (!marks_.empty() || !mailbox().empty() || store_.collects_marks())
    return wait_with(asked);
  set({asked});
  limit_->marks.leave();
}

template<class Mark>
void archive::wait_with(const Mark& asked) {
  const auto added = marks_.add(asked);
  if (added != waiting_marks::added::waits)
    limit_->marks.leave();
  if constexpr (std::is_same_v<Mark, mark_read>)
    if (added == waiting_marks::added::refused)
      send(asked.origin, mark_failed{asked.ref});
  marking_soon();
}

void archive::marking_soon() {
  if (std::exchange(marking_pending_, true))
    return;
  if (store_.collects_marks())
    delayed_send(this, marks_collected_for, marking_due{});
  else
    send(this, marking_due{});
}

void archive::on_marking_due() {
  marking_pending_ = false;
  if (store_.collects_marks())
    set_waiting(marks_in_a_call);
  else
    for (auto left = marks_in_a_turn; left > 0 && !marks_.empty(); --left)
      set_waiting(1);
  if (!marks_.empty())
    marking_soon();
}

void archive::set_waiting(std::size_t most) {
  std::vector<waiting_marks::mark> taken;
  for (; taken.size() < most && !marks_.empty(); limit_->marks.leave())
    taken.push_back(marks_.take());
  set(taken);
}

void archive::set(const std::vector<waiting_marks::mark>& marks) {
  std::vector<store::any_mark> wanted;
  std::vector<const waiting_marks::mark*> of; // of each of them
  for (const auto& each : marks) {
    if (const auto* legacy = std::get_if<mark_legacy_delivered>(&each)) {
      wanted.emplace_back(store::legacy_mark{legacy->user, legacy->seq});
      of.push_back(&each);
    }
    wanted.push_back(as_stored(each));
    of.push_back(&each);
  }
  try {
    const auto outcomes = store_.apply_marks(wanted);
    for (std::size_t at = 0; at < outcomes.size(); ++at)
      tell_of(*of[at], outcomes[at]);
    marks_were_set();
  } catch (const store::unavailable& reason) {
    note_failure(reason);
  }
}

store::any_mark archive::as_stored(const waiting_marks::mark& what) const {
  if (const auto* reads = std::get_if<mark_read>(&what))
    return store::read_mark{reads->reader,
                            conversation_id::dialogue(reads->reader.user, reads->with), reads->n};
  if (const auto* legacy = std::get_if<mark_legacy_delivered>(&what))
    return store::delivered_mark{legacy->user, legacy->seq, options_.delivery_step};
  const auto& has = std::get<mark_received>(what);
  return store::delivered_mark{has.user, has.seq, options_.delivery_step};
}

void archive::tell_of(const waiting_marks::mark& what, const store::mark_outcome& outcome) {
  if (const auto* reads = std::get_if<mark_read>(&what)) {
    if (outcome.read)
      tell_of_reading(*reads, *outcome.read);
  } else if (const auto* legacy = std::get_if<mark_legacy_delivered>(&what)) {
    tell_of_delivery(legacy->user, legacy->seq, outcome.delivered);
  } else {
    const auto& has = std::get<mark_received>(what);
    tell_of_delivery(has.user, has.seq, outcome.delivered);
  }
}

void archive::tell_of_reading(const mark_read& asked, std::uint64_t n) {
  const auto& by = asked.reader.user.str();
  push(asked.reader, encode_receipt(receipt_kind::read, asked.with.str(), n, by), asked.origin);
  if (asked.with != asked.reader.user)
    push({asked.reader.project, asked.with}, encode_receipt(receipt_kind::read, by, n, by));
}

void archive::tell_of_delivery(const user_key& user, std::uint64_t seq,
                               const store::delivery_step& step) {
  const auto& by = user.user.str();
  for (const auto& each : step.senders)
    if (each.with != user.user)
      push({user.project, each.with}, encode_receipt(receipt_kind::delivered, by, each.n, by));
  if (step.more) {
    limit_->marks.enter_anyhow();
    wait_with(mark_received{user, seq});
  }
}

void archive::on_note_profile(note_profile& asked) {
  limit_->leave(1, asked.name.size() + asked.color.size());
  try {
    store_.note_profile(asked.user, {std::move(asked.name), std::move(asked.color)});
    marks_were_set();
  } catch (const store::unavailable& reason) {
    note_failure(reason);
  }
}

void archive::push(const user_key& user, frame text, const connection_actor& except) {
  bus_.publish(*this, {user, std::move(text), except});
}

// -- upkeep ---------------------------------------------------------------------------------------

void archive::upkeep_by(time_point at) {
  const auto now = clock().now();
  if (at <= now) { // It comes behind all that is in the mailbox.
    if (!std::exchange(upkeep_pending_, true))
      send(this, upkeep_due{});
    return;
  }
  if (at == time_point::max() || (!upkeep_timers_.empty() && upkeep_timers_.back() <= at))
    return;
  upkeep_timers_.push_back(at);
  delayed_send(this, at - now, upkeep_due{});
}

void archive::marks_were_set() { upkeep_by(clock().now() + marks_wait); }

void archive::on_upkeep_due() {
  const auto now = clock().now();
  upkeep_pending_ = false;
  while (!upkeep_timers_.empty() && upkeep_timers_.back() <= now)
    upkeep_timers_.pop_back();
  try {
    std::optional<store::expiry> expired;
    if (now >= trim_at_) {
      trim_at_ = now + trim_interval;
      expired = expired_messages();
    }
    const auto result = store_.upkeep(expired);
    counters_.unindexed.set(static_cast<std::int64_t>(store_.unindexed()));
    probe(now);
    if (expired)
      note_trimmed(result);
    if (result.again_in)
      upkeep_by(now + *result.again_in);
  } catch (const store::unavailable& reason) {
    note_failure(reason);
    upkeep_by(now + upkeep_retry);
  }
  upkeep_by(trim_at_);
  if (counters_.writable.value() == 0)
    upkeep_by(probe_at_);
}

std::optional<store::expiry> archive::expired_messages() {
  const auto at = now();
  retention_->stored(at.own, store_.last_mid());
  if (const auto jump = retention_->look(at))
    options_.log->warn(
        "the clock of this machine has jumped by {} s: no message is forgotten until "
        "it has been steady for an hour",
        std::chrono::duration_cast<std::chrono::seconds>(*jump).count());
  auto expired = retention_->expired(at);
  if (expired && !retention_->may_take_many(at))
    expired->unless_one_in = retention::large_share;
  return expired;
}

void archive::note_trimmed(const store::upkeep_result& result) {
  if (result.too_many && !std::exchange(large_trim_logged_, true))
    options_.log->warn(
        "more than a tenth of all messages is older than --retain allows: they are "
        "forgotten once the clock has been steady for a day; if it is wrong, mend it "
        "before");
  large_trim_logged_ = large_trim_logged_ && result.too_many;
  if (result.more_expired)
    trim_at_ = clock().now();
}

void archive::note_failure(const store::unavailable& reason) {
  counters_.writable.set(0);
  probe_at_ = clock().now() + upkeep_retry;
  upkeep_by(probe_at_);
  if (dynamic_cast<const store::files_lost*>(&reason) != nullptr)
    return; // logged where it was found
  if (!std::exchange(failing_, true))
    options_.log->error(
        "the store cannot be written: {}; sends are answered with unavailable until it "
        "can be again",
        reason.what());
}

void archive::probe(time_point now) {
  if (counters_.writable.value() != 0 || now < probe_at_)
    return;
  store_.append({}, options_.time.wall_ms());
  counters_.writable.set(1);
}

void archive::note_success() {
  counters_.writable.set(1);
  counters_.unindexed.set(static_cast<std::int64_t>(store_.unindexed()));
  if (std::exchange(failing_, false))
    options_.log->info("the store can be written again");
}

} // namespace klatch::actors
