#include "store/sqlite/file_watch.hpp"

#include "store/sqlite/store_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace klatch::store {

namespace {

namespace fs = std::filesystem;

/// In `files_`: up to the store's own file nothing helps but a backup.
constexpr std::size_t store_index = 1;
constexpr std::size_t log_index = 2;

fs::path with(fs::path file, const char* ending) { return file += ending; }

const char* remedy(std::size_t index, bool replaced) noexcept {
  if (index <= store_index)
    return replaced ? "stop klatch, and start it again to use what is there now"
                    : "move it back, or stop klatch, restore a backup and start it again";
  if (index == log_index && !replaced)
    return "stop klatch, which then writes what it has into the store, and start it again";
  return "move back the one that was, or stop klatch and start it again";
}

} // namespace

file_watch::file_watch(const fs::path& folder, const file_system& files)
    : folder_(folder), source_(files),
      descriptor_(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      files_{{{folder},
              {store_file(folder)},
              {with(store_file(folder), "-wal")},
              {with(store_file(folder), "-shm")},
              {lock_file(folder)}}} {
  for (auto& each : files_)
    each.is = source_.identify(each.path, {});
}

file_watch::~file_watch() {
  if (descriptor_ >= 0)
    close(descriptor_);
}

std::string file_watch::find_fault() {
  only_log_lost_ = false;
  std::string result;
  for (std::size_t index = 0; index < files_.size(); ++index) {
    const auto& each = files_.at(index);
    if (!each.is)
      continue;
    // What cannot be looked up is where it was, as far as is known.
    const auto found = source_.identify(each.path, *each.is);
    if (found == each.is)
      continue;
    if (!result.empty()) { // The first of them says enough: the folder before what is in it.
      only_log_lost_ = false;
      break;
    }
    only_log_lost_ = index == log_index;
    result = each.path.string() +
             (found ? " is not the one that was opened: " : " has been deleted or moved away: ") +
             remedy(index, found.has_value());
  }
  return result;
}

std::optional<store_change> file_watch::check() {
  auto fault = find_fault();
  if (fault == fault_)
    return std::nullopt;
  fault_ = std::move(fault);
  lost_.store(!fault_.empty(), std::memory_order_relaxed);
  if (fault_.empty())
    return store_change{true, "the store in " + folder_.string() + " is there again"};
  return store_change{false, "the store cannot be used: " + fault_ +
                                 "; until then sends and queries are answered with unavailable"};
}

void file_watch::refuse() const {
  throw files_lost{"the files of the store in " + folder_.string() +
                   " are not the ones that were opened"};
}

} // namespace klatch::store
