#include "store/sqlite/sqlite_store.hpp"

#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/file_watch.hpp"
#include "store/sqlite/free_room.hpp"
#include "store/sqlite/generations.hpp"
#include "store/sqlite/index_writer.hpp"
#include "store/sqlite/live_state.hpp"
#include "store/sqlite/log_writer.hpp"
#include "store/sqlite/mark_writer.hpp"
#include "store/sqlite/profiles.hpp"
#include "store/sqlite/registry.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/soundness.hpp"
#include "store/sqlite/sqlite_reader.hpp"
#include "store/sqlite/store_file.hpp"
#include "store/sqlite/tail_cids.hpp"
#include "store/sqlite/trimmer.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace klatch::store {

namespace {

namespace fs = std::filesystem;

/// With so many messages in a batch the store is under load.
constexpr std::size_t busy_batch_size = 16;

class sqlite_store final : public message_store {
public:
  sqlite_store(fs::path file, sqlite_options options, std::unique_ptr<folder_lock> locked,
               std::unique_ptr<database> opened);
  ~sqlite_store() override;

  sqlite_store(sqlite_store&&) = delete;
  sqlite_store& operator=(sqlite_store&&) = delete;

  std::string epoch() const override { return starts_->epoch(); }

  std::vector<outcome> append(std::span<const operation> batch, std::int64_t now) override;
  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n) override {
    watch_.require_present();
    return marks_.mark_read(reader, in, n);
  }
  delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                               std::size_t limit) override {
    watch_.require_present();
    return marks_.mark_delivered(user, seq, limit);
  }
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq) override {
    watch_.require_present();
    marks_.mark_legacy_delivered(user, seq);
  }
  void note_profile(const user_key& user, const profile& now) override {
    watch_.require_present();
    profiles_.note(user, now);
  }
  upkeep_result upkeep(const std::optional<expiry>& expired) override;
  std::uint64_t last_mid() const override { return live_.last_pos(); }
  void leave_free(std::uint64_t bytes) override { room_.set_least(bytes); }
  std::size_t unindexed() const noexcept override { return live_.tail.size(); }
  std::unique_ptr<message_reader> make_reader() override {
    return std::make_unique<sqlite_reader>(file_, options_.files->vfs(), live_, watch_, *starts_);
  }
  std::optional<store_change> check_files() override { return watch_.check(); }

private:
  durability commit_durability() const noexcept;
  void load();
  std::optional<std::chrono::milliseconds> marks_wait(std::chrono::milliseconds interval) const;
  bool marks_due(std::chrono::milliseconds interval) const;
  void trim(const expiry& what, upkeep_result& result);
  void save_marks();
  void publish_marks();
  void begin_generation();
  void write_marks();
  void require_room(std::span<const operation> batch);
  bool take_room(std::uint64_t bytes);
  /// Returns true if more is to be moved.
  bool continue_indexing();
  void index_some();
  void make_room(std::size_t coming);
  std::size_t log_step() const noexcept;
  void move_rest_of_log();
  void restart_log();

  fs::path file_;
  sqlite_options options_;
  std::unique_ptr<folder_lock> lock_;
  std::unique_ptr<database> file_handle_;
  database& db_;
  live_state live_{};
  tail_cids cids_;
  registry known_;
  index_writer indexes_;
  log_writer log_;
  mark_writer marks_;
  profile_writer profiles_;
  trimmer trimmer_;
  free_room room_;
  std::optional<generations> starts_;
  bool generation_due_ = true; ///< the newest one is to be written before any message is
  std::size_t wal_bytes_ = 0;
  std::size_t restart_at_;
  std::size_t batch_size_ = 0; ///< of the last append
  checkpointer background_;
  file_watch watch_; ///< begins when all files are open
};

