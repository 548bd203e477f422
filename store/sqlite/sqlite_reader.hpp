/// Reads a store from its file and from what its writer has in memory.
#pragma once

#include "store/message_store.hpp"
#include "store/sqlite/conversation_list.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/file_watch.hpp"
#include "store/sqlite/generations.hpp"
#include "store/sqlite/live_state.hpp"
#include "store/sqlite/message_rows.hpp"
#include "store/sqlite/profiles.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace klatch::store {

/// Has a connection of its own. Looks into memory first and into the file afterwards, always.
class sqlite_reader final : public message_reader {
public:
  /// `live`, `watch` and `starts` outlive it.
  sqlite_reader(const std::filesystem::path& file, const char* vfs, live_state& live,
                const file_watch& watch, const generations& starts);

  inbox_state inbox(const user_key& user) override;
  bool knows_project(const project_id& project) override;
  bool continues(const user_key& user, std::string_view epoch, std::uint64_t since) override;
  inbox_page read_inbox(const user_key& user, std::uint64_t after, bound limit) override;
  conversation_page read_conversation(const project_id& project, const conversation_id& which,
                                      range wanted, bound limit) override;
  conversations_page read_conversations(const user_key& user, std::optional<std::uint64_t> before,
                                        bound limit) override;

private:
  /// What of an inbox or of a conversation was in the tail. The index is not asked for entries
  /// from `first` on.
  struct tail_part {
    std::uint64_t first = INT64_MAX;
    std::vector<std::uint64_t> positions; ///< of the entries that are wanted
  };

  std::optional<row_id> find_user(const user_key& user);
  std::optional<std::uint64_t> position_of(row_id user, std::uint64_t seq);

  conversation_page read_forward(row_id conversation, const tail_part& tail, std::uint64_t after,
                                 std::uint64_t before, bound limit);
  conversation_page read_backward(row_id conversation, const tail_part& tail, std::uint64_t before,
                                  bound limit);

  database source_;
  live_state& live_;
  const file_watch& watch_;
  const generations& starts_;
  message_rows messages_;
  conversation_list conversations_;
  profile_rows profiles_;

  statement user_by_name_;
  statement any_user_of_project_;
  statement conversation_by_name_;
  statement first_of_inbox_;
  statement inbox_at_;
  statement first_of_log_;
  statement inbox_after_;
  statement thread_after_;
  statement thread_before_;
};

} // namespace klatch::store
