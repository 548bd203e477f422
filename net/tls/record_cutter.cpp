#include "net/tls/record_cutter.hpp"

#include <algorithm>
#include <cassert>

namespace klatch::net {

namespace {

/// RFC 8446 section 5.1, and what of older versions is in use.
constexpr unsigned first_type = 20;
constexpr unsigned last_type = 23;
constexpr unsigned handshake_type = 22;
constexpr unsigned major_version = 3;

unsigned octet(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

std::size_t payload_bytes(std::string_view header) noexcept {
  return octet(header, 3) << 8U | octet(header, 4);
}

} // namespace

/// Returns false if no record begins with `front`, which may be any part of a header.
bool record_cutter::admits(std::string_view front) const noexcept {
  if (front.empty())
    return true;
  const auto type = octet(front, 0);
  if (begun_ ? type < first_type || type > last_type : type != handshake_type)
    return false;
  if (front.size() > 1 && octet(front, 1) != major_version)
    return false;
  if (front.size() < header_bytes)
    return true;
  const auto payload = payload_bytes(front);
  return payload > 0 && payload <= max_payload_bytes;
}

std::size_t record_cutter::record_bytes(std::string_view records) noexcept {
  return header_bytes + payload_bytes(records);
}

void record_cutter::release() noexcept {
  block_.reset();
  size_ = 0;
  capacity_ = 0;
  spent_ = false;
}

/// `most`: that the block will ever hold, as far as is known.
void record_cutter::keep(std::string_view piece, std::size_t most) {
  const auto needed = size_ + piece.size();
  assert(needed <= most && most <= max_record_bytes);
  if (needed > capacity_) {
    const auto grown = std::min(most, std::max(needed, 2UL * capacity_));
    auto block = std::make_unique<char[]>(grown);
    std::copy_n(block_.get(), size_, block.get());
    block_ = std::move(block);
    capacity_ = static_cast<std::uint16_t>(grown);
  }
  std::copy(piece.begin(), piece.end(), block_.get() + size_);
  size_ = static_cast<std::uint16_t>(needed);
}

/// Adds to the kept front of a record what it lacks; returns the record if it is whole now.
std::string_view record_cutter::complete_kept(std::string_view& input) {
  const auto take = [&](std::size_t whole) {
    const auto missing = std::min(whole - size_, input.size());
    keep(input.substr(0, missing), whole);
    input.remove_prefix(missing);
    return size_ == whole;
  };
  if (size_ < header_bytes) {
    const bool header_whole = take(header_bytes);
    failed_ = !admits({block_.get(), size_});
    if (failed_ || !header_whole)
      return {};
  }
  if (!take(header_bytes + payload_bytes({block_.get(), header_bytes})))
    return {};
  spent_ = true;
  return {block_.get(), size_};
}

/// Takes all records that are whole in `input` and stand in a row.
std::string_view record_cutter::next_whole(std::string_view& input) {
  std::size_t end = 0;
  while (input.size() - end >= header_bytes && admits(input.substr(end, header_bytes))) {
    const auto whole = header_bytes + payload_bytes(input.substr(end));
    if (input.size() - end < whole)
      break;
    end += whole;
    begun_ = true;
  }
  const auto found = input.substr(0, end);
  input.remove_prefix(end);
  return found;
}

std::string_view record_cutter::next(std::string_view& input) {
  if (spent_)
    release();
  if (failed_)
    return {};
  if (block_) {
    const auto record = complete_kept(input);
    begun_ = begun_ || !record.empty();
    return record;
  }
  if (const auto found = next_whole(input); !found.empty())
    return found;
  failed_ = !admits(input.substr(0, header_bytes));
  if (!failed_ && !input.empty()) {
    keep(input, input.size() < header_bytes ? header_bytes : header_bytes + payload_bytes(input));
    input = {};
  }
  return {};
}

} // namespace klatch::net