sqlite_store::sqlite_store(fs::path file, sqlite_options options,
                           std::unique_ptr<folder_lock> locked, std::unique_ptr<database> opened)
    : file_(std::move(file)), options_(std::move(options)), lock_(std::move(locked)),
      file_handle_(std::move(opened)), db_(*file_handle_), known_(db_, live_),
      indexes_(db_, live_, cids_), log_(db_, live_, cids_, known_, indexes_),
      marks_(db_, live_, known_), profiles_(db_, live_), trimmer_(db_),
      room_(file_.parent_path(), *options_.files, options_.min_free),
      restart_at_(options_.wal_hard_bytes),
      background_(file_, options_.files->vfs(), options_.beside),
      watch_(file_.parent_path(), *options_.files) {
  load();
  db_.watch_log([this](std::size_t bytes) {
    wal_bytes_ = bytes;
    background_.log_grew_to(bytes, log_step());
  });
}

// What fails now is made up for at the next start, but for the marks. SQLite deletes the
// write-ahead log by its name when it closes the file: what lies there now may be another store's.
sqlite_store::~sqlite_store() {
  watch_.check();
  if (watch_.lost())
    db_.set_checkpoint_on_close(false);
  if (watch_.only_log_lost())
    move_rest_of_log();
  try {
    while (!watch_.lost() && marks_due(std::chrono::milliseconds::zero()))
      write_marks();
  } catch (const unavailable&) {
  }
  db_.watch_log(nullptr);
}

void sqlite_store::load() {
  const auto watermark =
      static_cast<std::uint64_t>(db_.number("SELECT value FROM meta WHERE key='watermark'"));
  const auto flushing =
      static_cast<std::uint64_t>(db_.number("SELECT value FROM meta WHERE key='flushing'"));
  log_.load_tail(watermark);
  if (flushing > watermark)
    indexes_.begin(std::min(flushing, live_.last_pos()));
  begin_generation();
}

/// Where there is no room for it, it is written with the first message: until then nothing comes to
/// be in it that a copy of the folder could lack.
void sqlite_store::begin_generation() {
  starts_.emplace(db_, live_.last_pos());
  try {
    db_.set_durability(durability::now);
    transaction change{db_, transaction::kind::write};
    starts_->save(db_);
    change.commit();
    generation_due_ = false;
  } catch (const database_error& failed) {
    if (failed.fault() != database_fault::full && failed.fault() != database_fault::io)
      throw;
  }
}

durability sqlite_store::commit_durability() const noexcept {
  return options_.sync == sync_mode::full ? durability::now : durability::later;
}

// -- messages -------------------------------------------------------------------------------------

std::vector<outcome> sqlite_store::append(std::span<const operation> batch, std::int64_t now) {
  watch_.require_present();
  require_room(batch);
  batch_size_ = batch.size();
  make_room(batch_size_);
  try {
    const bool with_marks = marks_due(options_.marks_interval);
    db_.set_durability(commit_durability());
    // What is read to plan belongs to it: each look-up by itself would lock the file and unlock it.
    transaction change{db_, transaction::kind::write};
    auto result = log_.plan(batch, now);
    if (log_.has_new() || with_marks) {
      if (generation_due_)
        starts_->save(db_);
      log_.save(batch);
      if (with_marks)
        save_marks();
      change.commit();
      generation_due_ = false;
    }
    log_.publish();
    if (with_marks)
      publish_marks();
    return result;
  } catch (...) {
    log_.undo();
    throw;
  }
}

// -- what is put off ------------------------------------------------------------------------------

upkeep_result sqlite_store::upkeep(const std::optional<expiry>& expired) {
  watch_.require_present();
  known_.evict(options_.cache_limit);
  if (marks_due(options_.marks_interval))
    write_marks();
  if (background_.take_moved())
    move_rest_of_log();
  if (wal_bytes_ > restart_at_)
    restart_log();
  upkeep_result result;
  bool more = continue_indexing();
  if (expired) {
    result.too_many = expired->unless_one_in > 0 &&
                      trimmer_.many(*expired, expired->unless_one_in, live_.last_pos());
    if (!result.too_many)
      trim(*expired, result);
    more = more || result.more_expired;
  }
  if (more)
    result.again_in = std::chrono::milliseconds::zero();
  else
    result.again_in = marks_wait(options_.marks_interval);
  return result;
}

