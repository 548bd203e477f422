// SQLite's way to the simulated disk: https://www.sqlite.org/c3ref/vfs.html and io_methods.html.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/disk.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <sqlite3.h>
#include <utility>

namespace klatch::simulation {

namespace {

/// Names as SQLite has them.
namespace calls {

using file_ptr = std::shared_ptr<disk_file>;

/// SQLite makes room for one, and sees its beginning.
struct handle {
  sqlite3_file base;
  file_ptr* file;
  int level; ///< of the lock that it has
  bool uses_memory;
  unsigned shared_slots;
  unsigned exclusive_slots;
};

// NOLINTBEGIN: the interface is C's
handle& of(sqlite3_file* file) { return *reinterpret_cast<handle*>(file); }
// NOLINTEND
disk_file& data_of(sqlite3_file* file) { return **of(file).file; }

void pass(disk_call what) {
  if (disk::current().at_call)
    disk::current().at_call(what);
}

// -- bytes ----------------------------------------------------------------------------------------

int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  pass(disk_call::read);
  const auto& data = data_of(file);
  if (data.dead || disk::current().read_fails)
    return SQLITE_IOERR_READ;
  const auto wanted = static_cast<std::size_t>(bytes);
  const auto from = static_cast<std::size_t>(offset);
  const auto there = from < data.bytes.size() ? std::min(wanted, data.bytes.size() - from) : 0;
  if (there > 0)
    std::memcpy(to, data.bytes.data() + from, there);
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  pass(disk_call::write);
  auto& data = data_of(file);
  if (data.dead)
    return SQLITE_IOERR_WRITE;
  if (disk::current().full && static_cast<std::size_t>(offset + bytes) > data.bytes.size())
    return SQLITE_FULL;
  data.write(static_cast<std::uint64_t>(offset),
             {static_cast<const char*>(from), static_cast<std::size_t>(bytes)});
  return SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  auto& data = data_of(file);
  if (data.dead)
    return SQLITE_IOERR_TRUNCATE;
  data.cut(static_cast<std::uint64_t>(size));
  return SQLITE_OK;
}

int sync(sqlite3_file* file, int /*flags*/) {
  pass(disk_call::sync);
  auto& data = data_of(file);
  auto& on = disk::current();
  if (data.dead)
    return SQLITE_IOERR_FSYNC;
  ++on.syncs;
  if (on.sync_fails)
    return SQLITE_IOERR_FSYNC;
  data.sync();
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(data_of(file).bytes.size());
  return SQLITE_OK;
}

// -- locks ----------------------------------------------------------------------------------------

int lock(sqlite3_file* file, int wanted) {
  pass(disk_call::lock);
  auto& data = data_of(file);
  auto& own = of(file);
  if (wanted <= own.level)
    return SQLITE_OK;
  const auto is_others = [file](const void* owner) { return owner != nullptr && owner != file; };
  if (wanted == SQLITE_LOCK_SHARED) {
    if (is_others(data.exclusive))
      return SQLITE_BUSY;
    ++data.shared;
  } else if (wanted == SQLITE_LOCK_RESERVED) {
    if (is_others(data.reserved))
      return SQLITE_BUSY;
    data.reserved = file;
  } else {
    if (is_others(data.exclusive) || is_others(data.reserved) || data.shared > 1)
      return SQLITE_BUSY;
    data.exclusive = file;
  }
  own.level = wanted;
  return SQLITE_OK;
}

int unlock(sqlite3_file* file, int wanted) {
  auto& data = data_of(file);
  auto& own = of(file);
  if (wanted >= own.level)
    return SQLITE_OK;
  if (data.exclusive == file)
    data.exclusive = nullptr;
  if (data.reserved == file)
    data.reserved = nullptr;
  if (wanted == SQLITE_LOCK_NONE)
    --data.shared;
  own.level = wanted;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* result) {
  const auto& data = data_of(file);
  *result = data.reserved != nullptr || data.exclusive != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int control(sqlite3_file* /*file*/, int /*operation*/, void* /*argument*/) {
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file* /*file*/) { return 4096; }

int characteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// -- shared memory --------------------------------------------------------------------------------

int map_memory(sqlite3_file* file, int region, int bytes, int extend, volatile void** result) {
  auto& own = of(file);
  auto& memory = data_of(file).memory;
  if (!std::exchange(own.uses_memory, true))
    ++memory.users;
  while (memory.regions.size() <= static_cast<std::size_t>(region)) {
    if (extend == 0) {
      *result = nullptr;
      return SQLITE_OK;
    }
    memory.regions.push_back(
        std::make_unique<char[]>(static_cast<std::size_t>(bytes))); // NOLINT: as SQLite asks for it
  }
  *result = memory.regions[static_cast<std::size_t>(region)].get();
  return SQLITE_OK;
}

bool may_lock(const handle& own, const shared_memory& memory, std::size_t slot, bool shared) {
  if (memory.exclusive.at(slot) != nullptr && memory.exclusive.at(slot) != &own)
    return false;
  const int of_own = (own.shared_slots & 1U << slot) != 0 ? 1 : 0;
  return shared || memory.shared.at(slot) <= of_own;
}

void release(handle& own, shared_memory& memory, std::size_t slot) {
  const auto bit = 1U << slot;
  if ((own.shared_slots & bit) != 0)
    --memory.shared.at(slot);
  if (memory.exclusive.at(slot) == &own)
    memory.exclusive.at(slot) = nullptr;
  own.shared_slots &= ~bit;
  own.exclusive_slots &= ~bit;
}

void take(handle& own, shared_memory& memory, std::size_t slot, bool shared) {
  const auto bit = 1U << slot;
  if (!shared) {
    memory.exclusive.at(slot) = &own;
    own.exclusive_slots |= bit;
  } else if ((own.shared_slots & bit) == 0) {
    ++memory.shared.at(slot);
    own.shared_slots |= bit;
  }
}

int lock_memory(sqlite3_file* file, int first, int count, int flags) {
  pass(disk_call::lock);
  auto& own = of(file);
  auto& memory = data_of(file).memory;
  const auto begin = static_cast<std::size_t>(first);
  const auto end = begin + static_cast<std::size_t>(count);
  const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
  const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
  for (auto slot = begin; slot < end && !unlocks; ++slot)
    if (!may_lock(own, memory, slot, shared))
      return SQLITE_BUSY;
  for (auto slot = begin; slot < end; ++slot) {
    if (unlocks)
      release(own, memory, slot);
    else
      take(own, memory, slot, shared);
  }
  return SQLITE_OK;
}

void memory_barrier(sqlite3_file* /*file*/) {}

int unmap_memory(sqlite3_file* file, int /*delete_it*/) {
  auto& own = of(file);
  auto& memory = data_of(file).memory;
  for (std::size_t slot = 0; slot < shared_memory::lock_count; ++slot)
    release(own, memory, slot);
  if (std::exchange(own.uses_memory, false) && --memory.users == 0)
    memory.regions.clear();
  return SQLITE_OK;
}

int close(sqlite3_file* file) {
  auto& own = of(file);
  unlock(file, SQLITE_LOCK_NONE);
  unmap_memory(file, 0);
  delete std::exchange(own.file, nullptr); // NOLINT: SQLite owns the handle, not what is in it
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{2,
                                     close,
                                     read,
                                     write,
                                     truncate,
                                     sync,
                                     file_size,
                                     lock,
                                     unlock,
                                     check_reserved,
                                     control,
                                     sector_size,
                                     characteristics,
                                     map_memory,
                                     lock_memory,
                                     memory_barrier,
                                     unmap_memory,
                                     nullptr,
                                     nullptr};

// -- names ----------------------------------------------------------------------------------------

int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* result) {
  auto& own = *new (file) handle{}; // NOLINT: SQLite has made the room
  auto& on = disk::current();
  auto found = name == nullptr ? std::make_shared<disk_file>() : on.find(name);
  if (found == nullptr && (on.frozen || (flags & SQLITE_OPEN_CREATE) == 0))
    return SQLITE_CANTOPEN;
  if (found == nullptr)
    found = on.create(name);
  own.file = new file_ptr{std::move(found)}; // NOLINT: `close` deletes it
  own.base.pMethods = &methods;
  if (result != nullptr)
    *result = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* /*vfs*/, const char* name, int /*sync_folder*/) {
  if (disk::current().frozen)
    return SQLITE_IOERR_DELETE;
  return disk::current().remove(name) ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

int access(sqlite3_vfs* /*vfs*/, const char* name, int flags, int* result) {
  const auto found = disk::current().find(name);
  *result = found != nullptr && (flags != SQLITE_ACCESS_EXISTS || !found->bytes.empty()) ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs* /*vfs*/, const char* name, int bytes, char* result) {
  sqlite3_snprintf(bytes, result, "%s", name); // NOLINT: SQLite's interface
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* /*vfs*/, int bytes, char* result) {
  for (int at = 0; at < bytes; ++at)
    result[at] = static_cast<char>(disk::current().entropy().below(256)); // NOLINT: a C array
  return bytes;
}

int sleep(sqlite3_vfs* /*vfs*/, int microseconds) {
  reached("SQLite waits for a lock");
  if (disk::current().sleep)
    disk::current().sleep(microseconds);
  return microseconds;
}

int time_in_ms(sqlite3_vfs* /*vfs*/, sqlite3_int64* result) {
  constexpr sqlite3_int64 ms_before_1970 = 210'866'760'000'000; // of the Julian day
  *result = ms_before_1970 + (disk::current().wall_ms ? disk::current().wall_ms() : 0);
  return SQLITE_OK;
}

int time_in_days(sqlite3_vfs* vfs, double* result) {
  sqlite3_int64 ms = 0;
  time_in_ms(vfs, &ms);
  *result = static_cast<double>(ms) / 86'400'000;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs* /*vfs*/, int /*bytes*/, char* /*result*/) { return 0; }

} // namespace calls

} // namespace

void register_vfs() {
  static sqlite3_vfs vfs{2,
                         sizeof(calls::handle),
                         512,
                         nullptr,
                         "klatch-simulation",
                         nullptr,
                         calls::open,
                         calls::remove,
                         calls::access,
                         calls::full_name,
                         nullptr,
                         nullptr,
                         nullptr,
                         nullptr,
                         calls::randomness,
                         calls::sleep,
                         calls::time_in_days,
                         calls::last_error,
                         calls::time_in_ms,
                         nullptr,
                         nullptr,
                         nullptr};
  // One thing at a time happens here, and nobody asks how much memory it takes.
  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD); // NOLINT: SQLite's interface
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); // NOLINT: likewise
  sqlite3_initialize();
  // The default one, so that SQLite's own random numbers come from it.
  sqlite3_vfs_register(&vfs, 1);
}

void renew_randomness() { sqlite3_randomness(0, nullptr); }

} // namespace klatch::simulation
