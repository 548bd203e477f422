#include "actors/directory/directory.hpp"

#include "messages/partition.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace klatch::actors {

namespace {

/// Most followers that are notified in one turn, so that others have theirs.
constexpr std::size_t notified_in_a_turn = 1000;
/// How often it is logged at most that devices are refused.
constexpr std::chrono::minutes refusal_log_interval{1};
/// When clients come back that have to start over, in ms: the first, and how far they are spread.
constexpr std::uint64_t start_over_wait_ms = 500;
constexpr std::uint64_t start_over_spread_ms = 5'000;

} // namespace

directory::directory(caf::actor_config& cfg, caf::execution_unit& home, worker_counters& counters,
                     directory_options options)
    : pinned(cfg, home), counters_(counters), options_(std::move(options)) {}

directory::behavior_type directory::make_behavior() {
  return {
      [this](const register_device& asked) { on_register(asked); },
      [this](const unregister_device& asked) { on_unregister(asked); },
      [this](const lookup& asked) { on_lookup(asked); },
      [this](const unfollow& asked) { on_unfollow(asked); },
      [this](const count_connected& asked) { return devices_.connected(asked.project); },
      [this](const departure_notice& asked) {
        devices_.for_each_device(asked.project, [&](const connection_actor& device) {
          send(device, notice{asked.text});
        });
      },
      [this](const stored& asked) { on_stored(asked); },
      [this](const klatch::push& asked) { on_push(asked); },
      [this](directory_changed& changed) { table_ = std::move(changed.table); },
      [this](const inboxes_moved& moved) {
        devices_.for_each_device(
            [&](const connection_actor& device) { send(device, inboxes_moved{moved}); });
      },
      [this](const heads_known& known) { on_heads(known); },
      [this](const list_users& asked) { on_list(asked); },
      [this](const all_start_over&) { on_start_over(); },
      [this](const use_directory_settings& next) {
        options_.announces = next.announces;
        options_.max_devices = next.max_devices;
        options_.log_addresses = next.log_addresses;
      },
      [this](const node_said& said) { on_node_said(said); },
      [this](const nodes_living& now) { on_nodes_living(now); },
      [this](const klatch::look_around&) { look_around(); },
      [this](const departures_due&) { on_departures_due(); },
      [this](const followers_due&) { notify_some(); },
      [this](const questions_due&) {
        questions_timed_ = false;
        end_questions();
      },
      [this](const looking_due&) { look_at_some(); },
  };
}

// A table of the shards outlives the one that died, and with it what that one holds.
void directory::on_exit() {
  table_.reset();
  if (options_.here != nullptr) {
    const auto forget = [this](const user_key& user) { options_.here->remove(hash_of(user)); };
    devices_.for_each_user([&](const project_id& project, const user_id& user) {
      forget({project, user});
    });
    elsewhere_.for_each_user(forget);
    lookups_.for_each([&](const user_key& user, const auto&) { forget(user); });
  }
  options_.others = {};
  elsewhere_ = {};
  lookups_ = node_questions<lookup_findings>{0};
  leaving_ = node_questions<departure_findings>{0};
  devices_ = {};
  count_users();
  changes_.clear();
}

void directory::count_users() noexcept {
  counters_.users.set(static_cast<std::int64_t>(devices_.users()));
  counters_.projects.set(static_cast<std::int64_t>(devices_.projects()));
}

// -- who is there ---------------------------------------------------------------------------------

void directory::on_register(const register_device& asked) {
  if (refuse(asked))
    return;
  departures_.back(asked.user);
  const bool is_first = options_.here != nullptr && !is_here(asked.user);
  if (is_first)
    options_.here->add(hash_of(asked.user));
  auto followers = devices_.add(asked.user, label_of(asked), asked.device);
  if (!followers)
    return send(asked.device, registered{});
  count_users();
  if (asked.again && started_over_)
    start_over(asked.device, 0);
  if (is_first)
    on_first_device(asked.user, *followers);
  notify_followers({.user = asked.user}, *std::move(followers));
  if (options_.stored)
    send(asked.device, registered{});
  else
    send(asked.device, registered{notify_siblings(asked.user, asked.device, true)});
}

bool directory::refuse(const register_device& asked) {
  const auto present = devices_.devices_of(asked.user.project, asked.user.user).size();
  if (options_.max_devices == 0 || present < options_.max_devices ||
      devices_.has(asked.user, asked.device))
    return false;
  send(asked.device, device_refused{});
  const auto now = clock().now();
  if (!refusal_logged_ || now - *refusal_logged_ >= refusal_log_interval) {
    refusal_logged_ = now;
    options_.log->warn(
        "user {} of project {} has {} devices, the most that --max-per-user allows: one "
        "more{} was refused; not logged again for a minute",
        asked.user.user.str(), asked.user.project.str(), present,
        options_.log_addresses ? ", from " + asked.address + "," : std::string{});
  }
  return true;
}

void directory::on_unregister(const unregister_device& asked) {
  auto removed = devices_.remove(asked.user, asked.device);
  if (!removed)
    return;
  count_users();
  notify_followers({asked.user, asked.device}, std::move(removed->of_user));
  if (removed->left && options_.here != nullptr)
    options_.here->remove(hash_of(asked.user));
  if (removed->left)
    on_last_device(asked.user);
  if (removed->left)
    note_departure(asked.user, *std::move(removed->left));
  else if (!options_.stored)
    notify_siblings(asked.user, asked.device, false);
}