bool sqlite_store::continue_indexing() {
  if (!indexes_.working() && live_.tail.size() < options_.tail_limit)
    return false;
  index_some();
  return indexes_.working();
}

void sqlite_store::trim(const expiry& what, upkeep_result& result) {
  db_.set_durability(durability::later);
  result.more_expired = true;
  // The tail must not name what is forgotten.
  if (indexes_.dropping())
    return indexes_.step(options_.slice, options_.time);
  result.forgotten = trimmer_.trim(what, live_.tail_first - 1, what.limit);
  if (result.forgotten == what.limit)
    return;
  result.more_expired = trimmer_.any(what);
  if (result.more_expired)
    index_some();
}

void sqlite_store::write_marks() {
  db_.set_durability(durability::later);
  transaction change{db_, transaction::kind::write};
  save_marks();
  change.commit();
  publish_marks();
}

std::optional<std::chrono::milliseconds>
sqlite_store::marks_wait(std::chrono::milliseconds interval) const {
  const auto now = options_.time.steady();
  const auto marks = marks_.wait(now, interval);
  const auto profiles = profiles_.wait(now, interval);
  return marks && profiles ? std::min(marks, profiles) : marks ? marks : profiles;
}

bool sqlite_store::marks_due(std::chrono::milliseconds interval) const {
  return marks_wait(interval) == std::chrono::milliseconds::zero();
}

void sqlite_store::save_marks() {
  marks_.save();
  profiles_.save();
}

void sqlite_store::publish_marks() {
  const auto now = options_.time.steady();
  marks_.publish(now);
  profiles_.publish(now);
}

void sqlite_store::index_some() {
  if (!indexes_.working())
    indexes_.begin(live_.last_pos());
  db_.set_durability(durability::later);
  indexes_.step(options_.slice, options_.time);
}

/// Keeps the tail from growing without end where `upkeep` is not called often enough: puts more
/// into the indexes than is `coming`.
void sqlite_store::make_room(std::size_t coming) {
  if (live_.tail.size() >= 4 * options_.tail_limit)
    for (auto left = 8 + coming / 50; left > 0; --left) {
      index_some();
      if (!indexes_.working())
        break;
    }
  if (wal_bytes_ > 2 * restart_at_)
    restart_log();
  known_.evict(options_.cache_limit);
}

/// What is to follow in any case: the write-ahead log is moved into the file, the tail into the
/// indexes.
bool sqlite_store::take_room(std::uint64_t bytes) {
  constexpr std::uint64_t index_bytes = 200; // of a message, about
  return room_.take(bytes, wal_bytes_ + live_.tail.size() * index_bytes, options_.time.steady());
}

void sqlite_store::require_room(std::span<const operation> batch) {
  constexpr std::uint64_t row_bytes = 300; // of a message besides its texts, about
  std::uint64_t bytes = 0;
  for (const auto& each : batch) {
    const auto& content = std::get<new_message>(each).content;
    bytes += row_bytes + content.text.size() + content.name.size() + content.color.size();
  }
  if (take_room(bytes))
    return;
  // As long as nothing is written the log stays what it is, unless it is moved here.
  if (room_.looked() && wal_bytes_ > 0) {
    restart_log();
    if (take_room(bytes))
      return;
  }
  constexpr std::uint64_t mib = 1024UL * 1024;
  throw unavailable{"only " + std::to_string(room_.free_bytes() / mib) + " MiB are free in " +
                    file_.parent_path().string() + ", and the store leaves " +
                    std::to_string(room_.least() / mib) +
                    " (--min-free) besides what it has still to write"};
}

