/// How far users have got, as PostgreSQL has it.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/writer_session.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace klatch::store {

class postgres_marks {
public:
  explicit postgres_marks(writer_session& session) noexcept : session_(session) {}

  /// As `message_store::apply_marks`: in three to five statements if no user or conversation is
  /// marked twice in the same way, and two more for each time that one is.
  std::vector<mark_outcome> apply(std::span<const any_mark> marks);

private:
  enum class kind { read, delivered, legacy };
  /// A mark of somebody who is known.
  struct known_mark {
    std::size_t at;
    kind what;
    row_id owner;
    row_id conversation; ///< of a read mark
    std::uint64_t number;
    std::size_t limit; ///< of a delivered mark
  };
  using known_marks = std::vector<known_mark>;

  known_marks resolve(std::span<const any_mark> marks);
  static known_marks take_round(known_marks& waiting);
  void set_read(const known_marks& round, std::vector<mark_outcome>& results);
  void set_delivered(const known_marks& round, std::vector<mark_outcome>& results);

  writer_session& session_;
};

} // namespace klatch::store