directory::devices directory::notify_siblings(const user_key& user, const connection_actor& device,
                                              bool present) {
  devices siblings;
  for (const auto& each : devices_.devices_of(user.project, user.user)) {
    if (each == device)
      continue;
    send(each, sibling_changed{device, present});
    siblings.push_back(each);
  }
  if (const auto* there = elsewhere_.find(user))
    siblings.push_back(*there);
  return siblings;
}

void directory::notify_followers(route_changed what, devices followers) {
  if (followers.empty())
    return;
  changes_.push_back({std::move(what), std::move(followers)});
  if (changes_.size() == 1) // Else its turn comes by itself.
    notify_some();
}

void directory::notify_some() {
  for (auto left = notified_in_a_turn; left > 0 && !changes_.empty(); --left) {
    auto& [what, followers] = changes_.front();
    send(followers.back(), route_changed{what});
    followers.pop_back();
    if (followers.empty())
      changes_.pop_front();
  }
  if (!changes_.empty())
    send(this, followers_due{});
}

// -- what is stored -------------------------------------------------------------------------------

void directory::on_stored(const stored& asked) {
  for (const auto& each : asked.entries) {
    const auto& what = *each.what;
    std::optional<frame> text;
    if (options_.here != nullptr)
      devices_.raise_head(what.content.project, each.in.owner, each.in.seq);
    for (const auto& device : devices_.devices_of(what.content.project, each.in.owner)) {
      const bool own = device == each.origin;
      if (!own && !text)
        text = encode(what, each.in.seq);
      send(device, inbox_entry{each.what, each.in.seq, own, own ? each.ack : text,
                               own ? each.came : std::chrono::steady_clock::time_point{}});
    }
  }
}

void directory::on_push(const klatch::push& asked) {
  for (const auto& device : devices_.devices_of(asked.user.project, asked.user.user))
    if (device != asked.except)
      send(device, client_frame{asked.text});
}

void directory::on_heads(const heads_known& known) {
  for (const auto& each : known.heads)
    for (const auto& device : devices_.raise_head(each.user.project, each.user.user, each.head))
      send(device, inbox_grown{each.head});
}

void directory::on_start_over() {
  started_over_ = true;
  devices_.forget_heads(); // Those that come are counted anew.
  std::uint64_t count = 0;
  devices_.for_each_device([&](const connection_actor& device) { start_over(device, count++); });
}

void directory::start_over(const connection_actor& device, std::uint64_t place) {
  const auto all = static_cast<std::uint64_t>(devices_.users());
  send(device, going_away{start_over_wait_ms + start_over_spread_ms * place / (all + 1), true});
}

void directory::on_list(const list_users& asked) {
  users_here answer{asked.round, {}};
  answer.users.reserve(devices_.users());
  devices_.for_each_user([&](const project_id& project, const user_id& user) {
    answer.users.push_back({project, user});
  });
  send(asked.asker, std::move(answer));
}

// -- departures -----------------------------------------------------------------------------------

std::string_view directory::label_of(const register_device& who) const noexcept {
  switch (options_.announces) {
  case departure_notices::name:
    return who.name;
  case departure_notices::ip:
    return who.address;
  case departure_notices::off:
    break;
  }
  return {};
}

void directory::note_departure(const user_key& user, std::string label) {
  const bool too_large = devices_.connected(user.project) > max_notice_receivers;
  if (options_.announces == departure_notices::off || too_large)
    return;
  departures_.left(user, std::move(label), clock().now());
  schedule_departures();
}

void directory::schedule_departures() {
  const auto due = departures_.next_due();
  if (tick_pending_ || !due)
    return;
  tick_pending_ = true;
  const auto wait = std::max(*due - clock().now(), caf::actor_clock::duration_type::zero());
  delayed_send(this, wait, departures_due{});
}

void directory::on_departures_due() {
  tick_pending_ = false;
  std::unordered_map<project_id, notices> by_project;
  for (auto& gone : departures_.take_due(clock().now()))
    if (nodes_.empty())
      by_project[gone.user.project].push_back(encode_departure(gone.label, gone.user.user.str()));
    else
      ask_about_departure(std::move(gone));
  for (auto& [project, texts] : by_project)
    announce_everywhere(project, std::move(texts));
  schedule_departures();
}

void directory::announce_everywhere(const project_id& project, notices texts, std::size_t elsewhere,
                                    std::vector<node_record> for_others) {
  count_everywhere(project, [=, this](std::size_t connected) {
    if (connected + elsewhere > max_notice_receivers)
      return;
    announce_to_shards(project, texts);
    for (const auto& each : for_others)
      tell_nodes(each);
  });
}

void directory::count_everywhere(const project_id& project, std::function<void(std::size_t)> use) {
  if (table_ == nullptr)
    return;
  struct count {
    std::size_t connected;
    std::size_t shards_to_answer;
    std::function<void(std::size_t)> use;
  };
  const auto counted = std::make_shared<count>(count{0, table_->shards.size(), std::move(use)});
  const auto add = [counted](std::size_t connected) {
    counted->connected += connected;
    if (--counted->shards_to_answer == 0)
      counted->use(counted->connected);
  };
  for (const auto& shard : table_->shards)
    request(shard, caf::infinite, count_connected{project})
        .then([add](std::size_t connected) { add(connected); },
              [add](const caf::error&) { add(0); });
}

void directory::announce_to_shards(const project_id& project, const notices& texts) {
  if (table_ == nullptr)
    return;
  for (const auto& shard : table_->shards)
    for (const auto& text : texts)
      send(shard, departure_notice{project, text});
}

} // namespace klatch::actors
