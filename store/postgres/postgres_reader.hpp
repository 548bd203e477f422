/// Reads a store that is kept in PostgreSQL.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_conversations.hpp"
#include "store/postgres/postgres_heads.hpp"
#include "store/postgres/postgres_options.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace klatch::store {

/// Has a connection of its own, to the server that may be written to: another one may lag behind.
/// Every function is one statement, and so reads one state of the store. While the server cannot be
/// reached they throw `unavailable`, within the time-outs of the options; each call tries again.
class postgres_reader final : public message_reader {
public:
  /// Connects when it is first used. Throws `cannot_open` if the URL is none.
  explicit postgres_reader(const postgres_options& options);

  inbox_state inbox(const user_key& user) override;
  /// 10,000 of them in a statement.
  std::vector<inbox_state> inboxes(std::span<const user_key> users) override;
  /// By the rows of the users, which it remembers: see `postgres_heads`. 10,000 in a statement.
  std::vector<std::uint64_t> heads(std::span<const user_key> users) override;
  bool reads_together() const noexcept override { return true; }
  bool knows_project(const project_id& project) override;
  /// By the epoch that the store has now.
  bool continues(const user_key& user, std::string_view epoch, std::uint64_t since) override;
  inbox_page read_inbox(const user_key& user, std::uint64_t after, bound limit) override;
  conversation_page read_conversation(const project_id& project, const conversation_id& which,
                                      range wanted, bound limit) override;
  /// Where a user has very many conversations, and few of them in the newest entries of the inbox,
  /// two statements.
  conversations_page read_conversations(const user_key& user, std::optional<std::uint64_t> before,
                                        bound limit) override;

private:
  void add_inboxes(std::span<const user_key> users, std::span<inbox_state> to);

  postgres_connection server_;
  postgres_conversations conversations_;
  postgres_heads heads_;
};

} // namespace klatch::store
