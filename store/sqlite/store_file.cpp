#include "store/sqlite/store_file.hpp"

#include "store/sqlite/database.hpp"
#include "store/sqlite/file_system.hpp"
#include "store/sqlite/schema.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace klatch::store {

namespace {

namespace fs = std::filesystem;

/// What every SQLite file begins with.
constexpr std::size_t header_size = 100;
using header = std::array<unsigned char, header_size>;
constexpr std::string_view magic{"SQLite format 3\0", 16};

std::string reason() { return std::strerror(errno); }

fs::path beside(const fs::path& file, const char* ending) {
  auto result = file;
  result += ending;
  return result;
}

std::uint32_t big_endian(const header& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
         std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

/// 0 if the header names none that SQLite allows.
std::uint32_t page_size(const header& bytes) {
  const auto size = std::uint32_t{bytes[16]} << 8U | std::uint32_t{bytes[17]};
  if (size == 1)
    return 65'536;
  return size >= 512 && (size & (size - 1)) == 0 ? size : 0;
}

bool holds_nothing(const fs::path& file) {
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  return failed || size == 0;
}

/// Throws unless the fixed parts of the header are what SQLite writes.
void require_sound(const header& bytes, const fs::path& file, std::uintmax_t size) {
  const auto pages = std::uint64_t{big_endian(bytes, 28)};
  const bool fixed_parts = page_size(bytes) != 0 && bytes[18] >= 1 && bytes[18] <= 2 &&
                           bytes[19] >= 1 && bytes[19] <= 2 && bytes[21] == 64 && bytes[22] == 32 &&
                           bytes[23] == 32 && big_endian(bytes, 44) <= 4;
  if (!fixed_parts)
    throw cannot_open{file.string() + " is damaged: its header makes no sense"};
  // What a write-ahead log holds may be the rest of the file.
  const auto expected =
      holds_nothing(beside(file, "-wal")) ? pages * page_size(bytes) : page_size(bytes);
  if (size < expected)
    throw cannot_open{file.string() + " is damaged: it has been cut short, to " +
                      std::to_string(size) + " of " + std::to_string(expected) + " bytes"};
}

constexpr mode_t written_by_others = S_IWGRP | S_IWOTH;
constexpr mode_t entered_by_others = S_IXGRP | S_IXOTH;

std::string may_be_written_by_others(const fs::path& what) {
  return what.string() + " may be written by others than its owner: chmod go-w " + what.string();
}

/// Returns true if a user may write, by the mode bits and by the system.
bool writable(const fs::path& what) {
  struct stat found {};
  return stat(what.c_str(), &found) == 0 && (found.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) != 0 &&
         access(what.c_str(), R_OK | W_OK) == 0;
}

} // namespace

fs::path store_file(const fs::path& folder) { return folder / "klatch.db"; }

fs::path lock_file(const fs::path& folder) { return folder / "klatch.lock"; }

void inspect_store_file(const fs::path& file) {
  std::error_code failed;
  if (!fs::is_regular_file(file, failed))
    throw cannot_open{file.string() + " is not a file"};
  std::ifstream in{file, std::ios::binary};
  if (!in)
    throw cannot_open{file.string() + " cannot be read: " + reason()};
  header bytes{};
  in.read(reinterpret_cast<char*>(bytes.data()), header_size); // NOLINT: bytes as bytes
  const std::string_view start{reinterpret_cast<const char*>(bytes.data()), magic.size()}; // NOLINT
  if (in.gcount() != header_size || start != magic)
    throw cannot_open{file.string() + " is not an SQLite file"};
  if (big_endian(bytes, 68) != application_id)
    throw cannot_open{file.string() + " is an SQLite file, but not one of Klatch's"};
  if (const auto version = std::int64_t{big_endian(bytes, 60)}; version > newest_schema())
    throw cannot_open{file.string() + " was written by a newer Klatch (its schema is version " +
                      std::to_string(version) + ", this Klatch knows " +
                      std::to_string(newest_schema()) + ")"};
  require_sound(bytes, file, fs::file_size(file));
}

void require_writable(const fs::path& file) {
  for (const auto* ending : {"", "-wal", "-shm"})
    if (const auto each = beside(file, ending); fs::exists(each) && !writable(each))
      throw cannot_open{each.string() + " cannot be written"};
}

std::string distrust(const fs::path& folder) {
  struct stat found {};
  if (stat(folder.c_str(), &found) != 0)
    return "cannot look at " + folder.string() + ": " + reason();
  if ((found.st_mode & written_by_others) != 0)
    return may_be_written_by_others(folder);
  const bool entered = (found.st_mode & entered_by_others) != 0;
  for (const auto* name : {"klatch.db", "klatch.db-wal", "klatch.db-shm"})
    if (entered && stat((folder / name).c_str(), &found) == 0 &&
        (found.st_mode & written_by_others) != 0)
      return may_be_written_by_others(folder / name);
  const auto lock = lock_file(folder);
  if (lstat(lock.c_str(), &found) == 0 && !S_ISREG(found.st_mode))
    return lock.string() + " is not a file, as klatch makes it: remove it";
  return {};
}

void require_own(const fs::path& folder) {
  struct stat found {};
  if (stat(folder.c_str(), &found) == 0 && found.st_uid != geteuid())
    throw cannot_open{folder.string() + " belongs to user " + std::to_string(found.st_uid) +
                      ", and klatch runs as user " + std::to_string(geteuid()) +
                      ": run it as the owner of its folder"};
}

// Where O_NOFOLLOW meets a link, what the link leads to is neither locked nor made.
folder_lock::folder_lock(const fs::path& folder)
    : descriptor_(
          open(lock_file(folder).c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0)
    throw cannot_open{"cannot open " + lock_file(folder).string() + ": " + reason()};
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0)
    return;
  const auto why = errno == EWOULDBLOCK ? "another klatch is using " + folder.string()
                                        : "cannot lock " + folder.string() + ": " + reason();
  close(descriptor_);
  throw cannot_open{why};
}

