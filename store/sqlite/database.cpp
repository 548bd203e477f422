#include "store/sqlite/database.hpp"

#include <sqlite3.h>
#include <utility>

namespace klatch::store {

namespace {

/// How long a reader waits where it may not read, which is while another process opens the file.
constexpr int busy_ms = 5000;

constexpr std::size_t page_bytes = 4096;

database_fault fault_of(int result) noexcept {
  switch (result & 0xFF) {
  case SQLITE_FULL:
    return database_fault::full;
  case SQLITE_IOERR:
    return database_fault::io;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return database_fault::damaged;
  case SQLITE_ERROR:
    return database_fault::misfit;
  default:
    return database_fault::other;
  }
}

} // namespace

database_error::database_error(int result, const std::string& what)
    : database_error(fault_of(result), what) {}

database::database(const std::filesystem::path& file, access wanted, const char* vfs) {
  const auto mode = wanted == access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const auto result = sqlite3_open_v2(file.c_str(), &handle_, mode | SQLITE_OPEN_NOMUTEX, vfs);
  if (result != SQLITE_OK) {
    const std::string what = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw database_error{result, what};
  }
  sqlite3_busy_timeout(handle_, busy_ms);
}

database::~database() { sqlite3_close(handle_); }

void database::execute(const char* sql) {
  if (const auto result = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
      result != SQLITE_OK)
    fail(result);
}

std::int64_t database::number(const char* sql) {
  statement prepared{*this, sql};
  auto rows = prepared.query();
  return rows.next() ? rows.integer(0) : 0;
}

void database::set_durability(durability wanted) {
  if (durability_ == wanted)
    return;
  execute(wanted == durability::now ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  durability_ = wanted;
}

void database::set_checkpoint_on_close(bool wanted) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): SQLite's interface
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 0 : 1, nullptr);
}

void database::fail(int result) const { throw database_error{result, sqlite3_errmsg(handle_)}; }

// -- the write-ahead log --------------------------------------------------------------------------

void database::watch_log(std::function<void(std::size_t)> on_size) {
  on_log_size_ = std::move(on_size);
  const auto tell_size = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<database*>(self)->on_log_size_(static_cast<std::size_t>(pages) * page_bytes);
    return SQLITE_OK;
  };
  if (on_log_size_)
    sqlite3_wal_hook(handle_, tell_size, this);
  else
    sqlite3_wal_hook(handle_, nullptr, nullptr);
}

int database::checkpoint() noexcept {
  int moved = -1; // stays so if there is no log
  sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &moved);
  return moved;
}

bool database::restart_log() noexcept {
  sqlite3_busy_timeout(handle_, 0);
  const auto result =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, busy_ms);
  return result == SQLITE_OK;
}

void database::sync_file() noexcept {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle_, nullptr, SQLITE_FCNTL_FILE_POINTER, &file);
  if (file != nullptr && file->pMethods != nullptr)
    file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

void database::copy_to(database& target) {
  auto* copy = sqlite3_backup_init(target.handle_, "main", handle_, "main");
  if (copy == nullptr)
    target.fail(sqlite3_errcode(target.handle_));
  const auto result = sqlite3_backup_step(copy, -1);
  sqlite3_backup_finish(copy);
  if (result != SQLITE_DONE)
    throw database_error{result, sqlite3_errstr(result)};
}

// -- rows -----------------------------------------------------------------------------------------

cursor::~cursor() { sqlite3_reset(statement_); }

bool cursor::next() {
  const auto result = sqlite3_step(statement_);
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    source_.fail(result);
  return result == SQLITE_ROW;
}

std::int64_t cursor::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::uint64_t cursor::number(int column) const noexcept {
  return static_cast<std::uint64_t>(integer(column));
}

std::string_view cursor::text(int column) const noexcept {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string_view{} : std::string_view{bytes, size};
}

bool cursor::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

// -- statements -----------------------------------------------------------------------------------

statement::statement(database& source, std::string_view sql) : source_(source) {
  sqlite3_stmt* prepared = nullptr;
  const auto result = sqlite3_prepare_v3(source.handle(), sql.data(), static_cast<int>(sql.size()),
                                         SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (result != SQLITE_OK)
    source.fail(result);
  handle_.reset(prepared);
}

void statement::finalizer::operator()(sqlite3_stmt* finished) const noexcept {
  sqlite3_finalize(finished);
}

void statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), index, value);
}

// Numbers count what is kept, and so never reach the sign.
void statement::bind(int index, std::uint64_t value) {
  bind(index, static_cast<std::int64_t>(value));
}

void statement::bind(int index, std::string_view value) {
  const auto* bytes = value.data() == nullptr ? "" : value.data();
  if (const auto result = sqlite3_bind_text64(handle_.get(), index, bytes, value.size(),
                                              SQLITE_STATIC, SQLITE_UTF8);
      result != SQLITE_OK)
    source_.fail(result);
}

void statement::bind(int index, const std::optional<std::string_view>& value) {
  if (value)
    bind(index, *value);
  else
    sqlite3_bind_null(handle_.get(), index);
}

const char* sqlite_version() noexcept { return sqlite3_libversion(); }

// -- transactions ---------------------------------------------------------------------------------

transaction::transaction(database& target, kind wanted) : target_(target) {
  target.execute(wanted == kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

// SQLite ends a transaction itself if the disk fails; what it has rolled back cannot be again.
transaction::~transaction() {
  if (sqlite3_get_autocommit(target_.handle()) == 0)
    sqlite3_exec(target_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void transaction::commit() { target_.execute("COMMIT"); }

} // namespace klatch::store
