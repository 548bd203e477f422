/// Forgets the oldest messages.
#pragma once

#include "store/message_store.hpp"
#include "store/sqlite/database.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace klatch::store {

class trimmer {
public:
  explicit trimmer(database& target);

  /// Returns true if the oldest message has expired.
  bool any(const expiry& what);

  /// Returns true if more than one message in `one_in` has, of all up to `last`.
  bool many(const expiry& what, std::uint64_t one_in, std::uint64_t last);

  /// Forgets up to `limit` of the oldest messages that have expired, of those that are in the
  /// indexes, which go up to `watermark`. Returns how many.
  std::size_t trim(const expiry& what, std::uint64_t watermark, std::size_t limit);

private:
  struct oldest_message {
    std::uint64_t pos;
    std::uint64_t conversation;
    std::uint64_t n;
    std::uint64_t sender;
    std::uint64_t recipient;
    std::uint64_t from_seq;
    std::uint64_t to_seq;
    std::string cid;
  };

  std::vector<oldest_message> find(const expiry& what, std::uint64_t watermark, std::size_t limit);
  void forget(const oldest_message& gone);

  database& target_;
  statement first_;
  statement ts_at_;
  statement oldest_;
  statement delete_log_;
  statement delete_inbox_;
  statement delete_thread_;
  statement delete_cid_;
  statement delete_recent_;
};

} // namespace klatch::store
