/// The users and conversations that the writer works with: from memory, from the file, or new.
#pragma once

#include "store/sqlite/database.hpp"
#include "store/sqlite/live_state.hpp"

#include <cstddef>
#include <vector>

namespace klatch::store {

class registry {
public:
  registry(database& source, live_state& live);

  /// Null if there never was one.
  user_record* find_user(const project_id& project, const user_id& user);
  conversation_record* find_conversation(const user_record& one, const user_record& other);

  /// Makes a new one if there never was one; see `save_new`.
  user_record& user(const project_id& project, const user_id& user);
  conversation_record& conversation(const user_record& one, const user_record& other);

  /// Those that the file has; throws if it has not.
  user_record& user(row_id id);
  conversation_record& conversation(row_id id);

  /// Writes the new ones; within a transaction.
  void save_new();
  /// Once that transaction is committed: they are new no more.
  void publish_new() noexcept;
  /// Or once it has failed: there are no new ones, as before.
  void forget_new();

  /// Remembers about `limit` users and as many conversations, besides those that must stay.
  void evict(std::size_t limit);

private:
  user_record& add_user(cursor& row, const project_id& project, const user_id& user);
  conversation_record& add_conversation(cursor& row);

  live_state& live_;
  statement user_by_name_;
  statement user_by_id_;
  statement insert_user_;
  statement conversation_by_name_;
  statement conversation_by_id_;
  statement insert_conversation_;
  row_id last_user_;
  row_id last_conversation_;
  std::vector<user_record*> new_users_;
  std::vector<conversation_record*> new_conversations_;
};

} // namespace klatch::store
