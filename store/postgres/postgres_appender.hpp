/// Stores batches of messages in PostgreSQL, each of them a call of one function there.
///
/// A call whose answer is lost is made again with the same keys, with which a message is stored
/// once: so it becomes known what became of it.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/append_plan.hpp"
#include "store/postgres/recent_keys.hpp"
#include "store/postgres/writer_session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace klatch::store {

class postgres_appender {
public:
  explicit postgres_appender(writer_session& session);

  /// As `message_store::append`. Where it throws after a part of the batch was stored, or may have
  /// been, it throws `uncertain`.
  std::vector<outcome> append(std::span<const operation> batch, std::int64_t now);

private:
  using messages = std::vector<waiting_message>;
  /// What to do about an error of the server's.
  enum class cure { none, at_once, later };

  messages waiting_of(std::span<const operation> batch);
  messages take_chunk(messages& waiting);
  bool settled_by_twin(const waiting_message& one);
  bool is_answer(const waiting_message& one);
  void load_answered(const messages& waiting);
  void refuse_or_repeat(const messages& no_answers);
  void store(messages chunk);
  void call(messages& chunk, bool& check);
  void take_repeats(const result_rows& rows, const append_plan& plan, messages& chunk);
  void take_numbers(const result_rows& rows, const append_plan& plan, const messages& chunk);
  std::uint64_t incarnation();
  bool any_recent(const messages& chunk) const;
  void settle(const waiting_message& one, outcome what);

  /// Runs `work` until it succeeds, for a bounded time; see `postgres_appender.cpp`.
  template<class Work>
  void persist(bool writes, bool& again, Work work);
  cure cure_for(const server_refused& failed);

  writer_session& session_;
  recent_keys recent_;
  std::string own_key_; ///< what keys that are made here begin with
  std::uint64_t made_keys_ = 0;
  std::uint64_t used_ = 0;   ///< the incarnation of the last call
  std::uint64_t fenced_ = 0; ///< one whose lease is gone

  // Of the append that is under way.
  std::optional<std::int64_t> now_{};
  std::vector<outcome> results_;
  std::vector<bool> settled_;
  std::unordered_map<std::string, std::size_t> first_; ///< by key: place in the batch
  bool stored_ = false;                                ///< a part of the batch is
};

} // namespace klatch::store
