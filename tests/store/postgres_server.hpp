/// A PostgreSQL server for tests: one that is thrown away, or that of KLATCH_TEST_POSTGRES, a URL
/// whose user may make databases.
#pragma once

#include "store/postgres/postgres_connection.hpp"

#include <cstdint>
#include <string>

namespace klatch::store::test {

/// Starts the server when it is first called. Returns false, and says once why, if there is none.
bool has_postgres();

/// The folder of the server's Unix socket, and the name of that; empty for KLATCH_TEST_POSTGRES.
std::string postgres_socket();

/// How far a test is from others.
enum class apart {
  in_database, ///< it has one of its own
  in_schema    ///< it has a schema of its own in the user's database, which takes less time to make
};

/// An empty database that is gone with the test. There is a server.
class test_database {
public:
  explicit test_database(apart how = apart::in_database);
  ~test_database();
  test_database(test_database&&) = delete;
  test_database& operator=(test_database&&) = delete;

  const std::string& url() const noexcept { return url_; }
  /// What follows the host in the URL.
  std::string path() const;
  /// Of the database or of the schema.
  const std::string& name() const noexcept { return name_; }
  /// The same for somebody else, who exists.
  std::string url_of(const std::string& user) const;

  void run(const std::string& sql) const;
  /// The first column of the first row, a number.
  std::int64_t number(const std::string& sql) const;

private:
  apart how_;
  std::string name_;
  std::string url_;
};

} // namespace klatch::store::test
