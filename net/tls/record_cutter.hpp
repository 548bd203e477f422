/// Where TLS records end (RFC 8446 section 5.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace klatch::net {

/// Finds whole records in what a client sends. What has come of one that is not whole is kept in a
/// block that grows with it, at most to twice what has come and never beyond the record; so a
/// client that announces much and sends little holds little. An idle cutter has no block.
class record_cutter {
public:
  static constexpr std::size_t header_bytes = 5;
  /// The largest payload that is taken (RFC 8446 section 5.2), in bytes.
  static constexpr std::size_t max_payload_bytes = 16'384 + 256;
  static constexpr std::size_t max_record_bytes = header_bytes + max_payload_bytes;

  /// The length of the record that `records` begin with, in bytes; its header is there.
  static std::size_t record_bytes(std::string_view records) noexcept;

  /// Takes the next whole records off the front of `input`. Returns them, one or several; they are
  /// valid until the next call. Empty: there is none, and what is left of `input` is kept or, if a
  /// rule is broken, given up.
  std::string_view next(std::string_view& input);

  /// What came is no record, one that may not come first, or one of a length that none has.
  bool failed() const noexcept { return failed_; }

  /// What is allocated, in bytes.
  std::size_t bytes() const noexcept { return capacity_; }

private:
  std::string_view next_whole(std::string_view& input);
  std::string_view complete_kept(std::string_view& input);
  bool admits(std::string_view front) const noexcept;
  void keep(std::string_view piece, std::size_t most);
  void release() noexcept;

  std::unique_ptr<char[]> block_; ///< the front of a record; null if there is none
  std::uint16_t size_ = 0;
  std::uint16_t capacity_ = 0;
  bool begun_ = false; ///< the first record has come
  bool spent_ = false; ///< what is in the block has been returned
  bool failed_ = false;
};

} // namespace klatch::net
