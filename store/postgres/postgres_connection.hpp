/// A connection to a PostgreSQL server, and its prepared statements. All that is said to PostgreSQL
/// is said here.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/postgres_options.hpp"
#include "store/postgres/statement_params.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

struct pg_conn;
struct pg_result;

namespace klatch::store {

/// The version of the library, as `15.4`.
std::string libpq_version();

/// The server has refused a statement, and has done nothing of it.
class server_refused : public unavailable {
public:
  server_refused(std::string sqlstate, std::string constraint, const std::string& what)
      : unavailable(what), sqlstate_(std::move(sqlstate)), constraint_(std::move(constraint)) {}

  /// Five characters (appendix A of PostgreSQL's manual).
  const std::string& sqlstate() const noexcept { return sqlstate_; }
  /// The constraint or index that was violated; empty if none was.
  const std::string& constraint() const noexcept { return constraint_; }
  /// Returns true if the same may succeed at once: a deadlock was found, say.
  bool passing() const noexcept;

private:
  std::string sqlstate_;
  std::string constraint_;
};

/// The connection broke, or no answer came in time, after a statement was sent: it may have been
/// done, and may be done yet.
class connection_lost : public uncertain {
public:
  using uncertain::uncertain;
};

/// An SQL statement with `$1`, `$2` …; `name` is its own. Both outlive every connection that runs
/// it.
struct postgres_statement {
  const char* name;
  const char* sql;
};

/// What a statement has returned. A column that is not of the type asked for throws `unavailable`.
class result_rows {
public:
  struct release {
    void operator()(pg_result* gone) const noexcept;
  };
  using owner = std::unique_ptr<pg_result, release>;

  explicit result_rows(owner rows) noexcept : result_(std::move(rows)) {}

  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  /// Rows that a statement without `RETURNING` has written.
  std::size_t affected() const;

  bool is_null(std::size_t row, std::size_t column) const noexcept;
  bool flag(std::size_t row, std::size_t column) const;
  /// Of int2, int4 and int8.
  std::int64_t integer(std::size_t row, std::size_t column) const;
  std::uint64_t number(std::size_t row, std::size_t column) const {
    return static_cast<std::uint64_t>(integer(row, column));
  }
  /// Of bytea and text; empty if null. Valid as long as the rows are.
  std::string_view bytes(std::size_t row, std::size_t column) const noexcept;
  /// Of int8[] without nulls; empty if null.
  std::vector<std::int64_t> integers(std::size_t row, std::size_t column) const;
  std::vector<std::uint64_t> numbers(std::size_t row, std::size_t column) const;

private:
  owner result_;
};

/// What a connection does with a statement while it is not connected.
enum class reconnecting {
  by_itself, ///< connects, and runs it
  when_asked ///< fails until `connect` is called: what follows from an earlier session may not hold
};

/// One thread at a time. Blocks for the time-outs of its options at most, but for the look-up of a
/// host's name. Every function may throw `unavailable`: there is no connection, and nothing was
/// sent.
class postgres_connection {
public:
  /// `session`: SQL that is run on every new connection. Throws `cannot_open` if the URL is none.
  explicit postgres_connection(const postgres_options& options, std::string session = {},
                               reconnecting when = reconnecting::by_itself);
  ~postgres_connection();

  postgres_connection(postgres_connection&&) = delete;
  postgres_connection& operator=(postgres_connection&&) = delete;

  /// Connects, unless it is connected. After a failure it fails at once for a while, which grows
  /// from 50 ms to 1 s.
  void connect();
  /// Runs a statement in a transaction of its own. Throws `server_refused`, or `connection_lost`.
  result_rows run(const postgres_statement& what, const statement_params& with = {});
  /// The same with statements without values, all in one transaction, which return nothing.
  void run_script(const std::string& sql);
  /// The next call connects again.
  void close() noexcept;
  /// Sleeps for `time`.
  static void pause(std::chrono::milliseconds time) noexcept;

  /// What other sessions have told the channels that this one listens to, and has not been taken
  /// yet, in the order in which it was told. Does not wait for more, nor connect.
  std::vector<std::string> take_notifications();
  /// To be waited for: readable if there may be notifications. -1 without a connection; another
  /// one after `connect`.
  int socket() const noexcept;

  /// How often it has connected so far: another number is another session.
  std::uint64_t sessions() const noexcept { return sessions_; }
  /// The hosts and the database, without what is secret.
  const std::string& server() const noexcept { return server_; }

private:
  using time_point = std::chrono::steady_clock::time_point;
  /// Options of libpq for one host of the URL.
  using settings = std::vector<std::pair<std::string, std::string>>;
  struct finish {
    void operator()(pg_conn* gone) const noexcept;
  };
  using handle = std::unique_ptr<pg_conn, finish>;

  time_point now() const { return options_.time.steady(); }
  void parse_url();
  void require_session();
  void connect_to(const settings& host, time_point deadline);
  void begin_session(time_point deadline);
  bool alive() noexcept;
  void prepare(const postgres_statement& what, const statement_params& with, time_point deadline);
  result_rows receive(time_point deadline);
  bool wait(short events, time_point deadline) noexcept;
  [[noreturn]] void lose(const std::string& why);
  [[noreturn]] void refuse(const pg_result& answer);
  std::string last_error() const;
  std::string without_secrets(std::string text) const;

  postgres_options options_;
  std::string session_;
  reconnecting when_;
  std::string server_;
  std::vector<std::string> secrets_;
  std::vector<settings> hosts_;
  std::size_t host_ = 0; ///< of `hosts_`: connected to last
  handle handle_;
  std::unordered_set<const postgres_statement*> prepared_;
  std::uint64_t sessions_ = 0;
  std::chrono::milliseconds backoff_{0};
  time_point retry_at_{};
  std::string failed_; ///< why the last attempt to connect has
};

} // namespace klatch::store
