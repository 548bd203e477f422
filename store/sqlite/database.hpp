/// A connection to an SQLite file and its prepared statements: what owns what, and errors as
/// exceptions. All that is said to SQLite is said here.
#pragma once

#include "store/message_store.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace klatch::store {

/// The version of the library, as `3.40.1`.
const char* sqlite_version() noexcept;

enum class database_fault {
  full,    ///< there is no room on the disk
  io,      ///< the disk or the system fails
  damaged, ///< the file is not what it should be
  misfit,  ///< the file has not the tables that a statement is about
  other
};

/// Why SQLite has not done what it was asked.
class database_error : public unavailable {
public:
  /// `result`: what SQLite returned.
  database_error(int result, const std::string& what);
  /// What SQLite does not see: rows that contradict each other.
  static database_error damaged(const std::string& what) { return {database_fault::damaged, what}; }

  database_fault fault() const noexcept { return fault_; }

private:
  database_error(database_fault fault, const std::string& what)
      : unavailable(what), fault_(fault) {}

  database_fault fault_;
};

/// How much of a commit is on disk when it returns.
enum class durability {
  later, ///< some time after; whatever is synced later takes it along
  now
};

/// A connection; one thread at a time.
class database {
public:
  enum class access { read_only, read_write };

  /// By SQLite's VFS of that name, which outlives it; null: its default.
  database(const std::filesystem::path& file, access wanted, const char* vfs = nullptr);
  ~database();

  database(database&&) = delete;
  database& operator=(database&&) = delete;

  /// For `statement`, `transaction` and tests.
  sqlite3* handle() const noexcept { return handle_; }

  /// Runs statements that return no rows.
  void execute(const char* sql);
  /// Runs a statement that returns one number; 0 if it returns no row.
  std::int64_t number(const char* sql);

  /// From the next transaction on.
  void set_durability(durability wanted);
  /// Closing moves what the write-ahead log holds into the file if `wanted`. At first it does.
  void set_checkpoint_on_close(bool wanted);

  /// Calls `on_size` after each commit with the size of the write-ahead log in bytes; null: no
  /// more. `on_size` must not throw.
  void watch_log(std::function<void(std::size_t)> on_size);
  /// Moves what nobody needs any more from the write-ahead log into the file, without waiting for
  /// anybody. Returns the pages that the file has of the log then; -1: there is no log, or it
  /// failed.
  int checkpoint() noexcept;
  /// Moves all of the log, so that it begins anew. Returns false if a reader still needs it.
  bool restart_log() noexcept;
  /// Syncs the file, and not the log.
  void sync_file() noexcept;
  /// Copies all pages in one step, from one state of the file; what is written meanwhile goes on.
  void copy_to(database& target);

  [[noreturn]] void fail(int result) const;

private:
  sqlite3* handle_ = nullptr;
  std::function<void(std::size_t)> on_log_size_;
  std::optional<durability> durability_;
};

/// The rows of a statement. Releases them, and the state of the file that they were read from, when
/// it ends.
class cursor {
public:
  cursor(database& source, sqlite3_stmt* bound) noexcept : source_(source), statement_(bound) {}
  ~cursor();

  cursor(cursor&&) = delete;
  cursor& operator=(cursor&&) = delete;

  /// Goes to the next row, at first to the first one. Returns false if there is none.
  bool next();

  std::int64_t integer(int column) const noexcept;
  std::uint64_t number(int column) const noexcept;
  /// Valid until the next call of `next`.
  std::string_view text(int column) const noexcept;
  bool is_null(int column) const noexcept;

private:
  database& source_;
  sqlite3_stmt* statement_;
};

/// A prepared statement; must not outlive its connection. Texts that are bound to it must stay
/// until it has run.
class statement {
public:
  statement(database& source, std::string_view sql);

  /// Runs it, for its effect.
  template<class... Values>
  void run(const Values&... values) {
    auto rows = query(values...);
    rows.next();
  }

  /// Runs it. The rows have to end before it is run again.
  template<class... Values>
  cursor query(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return {source_, handle_.get()};
  }

private:
  struct finalizer {
    void operator()(sqlite3_stmt* finished) const noexcept;
  };

  void bind(int index, std::int64_t value);
  void bind(int index, std::uint64_t value);
  void bind(int index, std::string_view value);
  void bind(int index, const std::optional<std::string_view>& value);
  void bind(int index, const std::string& value) { bind(index, std::string_view{value}); }

  database& source_;
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

/// All or nothing of what is done while it lives: nothing, unless it is committed.
class transaction {
public:
  enum class kind { read, write };

  transaction(database& target, kind wanted);
  ~transaction();

  transaction(transaction&&) = delete;
  transaction& operator=(transaction&&) = delete;

  void commit();

private:
  database& target_;
};

} // namespace klatch::store
