/// The messages from one user to another in the extended dialect.
#pragma once

#include "bench/load/frame_fields.hpp"
#include "bench/load/numbered_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

/// Numbered 1, 2, 3 …, of one size, each with a `cid` that looks like the random UUIDs of Klatch's
/// own page: ids in ascending order would be kinder to an index than those of real clients. No two
/// runs use the same ones.
class stored_stream {
public:
  /// `text_bytes`: at least `numbered_text::min_bytes`.
  stored_stream(std::size_t from, std::size_t to, std::size_t text_bytes);

  /// The frame's text for the next message. Valid until the next call.
  std::string_view next();

  /// That of a message that was sent before, to send it again. Valid until the next call of either.
  std::string_view again(std::uint64_t number);

  /// Throws `failure` unless the frame is the `ack` of the next message that was sent.
  void take_ack(const frame_fields& frame);

  /// Throws `failure` unless the frame is the `usermsg` with the next text, whole.
  void take_message(const frame_fields& frame);

  /// The same of one that the sender itself was sent, for the next message without a place in its
  /// inbox. The `ack` of that comes later and has no place of its own.
  void take_own(const frame_fields& frame);
  /// Returns true if the next `ack` is of such a message.
  bool next_is_placed() const { return acked_ < placed_; }

  std::uint64_t sent() const { return sent_; }
  std::uint64_t acked() const { return acked_; }
  std::uint64_t taken() const { return taken_; }

private:
  void check_message(const frame_fields& frame, std::uint64_t number);
  void put_cid(std::string& json, std::size_t at, std::uint64_t number) const;

  std::uint64_t cid_seed_;
  std::string from_;
  std::string to_;
  numbered_text expected_;
  std::string json_;
  std::string cid_;
  std::size_t text_bytes_;
  std::size_t text_at_;
  std::size_t cid_at_;
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t placed_ = 0; ///< have a place in the sender's inbox
  std::uint64_t taken_ = 0;
};

} // namespace load
