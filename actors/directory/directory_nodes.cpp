/// What a shard asks and tells the shards of other nodes that have the same users.
#include "actors/directory/directory.hpp"
#include "messages/partition.hpp"
#include "messages/wire/encode_session.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace klatch::actors {

namespace {

/// Of users whom other nodes are told and asked of in one turn, and the pause until the next one: a
/// bus takes 50,000 in half a second, beside what else there is.
constexpr std::size_t looked_at_in_a_turn = 1'000;
constexpr std::chrono::milliseconds between_turns{10};

} // namespace

void directory::tell_nodes(node_record what) {
  if (options_.others.herald == nullptr)
    return;
  told all;
  all.records.push_back(std::move(what));
  send(options_.others.herald, std::move(all));
}

// -- who is where ---------------------------------------------------------------------------------

void directory::on_lookup(const lookup& asked) {
  const bool has_to_ask =
      reaches_others() && !nodes_.empty() && !is_here(asked.user) && !elsewhere_.has(asked.user);
  if (!has_to_ask)
    answer_lookup(asked.user, asked.asker);
  else if (auto* pending = lookups_.find(asked.user))
    pending->askers.push_back(asked.asker);
  else
    ask_nodes_for(asked.user, {asked.asker});
}

void directory::answer_lookup(const user_key& user, const connection_actor& asker) {
  auto found = devices_.follow(user, asker);
  if (const auto* there = elsewhere_.find(user)) {
    found.push_back(*there);
    elsewhere_.follow(user, asker);
  }
  send(asker, lookup_result{std::move(found)});
}

void directory::ask_nodes_for(const user_key& user, devices askers) {
  const auto number = lookups_.ask(user, {askers}, nodes_, clock().now());
  if (!number) {
    for (const auto& each : askers)
      answer_lookup(user, each);
    return;
  }
  options_.here->add(hash_of(user));
  tell_nodes(bus_question{user, *number, question_reason::lookup});
  schedule_questions();
}

void directory::on_unfollow(const unfollow& asked) {
  devices_.unfollow(asked.user, asked.asker);
  if (!reaches_others())
    return;
  if (auto* pending = lookups_.find(asked.user))
    std::erase(pending->askers, asked.asker);
  elsewhere_.unfollow(asked.user, asked.asker);
  forget_if_unwanted(asked.user);
}

/// Those who know the user's devices at other nodes alone are to look again.
void directory::on_first_device(const user_key& user, devices& followers) {
  if (!reaches_others())
    return;
  for (auto& each : elsewhere_.take_followers(user))
    followers.push_back(std::move(each));
  tell_nodes(bus_presence{user, presence::arrived});
}

void directory::on_last_device(const user_key& user) {
  if (!reaches_others())
    return;
  tell_nodes(bus_presence{user, presence::gone});
  forget_if_unwanted(user);
}

void directory::forget_if_unwanted(const user_key& user) {
  if (!elsewhere_.has(user) || is_here(user) || elsewhere_.is_followed(user) ||
      lookups_.find(user) != nullptr)
    return;
  elsewhere_.take(user);
  options_.here->remove(hash_of(user));
}

/// Whoever follows the one that is forgotten looks it up anew before it writes there again.
void directory::make_room_elsewhere() {
  if (elsewhere_.size() < max_users_elsewhere)
    return;
  const auto found = elsewhere_.look_for(
      [this](const user_key& user) { return !is_here(user) && lookups_.find(user) == nullptr; });
  if (!found)
    return;
  options_.here->remove(hash_of(*found));
  auto followers = elsewhere_.take(*found).second;
  notify_followers({.user = *found}, std::move(followers));
}

/// A node that has devices of a user is to followers, and to those devices' siblings here, what one
/// more device is.
void directory::note_elsewhere(const user_key& user, std::uint64_t node) {
  const bool is_wanted = is_here(user) || elsewhere_.has(user) || lookups_.find(user) != nullptr;
  if (!is_wanted || std::find(nodes_.begin(), nodes_.end(), node) == nodes_.end())
    return;
  const bool is_new = !elsewhere_.has(user);
  if (is_new && !is_here(user))
    make_room_elsewhere();
  if (!elsewhere_.add(user, node, [&] {
        return make_instant_actor<stand_in, connection_actor>(system(), user, options_.others);
      }))
    return;
  if (is_new) {
    options_.here->add(hash_of(user));
    for (const auto& device : devices_.devices_of(user.project, user.user))
      send(device, sibling_changed{*elsewhere_.find(user), true});
  }
  auto followers = devices_.take_followers(user);
  for (auto& each : elsewhere_.take_followers(user))
    followers.push_back(std::move(each));
  notify_followers({.user = user}, std::move(followers));
}

void directory::note_gone_elsewhere(const user_key& user, std::uint64_t node) {
  if (!elsewhere_.remove(user, node))
    return;
  auto [there, followers] = elsewhere_.take(user);
  options_.here->remove(hash_of(user));
  static_cast<stand_in*>(caf::actor_cast<caf::abstract_actor*>(there))->close();
  for (const auto& device : devices_.devices_of(user.project, user.user))
    send(device, sibling_changed{there, false});
  notify_followers({user, there}, std::move(followers));
}

// -- what other nodes say -------------------------------------------------------------------------

void directory::on_node_said(const node_said& said) {
  std::visit([&](const auto& each) { take(said.node, each); }, said.what);
}

