/// How far the inboxes of many users go, asked for again and again.
#pragma once

#include "messages/ids.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/record_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace klatch::store {

/// The row ids of users, as long as they are asked for.
class remembered_users {
public:
  /// Of the users that were asked for or added last, so many different ones are remembered, and as
  /// many more at most: about 110 bytes each, and their names where these are long.
  explicit remembered_users(std::size_t limit) : limit_(limit) {}

  /// 0: it is not known. There is no row 0.
  row_id find(const user_key& user);
  void add(const user_key& user, row_id id);
  void clear();

  std::size_t size() const noexcept { return lately_.size() + before_.size(); }

private:
  using table = std::unordered_map<user_key, row_id>;

  void make_room();

  std::size_t limit_;
  table lately_;
  table before_; ///< asked for before all of those
};

/// The row of a user never changes, so only users who are new to this, or have no row yet, are
/// looked for by their names.
class postgres_heads {
public:
  /// `remembered`: see `remembered_users`.
  postgres_heads(postgres_connection& server, std::size_t remembered)
      : server_(server), users_(remembered) {}

  /// In the order of `users`; 0 where there never was an entry. One statement, or two if not all
  /// users are remembered. Throws `unavailable`.
  std::vector<std::uint64_t> read(std::span<const user_key> users);

private:
  struct place {
    row_id id;
    std::size_t at;
  };

  void read_by_id(std::vector<place>& wanted, std::span<std::uint64_t> to);
  void read_by_name(std::span<const user_key> users, const std::vector<std::size_t>& wanted,
                    std::span<std::uint64_t> to);

  postgres_connection& server_;
  remembered_users users_;
  std::uint64_t session_ = 0; ///< in which all of them were found
};

} // namespace klatch::store