folder_lock::~folder_lock() { close(descriptor_); }

void prepare_folder(const fs::path& folder) {
  std::error_code failed;
  if (!fs::exists(folder, failed)) {
    if (folder.has_parent_path())
      fs::create_directories(folder.parent_path(), failed);
    if (failed || mkdir(folder.c_str(), 0700) != 0)
      throw cannot_open{"cannot make " + folder.string() + ": " +
                        (failed ? failed.message() : reason())};
    return;
  }
  if (!fs::is_directory(folder, failed))
    throw cannot_open{folder.string() + " is not a folder"};
  if (!writable(folder))
    throw cannot_open{folder.string() + " cannot be written"};
  require_own(folder);
  if (const auto why = distrust(folder); !why.empty())
    throw cannot_open{why};
}

work_folder::work_folder(const fs::path& parent) {
  auto name = (parent / ".klatch-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error{"cannot make a folder in " + parent.string() + ": " + reason()};
  path_ = name;
}

work_folder::~work_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path work_folder::make_file() const {
  auto file = path_ / "klatch.db";
  const auto descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw std::runtime_error{"cannot make " + file.string() + ": " + reason()};
  close(descriptor);
  return file;
}

void create_store_file(const fs::path& file) {
  try {
    const work_folder own{file.parent_path()};
    const auto made = own.make_file();
    {
      database target{made, database::access::read_write};
      target.execute("PRAGMA journal_mode=WAL");
      create_schema(target);
    }
    machine_files().sync(made);
    fs::rename(made, file);
    machine_files().sync(file.parent_path());
  } catch (const std::exception& failed) {
    throw cannot_open{"cannot make " + file.string() + ": " + failed.what()};
  }
}

} // namespace klatch::store
