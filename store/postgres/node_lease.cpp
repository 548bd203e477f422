#include "store/postgres/node_lease.hpp"

#include "store/cluster_times.hpp"

#include <charconv>
#include <utility>

namespace klatch::store {

namespace {

// A lease that a crash of the server has undone is taken again.
constexpr const char* lease_session =
    "SET synchronous_commit=off; SET lock_timeout='3s'; SET jit=off";

constexpr postgres_statement renew_lease{
    "renew_lease",
    "UPDATE node SET seen=clock_timestamp(), bus=$2, draining=$3 WHERE incarnation=$1"};
/// Of another node by the name of this one, which has started later.
constexpr postgres_statement younger_of_name{"younger_of_name",
                                             "SELECT 1 FROM node WHERE name=$1 AND incarnation>$2"};
/// Waits for what a node of that name has under way: then it is over.
constexpr postgres_statement end_name{"end_name", "DELETE FROM node WHERE name=$1"};
constexpr postgres_statement take_lease{
    "take_lease", "INSERT INTO node(name, speaks, seen, bus, draining) "
                  "VALUES($1, $2::int8::int, clock_timestamp(), $3, $4) RETURNING incarnation"};
constexpr postgres_statement end_lease{"end_lease", "DELETE FROM node WHERE incarnation=$1"};
/// Not that of a node that is writing at this moment: its row is locked. Perhaps next time.
constexpr postgres_statement end_old_leases{
    "end_old_leases", "DELETE FROM node WHERE incarnation IN (SELECT incarnation FROM node "
                      "WHERE seen < clock_timestamp() - $1 * interval '1 ms' AND incarnation<>$2 "
                      "FOR UPDATE SKIP LOCKED)"};
constexpr postgres_statement read_cluster{
    "read_cluster",
    "SELECT n.incarnation, n.name, n.speaks, n.bus, n.draining, "
    "(SELECT value FROM meta WHERE key='control'), (SELECT value FROM meta WHERE key='epoch') "
    "FROM node n ORDER BY n.incarnation"};

std::uint64_t number_in(std::string_view text) {
  std::uint64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

} // namespace

node_lease::node_lease(const postgres_options& options)
    : server_(options, lease_session), name_(options.node) {}

std::uint64_t node_lease::replace(std::uint64_t gone) {
  const std::lock_guard guard{mutex_};
  if (left_)
    throw node_has_left{};
  if (incarnation_ == gone)
    join();
  return incarnation_;
}

void node_lease::introduce(std::string name, unsigned speaks) {
  const std::lock_guard guard{mutex_};
  name_ = std::move(name);
  speaks_ = speaks;
}

cluster_view node_lease::renew(const node_state& now) {
  const std::lock_guard guard{mutex_};
  state_ = now;
  left_ = false;
  const auto renewed =
      incarnation_ != 0 &&
      server_.run(renew_lease,
                  statement_params{}.number(incarnation_.load()).flag(now.hears).flag(now.draining))
              .affected() == 1;
  if (!renewed)
    incarnation_ = 0;
  server_.run(
      end_old_leases,
      statement_params{}.number(std::int64_t{lease_time.count()}).number(incarnation_.load()));
  if (!renewed)
    join();
  return look();
}

void node_lease::leave() {
  const std::lock_guard guard{mutex_};
  left_ = true;
  if (const auto gone = incarnation_.exchange(0); gone != 0)
    server_.run(end_lease, statement_params{}.number(gone));
}

void node_lease::join() {
  incarnation_ = 0;
  try {
    // Else each would end the other's lease for ever.
    if (newest_ != 0 &&
        !server_.run(younger_of_name, statement_params{}.text(name_).number(newest_)).empty())
      throw unavailable{"another node is called " + name_ +
                        " too, and has the lease now: give each a --node of its own"};
    server_.run(end_name, statement_params{}.text(name_));
    const auto rows = server_.run(take_lease, statement_params{}
                                                  .text(name_)
                                                  .number(std::uint64_t{speaks_})
                                                  .flag(state_.hears)
                                                  .flag(state_.draining));
    newest_ = rows.number(0, 0);
    incarnation_ = newest_;
  } catch (const server_refused& failed) {
    throw unavailable{std::string{"no lease can be taken now: "} + failed.what()};
  }
}

cluster_view node_lease::look() {
  const auto rows = server_.run(read_cluster);
  cluster_view result;
  result.incarnation = incarnation_;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    result.control = number_in(rows.bytes(row, 5));
    result.epoch = rows.bytes(row, 6);
    result.living.push_back({rows.number(row, 0),
                             std::string{rows.bytes(row, 1)},
                             static_cast<unsigned>(rows.integer(row, 2)),
                             {.hears = rows.flag(row, 3), .draining = rows.flag(row, 4)}});
  }
  if (rows.empty()) // It has just been ended by somebody, and with it all others.
    throw unavailable{"the lease of this node is gone"};
  return result;
}

} // namespace klatch::store
