#include "net/websocket/partial_input.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

namespace klatch::net {

void partial_input::free_block::operator()(block* each) const noexcept {
  each->~block();
  ::operator delete(each);
}

partial_input::block_pointer partial_input::make_block(std::size_t capacity) {
  auto* made = new (::operator new(sizeof(block) + capacity)) block;
  made->capacity = static_cast<std::uint32_t>(capacity);
  return block_pointer{made};
}

void partial_input::begin_message(opcode kind) {
  assert(!in_message() && kind != opcode::continuation);
  if (!block_)
    block_ = make_block(0);
  block_->kind = kind;
}

void partial_input::append_to_message(std::span<const char> bytes, std::size_t limit) {
  assert(in_message() && block_->start_bytes == 0);
  append(bytes, limit);
  block_->message_bytes += static_cast<std::uint32_t>(bytes.size());
}

std::span<char> partial_input::finish_message() noexcept {
  assert(in_message() && !awaits_payload());
  block_->kind = opcode::continuation;
  return {block_->bytes(), std::exchange(block_->message_bytes, 0)};
}

void partial_input::append_to_frame_start(std::span<const char> bytes, std::size_t limit) {
  assert(!awaits_payload());
  append(bytes, limit);
  block_->start_bytes += static_cast<std::uint32_t>(bytes.size());
}

void partial_input::append(std::span<const char> bytes, std::size_t limit) {
  const std::size_t used = block_ ? block_->message_bytes + block_->start_bytes : 0;
  const auto needed = used + bytes.size();
  assert(needed <= limit);
  if (!block_ || needed > block_->capacity) {
    auto larger = make_block(std::max(needed, std::min(2 * needed, limit)));
    if (block_) {
      const auto capacity = larger->capacity;
      *larger = *block_;
      larger->capacity = capacity;
      std::memcpy(larger->bytes(), block_->bytes(), used);
    }
    block_ = std::move(larger);
  }
  if (!bytes.empty())
    std::memcpy(block_->bytes() + used, bytes.data(), bytes.size());
}

} // namespace klatch::net
