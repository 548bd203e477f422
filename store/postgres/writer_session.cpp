#include "store/postgres/writer_session.hpp"

#include "store/postgres/postgres_schema.hpp"

#include <algorithm>
#include <string>

namespace klatch::store {

namespace {

/// Those that are not there. Counters never fall, whatever is forgotten; and a number that was
/// given again belongs to another message.
constexpr postgres_statement count_lost{
    "count_lost",
    "SELECT count(*) FROM unnest($1, $2, $3) d(talk, n, mid) LEFT JOIN counter c ON c.id=d.talk "
    "LEFT JOIN message m ON m.talk=d.talk AND m.n=d.n "
    "WHERE coalesce(c.last, 0) < d.n OR m.mid <> d.mid"};
/// Another node may have seen the same, and begun an epoch that this one does not know. One that it
/// has known before may have come back with the loss.
constexpr postgres_statement renew_epoch_once{
    "renew_epoch", "UPDATE meta SET value=replace(gen_random_uuid()::text, '-', '') "
                   "WHERE key='epoch' AND value=ANY($1)"};
constexpr postgres_statement read_epoch{"epoch", "SELECT value FROM meta WHERE key='epoch'"};

} // namespace

writer_session::writer_session(postgres_node& node)
    : node_(node), server_(node.options(), writing_session, reconnecting::when_asked),
      names_(server_) {}

void writer_session::enter() {
  server_.connect();
  if (server_.sessions() != session_) {
    names_.clear();
    check_acknowledged();
    session_ = server_.sessions();
  }
  epoch_ = node_.epoch();
}

void writer_session::acknowledged(row_id conversation, std::uint64_t n,
                                  std::uint64_t mid) noexcept {
  last_.at(next_) = {conversation, n, mid};
  next_ = (next_ + 1) % remembered;
}

std::optional<std::chrono::milliseconds> writer_session::look_again_in() const noexcept {
  constexpr std::chrono::seconds looks_every{1};
  const bool any =
      std::any_of(last_.begin(), last_.end(), [](const stored_row& each) { return each.mid != 0; });
  return any ? std::optional<std::chrono::milliseconds>{looks_every} : std::nullopt;
}

void writer_session::look() {
  if (look_again_in())
    enter();
}

void writer_session::check_acknowledged() {
  array_builder conversations{postgres_type::number};
  array_builder numbers{postgres_type::number};
  array_builder mids{postgres_type::number};
  for (const auto& each : last_) {
    if (each.mid == 0)
      continue;
    conversations.add(each.conversation);
    numbers.add(each.n);
    mids.add(each.mid);
  }
  if (mids.size() == 0)
    return;
  const auto lost =
      server_.run(count_lost, statement_params{}.array(conversations).array(numbers).array(mids))
          .number(0, 0);
  if (lost > 0)
    begin_epoch(lost, mids.size());
}

void writer_session::begin_epoch(std::size_t lost, std::size_t of) {
  array_builder known{postgres_type::text};
  known.add(std::string_view{epoch_});
  for (const auto& each : node_.past_epochs())
    known.add(std::string_view{each});
  server_.run(renew_epoch_once, statement_params{}.array(known));
  const auto rows = server_.run(read_epoch);
  if (!rows.empty())
    node_.set_epoch(epoch_ = std::string{rows.bytes(0, 0)});
  last_ = {};
  node_.report({true,
                "PostgreSQL at " + server_.server() + " has lost messages that were " +
                    "acknowledged: " + std::to_string(lost) + " of the last " + std::to_string(of) +
                    " of a writer. Clients start over (epoch " + epoch_ +
                    "). A synchronous standby loses none",
                store_change::weight::error});
}

} // namespace klatch::store
