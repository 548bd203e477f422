/// What has come of a client's frames while a whole message or frame has not.
#pragma once

#include "net/websocket/masking_key.hpp"
#include "net/websocket/ws_frame.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace klatch::net {

/// The rest of a data frame, which has yet to come.
struct awaited_payload {
  std::uint32_t bytes = 0;
  bool final = false; ///< the message ends with it
  masking_key key;
};

/// A message's payload so far, unmasked, and behind it the start of the frame that comes next, as
/// it came: all in one allocation, and a null pointer while there is neither. The memory is at most
/// twice what has come, whatever a header promises, and as the caller bounds it.
class partial_input {
public:
  /// Nothing is allocated.
  bool released() const noexcept { return !block_; }
  /// Frees the memory, unless something in it has yet to be completed.
  void release_if_done() noexcept {
    if (block_ && block_->start_bytes == 0 && !in_message())
      block_.reset();
  }
  void release() noexcept { block_.reset(); }

  /// What is allocated, in bytes.
  std::size_t bytes() const noexcept { return block_ ? sizeof(block) + block_->capacity : 0; }

  /// Returns true if a message has begun that is not finished.
  bool in_message() const noexcept { return block_ && block_->kind != opcode::continuation; }
  /// The kind of that message; `opcode::continuation`: there is none.
  opcode kind() const noexcept { return block_ ? block_->kind : opcode::continuation; }
  /// The size of its payload so far, in bytes.
  std::size_t message_bytes() const noexcept { return block_ ? block_->message_bytes : 0; }
  /// Expects that none has begun.
  void begin_message(opcode kind);
  /// Expects that a message has begun, here and below.
  awaited_payload& awaited() noexcept {
    assert(in_message());
    return block_->awaited;
  }
  /// Appends to its payload; expects no frame's start. `limit` bounds all that is kept, in bytes.
  void append_to_message(std::span<const char> bytes, std::size_t limit);
  /// Its payload, which stays where it is until the next call that is not const.
  std::span<char> finish_message() noexcept;

  /// Returns true if a data frame's payload has yet to come.
  bool awaits_payload() const noexcept { return block_ && block_->awaited.bytes != 0; }

  /// The start of the frame that comes next.
  std::span<char> frame_start() noexcept {
    if (!block_)
      return {};
    return {block_->bytes() + block_->message_bytes, block_->start_bytes};
  }
  /// Appends to it; `limit` as above.
  void append_to_frame_start(std::span<const char> bytes, std::size_t limit);
  /// Its bytes stay where they are until the next call that is not const.
  void drop_frame_start() noexcept {
    assert(block_);
    block_->start_bytes = 0;
  }

private:
  /// The bytes follow it.
  struct block {
    std::uint32_t capacity = 0;
    std::uint32_t message_bytes = 0;
    std::uint32_t start_bytes = 0;
    awaited_payload awaited;
    opcode kind = opcode::continuation;

    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  };
  struct free_block {
    void operator()(block* each) const noexcept;
  };
  using block_pointer = std::unique_ptr<block, free_block>;

  static block_pointer make_block(std::size_t capacity);
  void append(std::span<const char> bytes, std::size_t limit);

  block_pointer block_;
};

} // namespace klatch::net
