#include "messages/partition.hpp"

#include <string_view>

namespace klatch {

namespace {

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) noexcept {
  for (const char each : bytes)
    hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001B3U;
  return hash;
}

/// FNV-1a alone leaves the top bits to all but the last bytes, in which ids differ most.
std::uint64_t mixed(std::uint64_t hash) noexcept {
  hash = (hash ^ (hash >> 33U)) * 0xFF51AFD7ED558CCDU;
  hash = (hash ^ (hash >> 33U)) * 0xC4CEB9FE1A85EC53U;
  return hash ^ (hash >> 33U);
}

} // namespace

std::uint64_t hash_of(const project_id& project, const user_id& user) noexcept {
  using namespace std::string_view_literals;
  auto hash = fnv1a(0xCBF29CE484222325U, project.str());
  hash = fnv1a(hash, "\0"sv); // ids hold no zero byte, so that no two keys make the same bytes
  return mixed(fnv1a(hash, user.str()));
}

std::size_t partition_of(const user_key& user) noexcept {
  constexpr unsigned partition_bits = 6;
  static_assert(partition_count == 1U << partition_bits);
  return hash_of(user) >> (64 - partition_bits);
}

} // namespace klatch
