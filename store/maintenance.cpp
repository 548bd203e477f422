#include "store/maintenance.hpp"

#include "store/consistency.hpp"
#include "store/database.hpp"
#include "store/schema.hpp"
#include "store/store_file.hpp"

#include <fcntl.h>
#include <memory>
#include <sqlite3.h>
#include <stdexcept>
#include <unistd.h>

namespace klatch::store {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_findings = 100;

/// A connection that leaves the files as they are, also when it is the last one.
std::unique_ptr<database> open_to_read(const fs::path& folder) {
  const auto file = store_file(folder);
  if (!fs::exists(file))
    throw std::runtime_error{"there is no store in " + folder.string()};
  inspect_store_file(file);
  auto result = std::make_unique<database>(file, database::access::read_only);
  result->set_checkpoint_on_close(false);
  return result;
}

/// Copies all pages in one step, from one state of the file; what is written meanwhile goes on.
void copy_pages(database& from, database& to) {
  auto* copy = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (copy == nullptr)
    to.fail(sqlite3_errcode(to.handle()));
  const auto result = sqlite3_backup_step(copy, -1);
  sqlite3_backup_finish(copy);
  if (result != SQLITE_DONE)
    throw database_error{result & 0xFF, sqlite3_errstr(result)};
}

void make_empty(const fs::path& file) {
  const auto descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw std::runtime_error{"cannot make " + file.string()};
  close(descriptor);
}

void remove_partial(const fs::path& partial) {
  std::error_code ignored;
  for (const auto* ending : {"", "-journal", "-wal", "-shm"})
    fs::remove(fs::path{partial} += ending, ignored);
}

} // namespace

void backup(const fs::path& folder, const fs::path& target) {
  if (fs::exists(fs::symlink_status(target)))
    throw std::runtime_error{target.string() + " is there already"};
  const auto source = open_to_read(folder);
  const auto partial = fs::path{target} += ".partial";
  remove_partial(partial);
  make_empty(partial);
  try {
    {
      database copy{partial, database::access::read_write};
      copy_pages(*source, copy);
      renew_epoch(copy);
    }
    sync_to_disk(partial);
    // Unlike a rename, a link refuses a target that has come meanwhile.
    fs::create_hard_link(partial, target);
    fs::remove(partial);
    sync_to_disk(target.has_parent_path() ? target.parent_path() : fs::path{"."});
  } catch (const std::exception& failed) {
    remove_partial(partial);
    throw std::runtime_error{"cannot copy the store in " + folder.string() + " to " +
                             target.string() + ": " + failed.what()};
  }
}

std::vector<std::string> check(const fs::path& folder) {
  const auto source = open_to_read(folder);
  try {
    return find_inconsistencies(*source, most_findings);
  } catch (const database_error& failed) {
    return {store_file(folder).string() + " cannot be read: " + failed.what() + "."};
  }
}

} // namespace klatch::store
