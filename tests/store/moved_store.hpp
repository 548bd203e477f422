/// Fills a PostgreSQL database for a test with what an SQLite store has.
#pragma once

#include "store/postgres/postgres_move.hpp"
#include "store/sqlite/sqlite_export.hpp"
#include "tests/store/postgres_server.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace klatch::store::test {

inline postgres_options options_of(const test_database& which) { return {.url = which.url()}; }

/// Moves the store in `folder`, which nobody uses. Returns what is wrong with it then.
inline std::vector<std::string> move_into(const postgres_options& target,
                                          const std::filesystem::path& folder) {
  sqlite_export source{folder};
  postgres_move to{target, source.what()};
  return move_rows(source, to, [] {});
}

} // namespace klatch::store::test
