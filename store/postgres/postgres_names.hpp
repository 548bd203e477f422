/// The row ids of users and conversations: from memory, from the database, or new.
#pragma once

#include "messages/conversation_id.hpp"
#include "messages/ids.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/record_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace klatch::store {

struct known_user {
  struct name_view {
    const project_id& project;
    const user_id& user;

    friend bool operator==(const name_view& a, const name_view& b) noexcept {
      return a.user == b.user && a.project == b.project;
    }
    std::size_t hash() const noexcept {
      return std::hash<project_id>{}(project)*0x9E3779B97F4A7C15U + std::hash<user_id>{}(user);
    }
  };

  row_id id;
  user_key key;
  bool recently_used = true;

  name_view name() const noexcept { return {key.project, key.user}; }
  bool may_go() const noexcept { return true; }
};

/// Who writes to oneself is both users, and counts as the low one.
struct known_conversation {
  struct name_view {
    row_id low;
    row_id high;

    friend bool operator==(const name_view&, const name_view&) = default;
    std::size_t hash() const noexcept {
      return static_cast<std::size_t>((low * 0x9E3779B97F4A7C15U + high) * 0x9E3779B97F4A7C15U >>
                                      8U);
    }
  };

  row_id id;
  row_id low;
  row_id high;
  /// That user has written in it: never is untrue again. False: not known.
  bool low_wrote = false;
  bool high_wrote = false;
  bool recently_used = true;

  name_view name() const noexcept { return {low, high}; }
  bool may_go() const noexcept { return true; }
  bool& wrote(row_id user) noexcept { return user == low ? low_wrote : high_wrote; }
};

/// A user, or a conversation, by its name.
struct user_ref {
  const project_id* project;
  const user_id* user;

  friend bool operator==(const user_ref& a, const user_ref& b) noexcept {
    return *a.user == *b.user && *a.project == *b.project;
  }
};
struct conversation_ref {
  const project_id* project;
  const conversation_id* in;
};

/// A conversation and its users, whose names are in the order of the conversation's id. Null: not
/// known.
struct found_conversation {
  known_user* low = nullptr;
  known_user* high = nullptr;
  known_conversation* conversation = nullptr;
};

/// Ids never change, so what is remembered stays true as long as the server is the same.
class postgres_names {
public:
  /// What is there, or what is made where it is not.
  enum class missing { stay, make };

  explicit postgres_names(postgres_connection& server) : server_(server) {}

  /// Makes known all users that are named, or that take part in the conversations, and these
  /// themselves. None to three statements if all are there, at most two more for each kind to make.
  void load_users(std::span<const user_key> users);
  /// Returns what is known then of each, in their order, valid as what `find` returns.
  std::vector<found_conversation> load(std::span<const conversation_ref> conversations,
                                       missing what);

  /// Null if it is not known. Valid until the next call of `evict` or `clear`.
  known_user* find(const project_id& project, const user_id& user);
  known_conversation* find(const known_user& one, const known_user& other);
  known_conversation* find(const conversation_ref& which);

  /// Asks who has written in the conversations, which are known.
  void load_writers(std::span<known_conversation* const> conversations);

  /// Remembers about `limit` users and as many conversations.
  void evict(std::size_t limit);
  void clear();

private:
  using user_names = std::vector<user_ref>;
  using conversation_names = std::vector<known_conversation::name_view>;

  void load(user_names wanted, missing what);
  void load(conversation_names wanted, missing what);

  postgres_connection& server_;
  record_cache<known_user> users_;
  record_cache<known_conversation> conversations_;
};

} // namespace klatch::store
