/// What users have last registered as, on its way into PostgreSQL.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/writer_session.hpp"

#include <chrono>
#include <optional>
#include <unordered_map>

namespace klatch::store {

class postgres_profiles {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit postgres_profiles(writer_session& session) noexcept : session_(session) {}

  /// Of more than 10,000 users that wait it is not noted.
  void note(const user_key& user, const profile& now);
  /// How long until something is to be saved; nothing: there is nothing.
  std::optional<std::chrono::milliseconds> wait(time_point now) const;
  /// Saves at most 1,000, in one statement.
  void save(time_point now);

private:
  writer_session& session_;
  std::unordered_map<user_key, profile> waiting_;
  time_point saved_{};
};

} // namespace klatch::store