void directory::take(std::uint64_t node, const bus_question& question) {
  const auto answer = [this, node, user = question.user,
                       number = question.number](bool has, std::size_t connected) {
    tell_nodes(bus_answer{user, node, number, has, connected});
  };
  if (question.reason == question_reason::lookup)
    return answer(is_here(question.user), 0);
  // Of two that ask about the same departure the lower incarnation announces it.
  const bool announces_itself = departures_.holds(question.user) ||
                                (leaving_.find(question.user) != nullptr && own_node_ < node);
  if (is_here(question.user) || announces_itself)
    return answer(true, 0);
  count_everywhere(question.user.project,
                   [answer](std::size_t connected) { answer(false, connected); });
}

void directory::take(std::uint64_t node, const bus_answer& answer) {
  if (auto* found = leaving_.answered(answer.user, answer.number, node)) {
    found->connected += static_cast<std::size_t>(answer.connected);
    found->has = found->has || answer.has;
    if (const auto ended = leaving_.take_answered(answer.user))
      end_question(*ended);
    return;
  }
  if (!reaches_others())
    return;
  if (answer.has)
    note_elsewhere(answer.user, node);
  else
    note_gone_elsewhere(answer.user, node);
  lookups_.answered(answer.user, answer.number, node);
  if (const auto ended = lookups_.take_answered(answer.user))
    end_question(*ended);
}

void directory::take(std::uint64_t /*node*/, const bus_notice& notice) {
  if (options_.announces != departure_notices::off)
    announce_to_shards(notice.user.project, {notice.text});
}

void directory::take(std::uint64_t node, const bus_presence& said) {
  if (!reaches_others())
    return;
  if (said.what == presence::gone)
    return note_gone_elsewhere(said.user, node);
  note_elsewhere(said.user, node);
  if (said.what == presence::arrived && is_here(said.user))
    tell_nodes(bus_presence{said.user, presence::here});
}

/// Not in the name of this shard: nobody could give it back.
void directory::take(std::uint64_t /*node*/, const bus_delivery& message) {
  for (const auto& device : devices_.devices_of(message.user.project, message.user.user))
    caf::anon_send(device, delivery{message.text});
}

void directory::take(std::uint64_t /*node*/, const bus_introduction& made) {
  for (const auto& device : devices_.devices_of(made.user.project, made.user.user))
    caf::anon_send(device, introduction{made.from});
}

void directory::on_nodes_living(const nodes_living& now) {
  const bool is_another = std::exchange(own_node_, now.own) != now.own;
  nodes_ = now.others;
  for (const auto& [user, node] : elsewhere_.at_nodes_beside(nodes_))
    note_gone_elsewhere(user, node);
  for (const auto& each : leaving_.wait_only_for(nodes_))
    end_question(each);
  for (const auto& each : lookups_.wait_only_for(nodes_))
    end_question(each);
  if (is_another)
    look_around();
}

/// Tells the other nodes of all users who are here, and asks them of all who are there: whatever of
/// it was lost is known then.
void directory::look_around() {
  if (!reaches_others())
    return;
  const bool runs = !looking_.empty();
  looking_.clear();
  devices_.for_each_user([this](const project_id& project, const user_id& user) {
    looking_.push_back({project, user});
  });
  elsewhere_.for_each_user([this](const user_key& user) {
    if (!is_here(user))
      looking_.push_back(user);
  });
  if (!runs)
    look_at_some();
}

void directory::look_at_some() {
  for (auto left = looked_at_in_a_turn; left > 0 && !looking_.empty(); --left) {
    const auto user = std::move(looking_.back());
    looking_.pop_back();
    if (is_here(user))
      tell_nodes(bus_presence{user, presence::arrived});
    if (elsewhere_.has(user) && lookups_.find(user) == nullptr)
      ask_nodes_for(user, {});
  }
  if (!looking_.empty())
    delayed_send(this, between_turns, looking_due{});
}

// -- the ends of questions ------------------------------------------------------------------------

void directory::ask_about_departure(departure_grace::departure gone) {
  if (leaving_.find(gone.user) != nullptr)
    return;
  const auto number =
      leaving_.ask(gone.user, {encode_departure(gone.label, gone.user.user.str()), 0, false},
                   nodes_, clock().now());
  if (!number)
    return;
  tell_nodes(bus_question{std::move(gone.user), *number, question_reason::departure});
  schedule_questions();
}

void directory::schedule_questions() {
  const auto first = lookups_.next_due();
  const auto second = leaving_.next_due();
  if (questions_timed_ || (!first && !second))
    return;
  questions_timed_ = true;
  const auto due = !first ? *second : !second ? *first : std::min(*first, *second);
  delayed_send(this, std::max(due - clock().now(), caf::actor_clock::duration_type::zero()),
               questions_due{});
}

void directory::end_questions() {
  const auto now = clock().now();
  for (const auto& each : leaving_.take_due(now))
    end_question(each);
  for (const auto& each : lookups_.take_due(now))
    end_question(each);
  schedule_questions();
}

void directory::end_question(const node_questions<departure_findings>::outcome& ended) {
  const auto& user = ended.about;
  if (ended.found.has || is_here(user) || departures_.holds(user))
    return;
  announce_everywhere(user.project, {ended.found.text}, ended.found.connected,
                      {bus_notice{user, ended.found.text}});
}

void directory::end_question(const node_questions<lookup_findings>::outcome& ended) {
  options_.here->remove(hash_of(ended.about));
  for (const auto& asker : ended.found.askers)
    answer_lookup(ended.about, asker);
  forget_if_unwanted(ended.about);
}

} // namespace klatch::actors
