#include "tests/simulation/disk.hpp"

#include "tests/simulation/coverage.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

namespace klatch::simulation {

namespace {

/// What a disk writes at once.
constexpr std::uint64_t sector_bytes = 512;
/// Of the writes that a power failure finds, so many are found in part.
constexpr double torn_share = 0.3;

disk* the_disk = nullptr;

void apply(std::string& to, const disk_change& what, std::uint64_t from, std::uint64_t end) {
  if (what.cuts) {
    to.resize(what.offset, '\0');
    return;
  }
  if (from >= end)
    return;
  if (to.size() < what.offset + end)
    to.resize(what.offset + end, '\0');
  to.replace(what.offset + from, end - from, what.bytes, from, end - from);
}

/// Keeps a part of a write, in sectors, from its front or from its back.
void tear(std::string& to, const disk_change& what, random& with) {
  const auto size = what.bytes.size();
  const auto at = sector_bytes * with.below(size / sector_bytes + 1);
  if (with.below(2) == 0)
    apply(to, what, 0, at);
  else
    apply(to, what, at, size);
  reached("a write is found in part");
}

} // namespace

// -- files ----------------------------------------------------------------------------------------

void disk_file::write(std::uint64_t offset, std::string_view what) {
  changes.push_back({offset, std::string{what}});
  apply(bytes, changes.back(), 0, what.size());
}

void disk_file::cut(std::uint64_t size) {
  changes.push_back({.offset = size, .bytes = {}, .cuts = true});
  bytes.resize(size, '\0');
}

void disk_file::sync() {
  for (const auto& each : changes)
    apply(durable, each, 0, each.bytes.size());
  changes.clear();
}

// -- as a store sees it ---------------------------------------------------------------------------

disk::disk(std::uint64_t seed) : damage_(seed, purpose::disk), entropy_(seed, purpose::entropy) {
  assert(the_disk == nullptr);
  the_disk = this;
}

disk::~disk() { the_disk = nullptr; }

disk& disk::current() noexcept { return *the_disk; }

bool disk::exists(const std::filesystem::path& file) const {
  return find(file.native()) != nullptr;
}

std::optional<store::file_identity>
disk::identify(const std::filesystem::path& file,
               const store::file_identity& /*if_unknown*/) const {
  if (const auto found = find(file.native()))
    return store::file_identity{1, found->number};
  const auto inside = file.native() + '/';
  const auto next = files_.lower_bound(inside);
  if (next != files_.end() && next->first.starts_with(inside))
    return store::file_identity{1, 0}; // a folder
  return std::nullopt;
}

void disk::sync(const std::filesystem::path& file) {
  if (at_call)
    at_call(disk_call::sync);
  ++syncs;
  if (sync_fails)
    throw std::runtime_error{"cannot write " + file.string() + " to the disk"};
  if (const auto found = find(file.native()))
    found->sync();
}

std::optional<std::uint64_t> disk::free_bytes(const std::filesystem::path& /*folder*/) const {
  return full ? 0 : UINT64_MAX;
}

// -- as its machine does --------------------------------------------------------------------------

std::shared_ptr<disk_file> disk::create(const std::string& name) {
  auto& place = files_[name];
  place = std::make_shared<disk_file>(disk_file{next_number_++});
  return place;
}

void disk::put(const std::string& name, std::string bytes) {
  const auto made = create(name);
  made->durable = bytes;
  made->bytes = std::move(bytes);
}

std::shared_ptr<disk_file> disk::find(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : found->second;
}

bool disk::remove(std::string_view name) {
  const auto found = files_.find(name);
  if (found == files_.end())
    return false;
  files_.erase(found);
  return true;
}

void disk::crash(crash_kind how, double kept) {
  if (is_away_)
    move_back();
  for (auto& [name, file] : files_) {
    auto after = std::make_shared<disk_file>(disk_file{file->number});
    if (how == crash_kind::process) {
      after->bytes = file->bytes;
      after->durable = file->durable;
      after->changes = file->changes;
    } else {
      after->bytes = file->durable;
      for (const auto& each : file->changes) {
        if (!damage_.chance(kept))
          reached("a write is lost");
        else if (each.bytes.size() > sector_bytes && damage_.chance(torn_share))
          tear(after->bytes, each, damage_);
        else
          apply(after->bytes, each, 0, each.bytes.size());
      }
      after->durable = after->bytes;
    }
    file->dead = true;
    file = std::move(after);
  }
}

void disk::empty() {
  for (auto& [name, file] : files_)
    file->dead = true;
  files_.clear();
}

void disk::move_away() {
  assert(!is_away_);
  away_.swap(files_);
  is_away_ = true;
}

void disk::move_back() {
  assert(is_away_);
  for (auto& [name, file] : files_) // What was made meanwhile goes.
    file->dead = true;
  files_ = std::exchange(away_, {});
  is_away_ = false;
}

std::map<std::string, std::string> disk::copy() const {
  std::map<std::string, std::string> result;
  for (const auto& [name, file] : files_)
    result.emplace(name, file->bytes);
  return result;
}

} // namespace klatch::simulation