/// A pass holds up the commits beside it for as long as it takes, and its syncs cost more than what
/// it moves. So where every message is waited for by itself there are many short ones, and under
/// load few long ones.
std::size_t sqlite_store::log_step() const noexcept {
  return batch_size_ < busy_batch_size ? options_.wal_soft_bytes / 16 : options_.wal_soft_bytes;
}

/// Where no reader is in the write-ahead log, the next transaction begins it anew.
void sqlite_store::move_rest_of_log() {
  room_.forget();
  db_.checkpoint();
}

/// Moves all of the write-ahead log into the file, so that it begins anew. Where a reader still
/// needs it, another attempt follows when it has grown further.
void sqlite_store::restart_log() {
  room_.forget();
  if (db_.restart_log()) {
    wal_bytes_ = 0;
    restart_at_ = options_.wal_hard_bytes;
  } else {
    restart_at_ = wal_bytes_ + options_.wal_soft_bytes;
  }
}

} // namespace

// -- opening --------------------------------------------------------------------------------------

namespace {

/// As `klatch check` judges it too. The header of the file may be out of date where there is a
/// write-ahead log.
void require_sound(database& source, const fs::path& file) {
  if (const auto version = source.number("PRAGMA user_version"); version > newest_schema())
    throw cannot_open{file.string() + " was written by a newer Klatch (its schema is version " +
                      std::to_string(version) + ", this Klatch knows " +
                      std::to_string(newest_schema()) + ")"};
  const transaction one_state{source, transaction::kind::read};
  if (const auto faults = find_start_faults(source, 1); !faults.empty())
    throw cannot_open{file.string() + " is damaged: " + faults.front()};
}

/// What a killed process has written the system has, and the disk may not have yet: nobody is told
/// of it before.
void sync_what_is_found(const fs::path& file, file_system& files) {
  try {
    if (const auto log = fs::path{file} += "-wal"; files.exists(log))
      files.sync(log);
    files.sync(file);
    files.sync(file.parent_path());
  } catch (const std::runtime_error& failed) {
    throw cannot_open{failed.what()};
  }
}

std::unique_ptr<message_store> open_file(const fs::path& file, const sqlite_options& options,
                                         std::unique_ptr<folder_lock> lock) {
  try {
    auto& files = *options.files;
    auto opened = std::make_unique<database>(file, database::access::read_write, files.vfs());
    auto& db = *opened;
    // Until all is well.
    const bool has_log = files.exists(fs::path{file} += "-wal");
    db.set_checkpoint_on_close(!has_log);
    db.execute("PRAGMA cell_size_check=ON");
    require_sound(db, file);
    sync_what_is_found(file, files);
    migrate(db);
    db.execute("PRAGMA wal_autocheckpoint=0");
    db.execute("PRAGMA cache_size=-32768");
    auto result = std::make_unique<sqlite_store>(file, options, std::move(lock), std::move(opened));
    db.set_checkpoint_on_close(true);
    return result;
  } catch (const database_error& failed) {
    const bool damaged =
        failed.fault() == database_fault::damaged || failed.fault() == database_fault::misfit;
    throw cannot_open{file.string() + (damaged ? " is damaged: " : " cannot be opened: ") +
                      failed.what()};
  }
}

} // namespace

std::unique_ptr<message_store> open_sqlite_store(const fs::path& folder, sqlite_options options) {
  const auto target = folder.has_filename() ? folder : folder.parent_path();
  prepare_folder(target);
  const auto file = store_file(target);
  if (fs::exists(file)) {
    inspect_store_file(file);
    require_writable(file);
  } else if (fs::exists(fs::path{file} += "-wal")) {
    throw cannot_open{file.string() + " is missing, but " + file.string() + "-wal is there"};
  }
  auto lock = std::make_unique<folder_lock>(target);
  if (!fs::exists(file))
    create_store_file(file);
  inspect_store_file(file);
  return open_file(file, options, std::move(lock));
}

std::unique_ptr<message_store> open_store_file(const fs::path& file, sqlite_options options) {
  return open_file(file, options, nullptr);
}

} // namespace klatch::store
