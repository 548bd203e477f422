/// Records of `node_record` in frames of the bus, as bytes.
#pragma once

#include "messages/node_record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klatch {

/// Bytes of a record's payload, and the payload.
std::size_t payload_of(const node_record& record) noexcept;
void put_payload(std::string& to, const node_record& record);

/// A record in bytes that somebody else keeps.
class node_record_view {
public:
  /// Fewest bytes of a payload.
  static constexpr std::size_t least_bytes = 8;

  /// `kind`: the place in `node_record`; `payload`: at least `least_bytes`.
  node_record_view(std::size_t kind, std::string_view payload) noexcept;

  /// `hash_of` the user, so that who has nothing to do with them need not `decode`.
  std::uint64_t owner_hash() const noexcept { return owner_hash_; }
  /// Returns true for a question and for a notice, which are for every node.
  bool is_for_all() const noexcept;
  /// Returns whose question it answers; nothing if it is no answer.
  std::optional<std::uint64_t> answers() const noexcept;

  /// Returns nothing if the record is none that a node of this version has written.
  std::optional<node_record> decode() const;

private:
  std::size_t kind_;
  std::uint64_t owner_hash_;
  std::string_view rest_;
};

} // namespace klatch
