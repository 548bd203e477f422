#include "store/postgres/postgres_trimmer.hpp"

#include "store/postgres/postgres_rows.hpp"

#include <algorithm>

namespace klatch::store {

namespace {

/// `before`, `through`, `limit`. The oldest by mid, up to the first one that has not expired.
constexpr postgres_statement forget_oldest{
    "forget_oldest",
    "WITH turn AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) FROM meta "
    "WHERE key='retention' FOR UPDATE SKIP LOCKED), "
    "oldest AS MATERIALIZED (SELECT m.mid, m.ts, row_number() OVER (ORDER BY m.mid) AS i "
    "FROM (SELECT mid, ts FROM message WHERE mid<=$2 AND EXISTS (SELECT 1 FROM turn) "
    "ORDER BY mid LIMIT $3+1) m), "
    "kept AS MATERIALIZED (SELECT coalesce(min(i), $3+2) AS i FROM oldest WHERE ts>=$1), "
    "gone AS (DELETE FROM message m USING oldest o WHERE m.mid=o.mid AND o.i<=$3 "
    "AND o.i<(SELECT i FROM kept) RETURNING 1) "
    "SELECT (SELECT count(*) FROM gone), "
    "EXISTS (SELECT 1 FROM oldest, kept WHERE oldest.i=$3+1 AND kept.i>$3+1)"};
constexpr postgres_statement find_middle{
    "find_middle",
    "SELECT m.mid, m.ts FROM (SELECT min(mid) AS low, max(mid) AS high FROM message) "
    "ends CROSS JOIN LATERAL (SELECT mid, ts FROM message "
    "WHERE mid >= ends.low + (ends.high + 1 - ends.low) / $1 ORDER BY mid LIMIT 1) m"};

constexpr std::size_t most_forgotten = 10'000;

} // namespace

void postgres_trimmer::trim(const expiry& what, upkeep_result& result) {
  session_.enter();
  const auto rows = session_.server().run(
      forget_oldest, statement_params{}
                         .number(what.before)
                         .number(signed_number(what.through))
                         .number(std::uint64_t{std::min(what.limit, most_forgotten)}));
  result.forgotten = rows.number(0, 0);
  result.more_expired = rows.flag(0, 1);
}

bool postgres_trimmer::many(const expiry& what) {
  session_.enter();
  const auto rows = session_.server().run(
      find_middle, statement_params{}.number(signed_number(what.unless_one_in)));
  return !rows.empty() && rows.number(0, 0) <= what.through && rows.integer(0, 1) < what.before;
}

} // namespace klatch::store
