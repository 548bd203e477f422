/// Fills an empty PostgreSQL database with a store that was kept elsewhere.
#pragma once

#include "store/moved_rows.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace klatch::store {

/// Rows that are inserted together.
class pending_rows {
public:
  /// `insert` takes an array for each column.
  pending_rows(const postgres_statement& insert, std::vector<postgres_type> columns);

  template<class... Values>
  void add(const Values&... values) {
    std::size_t column = 0;
    (add_value(column++, values), ...);
    ++rows_;
  }
  /// 1,000 rows, or 1 MiB of texts.
  bool full() const noexcept { return rows_ >= most_rows || bytes_ >= most_bytes; }
  void flush(postgres_connection& server);

private:
  static constexpr std::size_t most_rows = 1'000;
  static constexpr std::size_t most_bytes = 1U << 20U;

  void add_value(std::size_t column, std::uint64_t number) { columns_[column].add(number); }
  void add_value(std::size_t column, std::int64_t number) { columns_[column].add(number); }
  void add_value(std::size_t column, const std::string& bytes) {
    columns_[column].add(std::string_view{bytes});
    bytes_ += bytes.size();
  }
  void clear();

  const postgres_statement& insert_;
  std::vector<postgres_type> types_;
  std::vector<array_builder> columns_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

/// All in one transaction: until `finish` has returned, the database is as empty as it was,
/// whatever happens. Numbers, epoch, keys, texts, marks and profiles are the same afterwards. Every
/// function throws `unavailable` where the database cannot do what it is asked.
class postgres_move {
public:
  /// Makes the tables if there are none. Throws `cannot_open` if the URL is none, the database has
  /// a store in it already, or a node uses it.
  postgres_move(const postgres_options& options, const moved_store& what);

  /// Users, conversations, messages: in this order.
  void add(const moved_user& one);
  void add(const moved_conversation& one);
  void add(const moved_message& one);
  void add(const moved_profile& one);

  /// Guests are known by it, whatever the database had.
  void add_guest_secret(const std::string& secret);

  /// Looks whether all is there and nothing is wrong with it, as `check_postgres` does. Returns a
  /// sentence for each fault: nothing is moved then. Throws `uncertain` if it cannot tell.
  std::vector<std::string> finish();

  /// As messages for people name it.
  const std::string& target() const noexcept { return server_.server(); }

private:
  void require_empty();
  void add_done(pending_rows& rows);
  void set_sequences();
  std::vector<std::string> find_missing();

  postgres_connection server_;
  moved_store what_;
  std::uint64_t session_ = 0; ///< the one that the transaction is of
  std::uint64_t last_id_;
  pending_rows users_;
  pending_rows conversations_;
  pending_rows messages_;
  pending_rows profiles_;
};

} // namespace klatch::store
