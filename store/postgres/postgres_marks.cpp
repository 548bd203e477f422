#include "store/postgres/postgres_marks.hpp"

#include "store/postgres/postgres_rows.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

namespace klatch::store {

namespace {

/// Returns those that have risen. On disk with the next message, or soon after.
constexpr postgres_statement raise_read{
    "raise_read",
    "INSERT INTO talk_mark AS t(talk, owner, read) SELECT d.talk, d.owner, least(d.n, c.last) "
    "FROM (SELECT set_config('synchronous_commit', 'off', true)) unsynced, "
    "unnest($1, $2, $3) d(talk, owner, n) JOIN counter c ON c.id=d.talk "
    "WHERE least(d.n, c.last) > 0 ORDER BY d.talk, d.owner "
    "ON CONFLICT (talk, owner) DO UPDATE SET read=EXCLUDED.read, room=NULL "
    "WHERE t.read < EXCLUDED.read RETURNING t.talk, t.owner, t.read"};
constexpr postgres_statement deliver{"deliver", "SELECT at, n, sender "
                                                "FROM klatch_deliver($1, $2, $3, $4, $5)"};

constexpr std::size_t most_entries = 1'000'000;

} // namespace

std::vector<mark_outcome> postgres_marks::apply(std::span<const any_mark> marks) {
  std::vector<mark_outcome> results(marks.size());
  if (marks.empty())
    return results;
  session_.enter();
  for (auto waiting = resolve(marks); !waiting.empty();) {
    const auto round = take_round(waiting);
    set_read(round, results);
    set_delivered(round, results);
  }
  return results;
}

/// Leaves out those of whom nothing is there.
postgres_marks::known_marks postgres_marks::resolve(std::span<const any_mark> marks) {
  std::vector<conversation_ref> conversations;
  std::vector<user_key> users;
  for (const auto& each : marks) {
    if (const auto* read = std::get_if<read_mark>(&each)) {
      if (read->in.has(read->reader.user))
        conversations.push_back({&read->reader.project, &read->in});
    } else if (const auto* delivered = std::get_if<delivered_mark>(&each)) {
      users.push_back(delivered->user);
    } else {
      users.push_back(std::get<legacy_mark>(each).user);
    }
  }
  auto& names = session_.names();
  names.load_users(users);
  names.load(conversations, postgres_names::missing::stay);
  known_marks result;
  for (std::size_t at = 0; at < marks.size(); ++at) {
    if (const auto* read = std::get_if<read_mark>(&marks[at])) {
      const auto* owner = names.find(read->reader.project, read->reader.user);
      const auto* conversation = names.find({&read->reader.project, &read->in});
      if (owner != nullptr && conversation != nullptr && read->in.has(read->reader.user))
        result.push_back({at, kind::read, owner->id, conversation->id, read->n, 0});
    } else if (const auto* delivered = std::get_if<delivered_mark>(&marks[at])) {
      if (const auto* owner = names.find(delivered->user.project, delivered->user.user))
        result.push_back({at, kind::delivered, owner->id, 0, delivered->seq, delivered->limit});
    } else {
      const auto& legacy = std::get<legacy_mark>(marks[at]);
      if (const auto* owner = names.find(legacy.user.project, legacy.user.user))
        result.push_back({at, kind::legacy, owner->id, 0, legacy.seq, 0});
    }
  }
  return result;
}

/// The first one of each kind and owner, which of two go to different statements.
postgres_marks::known_marks postgres_marks::take_round(known_marks& waiting) {
  std::set<std::tuple<kind, row_id, row_id>> taken;
  known_marks round;
  known_marks rest;
  for (const auto& each : waiting)
    (taken.emplace(each.what, each.owner, each.conversation).second ? round : rest).push_back(each);
  waiting = std::move(rest);
  return round;
}

void postgres_marks::set_read(const known_marks& round, std::vector<mark_outcome>& results) {
  array_builder conversations{postgres_type::number};
  array_builder owners{postgres_type::number};
  array_builder numbers{postgres_type::number};
  std::map<std::pair<row_id, row_id>, std::size_t> places;
  for (const auto& each : round) {
    if (each.what != kind::read)
      continue;
    conversations.add(each.conversation);
    owners.add(each.owner);
    numbers.add(signed_number(each.number));
    places.emplace(std::pair{each.conversation, each.owner}, each.at);
  }
  if (places.empty())
    return;
  const auto rows = session_.server().run(
      raise_read, statement_params{}.array(conversations).array(owners).array(numbers));
  for (std::size_t row = 0; row < rows.size(); ++row)
    results.at(places.at({rows.number(row, 0), rows.number(row, 1)})).read = rows.number(row, 2);
}

void postgres_marks::set_delivered(const known_marks& round, std::vector<mark_outcome>& results) {
  array_builder owners{postgres_type::number};
  array_builder seqs{postgres_type::number};
  array_builder limits{postgres_type::number};
  array_builder legacy_owners{postgres_type::number};
  array_builder legacy_seqs{postgres_type::number};
  std::vector<std::size_t> places;
  for (const auto& each : round) {
    if (each.what == kind::delivered) {
      owners.add(each.owner);
      seqs.add(signed_number(each.number));
      limits.add(std::uint64_t{std::clamp<std::size_t>(each.limit, 1, most_entries)});
      places.push_back(each.at);
    } else if (each.what == kind::legacy) {
      legacy_owners.add(each.owner);
      legacy_seqs.add(signed_number(each.number));
    }
  }
  if (owners.size() + legacy_owners.size() == 0)
    return;
  const auto rows = session_.server().run(deliver, statement_params{}
                                                       .array(owners)
                                                       .array(seqs)
                                                       .array(limits)
                                                       .array(legacy_owners)
                                                       .array(legacy_seqs));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto& step = results.at(places.at(rows.number(row, 0) - 1)).delivered;
    if (rows.is_null(row, 2))
      step.more = true;
    else
      step.senders.push_back({user_in(rows, row, 2), rows.number(row, 1)});
  }
}

} // namespace klatch::store
