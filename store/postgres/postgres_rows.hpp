/// How statements that read select messages, and how those are told from their rows.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/postgres_connection.hpp"

#include <cstddef>
#include <cstdint>

namespace klatch::store {

/// What is run on connections that read. What is read is found by an index whatever the tables'
/// statistics say, which where they are new say nothing yet.
inline constexpr const char* reading_session =
    "SET plan_cache_mode=force_generic_plan; SET jit=off; SET enable_seqscan=off; "
    "SET enable_bitmapscan=off; SET enable_hashjoin=off; SET enable_mergejoin=off; "
    "SET default_transaction_read_only=on";

/// The longest key that a client can give a message, in bytes. A longer one is the store's own, for
/// a message without.
inline constexpr std::size_t longest_cid = 64;

/// What a statement selects from `message`, called `from`: the columns that `message_numbers_in`
/// and `message_content_in` read. A literal.
#define KLATCH_MESSAGE_COLUMNS(from)                                                               \
  from ".mid, " from ".n, " from ".from_seq, " from ".to_seq, " from ".ts, " from ".cid, " from    \
       ".name, " from ".color, " from ".body"

/// How many columns that are.
inline constexpr std::size_t message_column_count = 9;
/// Which of them is the text.
inline constexpr std::size_t text_column = 8;

/// The bytes of texts that came in the rows before `from`'s, in their order: each counts as `most`
/// at most, so that as many rows as a `page_budget` takes have no more than `most` before them, and
/// one more at most has not. A literal.
#define KLATCH_BYTES_BEFORE(from, most, order)                                                     \
  "sum(least(octet_length(" from ".body), " most "::int4)) OVER (ORDER BY " order                  \
  " ROWS UNBOUNDED PRECEDING) - least(octet_length(" from ".body), " most "::int4)"

/// A number as SQL takes it.
inline std::int64_t signed_number(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>(number < INT64_MAX ? number : std::uint64_t{INT64_MAX});
}

/// The same bound where it is no more than what statements can be asked for: 2^30 rows, and as many
/// bytes.
bound within_reach(bound limit) noexcept;

/// One more than a page may have, so that it is known whether there is more.
inline std::int64_t rows_wanted(bound reach) noexcept {
  return static_cast<std::int64_t>(reach.entries) + 1;
}

/// The id that a column has. Throws `unavailable` if it is none.
user_id user_in(const result_rows& rows, std::size_t row, std::size_t column);

/// The message of a row whose columns of messages begin with `column`.
stored_message message_in(const result_rows& rows, std::size_t row, std::size_t column,
                          const project_id& project, user_id from, conversation_id conversation);

} // namespace klatch::store
