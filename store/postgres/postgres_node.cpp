#include "store/postgres/postgres_node.hpp"

#include "store/cannot_open.hpp"
#include "store/postgres/append_plan.hpp"
#include "store/postgres/postgres_schema.hpp"

#include <utility>

namespace klatch::store {

namespace {

constexpr postgres_statement read_start{
    "read_start", "SELECT (SELECT value FROM meta WHERE key='epoch'), last_value, is_called, "
                  "EXISTS (SELECT 1 FROM pg_stat_replication) AND "
                  "current_setting('synchronous_standby_names')='', "
                  "(SELECT value FROM meta WHERE key='cluster') FROM blocks"};

constexpr std::size_t most_reports = 100;
constexpr std::size_t most_past_epochs = 64;

} // namespace

postgres_node::postgres_node(postgres_options options)
    : options_(std::move(options)), lease_(options_) {
  try {
    read_state();
  } catch (const unavailable& failed) {
    throw cannot_open{failed.what()};
  }
}

void postgres_node::read_state() {
  postgres_connection server{options_};
  prepare_database(server);
  const auto rows = server.run(read_start);
  if (rows.empty() || rows.is_null(0, 0))
    throw cannot_open{"the store in " + server.server() + " has no epoch"};
  epoch_ = rows.bytes(0, 0);
  if (!rows.is_null(0, 4))
    cluster_ = rows.bytes(0, 4);
  if (rows.flag(0, 2))
    last_mid_ = last_mid_of_block(rows.number(0, 1));
  if (rows.flag(0, 3))
    report({true,
            "PostgreSQL at " + server.server() +
                " has a standby, and does not wait for it (synchronous_standby_names): "
                "messages that were acknowledged may be lost when it takes over",
            store_change::weight::warning});
}

std::string postgres_node::epoch() const {
  const std::lock_guard guard{mutex_};
  return epoch_;
}

void postgres_node::set_epoch(std::string now) {
  const std::lock_guard guard{mutex_};
  if (epoch_ == now)
    return;
  past_epochs_.push_back(std::exchange(epoch_, std::move(now)));
  if (past_epochs_.size() > most_past_epochs)
    past_epochs_.pop_front();
}

std::deque<std::string> postgres_node::past_epochs() const {
  const std::lock_guard guard{mutex_};
  return past_epochs_;
}

void postgres_node::gave(std::uint64_t mid) noexcept {
  auto known = last_mid_.load();
  while (known < mid && !last_mid_.compare_exchange_weak(known, mid))
    ;
}

void postgres_node::report(store_change what) {
  const std::lock_guard guard{mutex_};
  reports_.push_back(std::move(what));
  if (reports_.size() > most_reports)
    reports_.pop_front();
}

std::optional<store_change> postgres_node::take_report() {
  const std::lock_guard guard{mutex_};
  if (reports_.empty())
    return std::nullopt;
  auto result = std::move(reports_.front());
  reports_.pop_front();
  return result;
}

} // namespace klatch::store
