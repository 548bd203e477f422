#include "actors/supervisor.hpp"

#include <caf/actor_system_config.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace klatch::actors {

supervisor::supervisor(caf::actor_config& cfg, std::vector<home_worker> homes,
                       directory_options shard_options, std::vector<publisher_actor> publishers,
                       const std::vector<archive_reader_actor>& readers, std::uint64_t seed)
    : pinned(cfg, *homes.front().unit), homes_(std::move(homes)), shard_options_(shard_options),
      publishers_(std::move(publishers)), random_(seed) {
  for (const auto& reader : readers) {
    readers_.push_back(reader.address());
    monitor(reader);
  }
  std::vector<directory_actor> shards;
  for (std::size_t index = 0; index < std::min(homes_.size(), partition_count); ++index)
    shards.push_back(start_shard(index));
  table_ = std::make_shared<const directory_table>(std::move(shards));
  first_table_ = table_;
  known_ = table_;
}

supervisor::behavior_type supervisor::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  notify_shards();
  return {
      [this](const watch& asked) { on_watch(asked); },
      [this](const drain& asked) { return on_drain(asked); },
      [this](const drain_due&) { go_on_draining(); },
      [this](const drain_over&) { on_drain_over(); },
      [this](const table_taken& answered) { on_table_taken(answered); },
      [this](const use_directory_settings& next) { on_settings(next); },
      [this](const connections_due& now) { on_connections_due(now); },
  };
}

directory_actor supervisor::start_shard(std::size_t index) {
  const auto& home = homes_[index];
  directory_actor shard = system().spawn<directory>(*home.unit, *home.counters, shard_options_);
  monitor(shard);
  return shard;
}

void supervisor::notify_shards() {
  for (const auto& shard : table_->shards)
    send(shard, directory_changed{table_});
  answers_wanted_ = publishers_.size();
  for (const auto& publisher : publishers_)
    send(publisher, directory_changed{table_, this});
}

void supervisor::notify_connections() {
  known_ = table_;
  for (const auto& connection : connections_)
    send(connection, directory_changed{known_});
}

void supervisor::on_table_taken(const table_taken& answered) {
  if (answered.version != table_->version || --answers_wanted_ > 0)
    return; // The answer that counts is on its way.
  if (known_ != table_)
    notify_connections();
  for (const auto& shard : std::exchange(not_waited_for_, {}))
    send(shard, inboxes_moved{});
}

void supervisor::on_connections_due(const connections_due& now) {
  if (known_->version >= now.version)
    return;
  shard_options_.log->warn(
      "the archive has not answered for {} s: connections are told of the directory's new "
      "shard all the same, and look at their inboxes once more when it has",
      archive_answer_wait.count());
  for (std::size_t index = 0; index < table_->shards.size(); ++index)
    if (known_->shards[index] != table_->shards[index])
      not_waited_for_.push_back(table_->shards[index]);
  notify_connections();
}

void supervisor::on_settings(const use_directory_settings& next) {
  shard_options_.announces = next.announces;
  shard_options_.max_devices = next.max_devices;
  shard_options_.log_addresses = next.log_addresses;
  for (const auto& shard : table_->shards)
    send(shard, next);
}

void supervisor::on_watch(const watch& asked) {
  monitor(asked.connection);
  connections_.insert(asked.connection);
  if (asked.table_version != known_->version)
    send(asked.connection, directory_changed{known_});
  if (reader_lost_)
    send(asked.connection, reader_lost{});
  if (draining_)
    send(asked.connection, going_away{plan_->wait_ms(random_), true});
}

void supervisor::on_down(const caf::down_msg& down) {
  const auto& shards = table_->shards;
  const auto shard = std::find_if(shards.begin(), shards.end(), [&](const directory_actor& each) {
    return each.address() == down.source;
  });
  if (shard != shards.end())
    return replace_shard(static_cast<std::size_t>(shard - shards.begin()));
  if (std::find(readers_.begin(), readers_.end(), down.source) != readers_.end())
    return on_reader_lost(down.reason);
  connections_.erase(caf::actor_cast<connection_actor>(down.source));
  const bool cut_off = draining_ && down.reason == caf::exit_reason::kill;
  if (down.reason && down.reason != caf::exit_reason::normal && !cut_off)
    shard_options_.log->error(
        "a connection failed: {}; its client was closed with 1011 and may connect again",
        system().render(down.reason));
  if (draining_ && connections_.empty())
    finish_drain();
}

void supervisor::replace_shard(std::size_t index) {
  const auto now = clock().now();
  while (!replacements_.empty() && now - replacements_.front() > replacement_window)
    replacements_.pop_front();
  replacements_.push_back(now);
  if (replacements_.size() > max_replacements) {
    shard_options_.log->critical("directory shard {} failed {} times within {} s: giving up", index,
                                 replacements_.size(), replacement_window.count());
    return quit(caf::make_error(caf::exit_reason::unhandled_exception));
  }
  shard_options_.log->error(
      "directory shard {} failed: a new one takes over, its users register again", index);
  auto table = std::make_shared<directory_table>(*table_);
  ++table->version;
  table->shards[index] = start_shard(index);
  table_ = std::move(table);
  notify_shards();
  if (publishers_.empty())
    return notify_connections();
  delayed_send(this, archive_answer_wait, connections_due{table_->version});
}

void supervisor::on_reader_lost(const caf::error& reason) {
  if (reader_lost_)
    return;
  shard_options_.log->error(
      "the archive's reader failed: {}; those who ask it are answered with unavailable",
      system().render(reason));
  reader_lost_ = true;
  for (const auto& connection : connections_)
    send(connection, reader_lost{});
}

caf::result<std::size_t> supervisor::on_drain(const drain& asked) {
  if (draining_)
    return caf::sec::invalid_argument;
  draining_ = make_response_promise<std::size_t>();
  std::vector<connection_actor> all{connections_.begin(), connections_.end()};
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id() < b.id(); });
  plan_.emplace(std::move(all), asked, random_);
  drain_began_ = clock().now();
  delayed_send(this, std::chrono::milliseconds{asked.grace_ms}, drain_over{});
  auto promise = *draining_;
  if (!connections_.empty())
    go_on_draining();
  if (connections_.empty() || over_before_begun_)
    finish_drain();
  return promise;
}

void supervisor::go_on_draining() {
  if (!draining_->pending())
    return;
  const auto since = clock().now() - drain_began_;
  const auto due = plan_->next(std::chrono::duration_cast<std::chrono::milliseconds>(since));
  for (const auto& each : due.all)
    send(each, going_away{plan_->wait_ms(random_), false});
  for (const auto& each : due.plain)
    if (connections_.count(each) != 0)
      send(each, going_away{plan_->wait_ms(random_), true});
  if (!plan_->over())
    delayed_send(this, drain_plan::step, drain_due{});
}

void supervisor::on_drain_over() {
  over_before_begun_ = !draining_;
  finish_drain();
}

void supervisor::finish_drain() {
  if (!draining_ || !draining_->pending())
    return;
  draining_->deliver(connections_.size());
  for (const auto& connection : connections_)
    anon_send_exit(connection, caf::exit_reason::kill);
  plan_->end();
}

void supervisor::on_exit() {
  for (const auto& shard : table_->shards)
    anon_send_exit(shard, caf::exit_reason::user_shutdown);
  connections_.clear();
  draining_.reset();
  plan_.reset();
  publishers_.clear();
  shard_options_.others = {};
  table_.reset();
  known_.reset();
  not_waited_for_.clear();
  first_table_.reset();
}

} // namespace klatch::actors
