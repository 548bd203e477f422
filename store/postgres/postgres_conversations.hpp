/// A user's conversations, newest first.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/postgres_connection.hpp"

#include <cstdint>
#include <optional>

namespace klatch::store {

/// A part of a reader.
class postgres_conversations {
public:
  /// `server` outlives it, and runs the session of readers.
  explicit postgres_conversations(postgres_connection& server) noexcept : server_(server) {}

  conversations_page read(const user_key& user, std::optional<std::uint64_t> before, bound limit);

private:
  /// How the newest ones are found.
  enum class way {
    /// Among the newest 1,000 entries of the inbox if the user has more than 200 conversations, and
    /// otherwise as below.
    newest_entries,
    /// All of the user's are looked at.
    every_one
  };
  struct found {
    conversations_page page;
    bool walked = false; ///< only the newest entries were looked at
  };

  found look(const user_key& user, std::uint64_t before, bound limit, way by);

  postgres_connection& server_;
};

} // namespace klatch::store
