/// What is not in the file yet, or is faster to read from memory. Shared by the writer and the
/// readers of one store.
///
/// What is found here is current; what is not found here is current in the file. Read here first,
/// then in the file: an entry that moves from memory to file in between is still seen.
#pragma once

#include "messages/ids.hpp"
#include "store/message_store.hpp"
#include "store/record_cache.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace klatch::store {

/// Positions in the log of consecutive entries: of an inbox or of a conversation, those that may
/// not be in its index.
struct tail_list {
  std::uint64_t first = 0; ///< the number of the first of them
  std::vector<std::uint64_t> positions;

  bool empty() const noexcept { return positions.empty(); }
  bool has(std::uint64_t number) const noexcept {
    return number >= first && number - first < positions.size();
  }
  std::uint64_t at(std::uint64_t number) const { return positions[number - first]; }
  void push(std::uint64_t number, std::uint64_t pos);
  /// How many of them are at `pos` or before.
  std::size_t count_through(std::uint64_t pos) const;
  void drop_through(std::uint64_t pos);
};

struct user_name {
  const project_id& project;
  const user_id& user;

  friend bool operator==(const user_name& a, const user_name& b) noexcept {
    return a.user == b.user && a.project == b.project;
  }
  std::size_t hash() const noexcept {
    return std::hash<project_id>{}(project)*0x9E3779B97F4A7C15U + std::hash<user_id>{}(user);
  }
};

struct user_record {
  row_id id;
  user_key key;

  // The writer changes these under the mutex.
  std::uint64_t head = 0;
  std::uint64_t delivered = 0;
  std::uint64_t legacy_delivered = 0;
  tail_list tail{};

  // The writer's alone.
  std::uint64_t next_head = 0; ///< with what is being appended
  bool is_new = false;         ///< the file has no row of it
  bool dirty = false;          ///< the marks are not in the file
  bool recently_used = true;

  user_name name() const noexcept { return {key.project, key.user}; }
  bool may_go() const noexcept { return tail.empty() && !dirty && !is_new; }
};

struct conversation_name {
  row_id low;
  row_id high;

  friend bool operator==(const conversation_name&, const conversation_name&) = default;
  std::size_t hash() const noexcept {
    return static_cast<std::size_t>((low * 0x9E3779B97F4A7C15U + high) * 0x9E3779B97F4A7C15U >> 8U);
  }
};

/// How far a conversation has come.
struct conversation_head {
  std::uint64_t n = 0;
  std::array<std::uint64_t, 2> sent{}; ///< by the low user, by the high one
  std::int64_t ts = 0;
};

/// Who writes to oneself is both users, and counts as the low one.
struct conversation_record {
  row_id id;
  row_id low;
  row_id high;

  // The writer changes these under the mutex.
  conversation_head head{};
  std::uint64_t indexed_last = 0; ///< position of the last message up to the watermark
  std::array<std::uint64_t, 2> read{};
  std::array<std::uint64_t, 2> delivered{};
  tail_list tail{};

  // The writer's alone.
  conversation_head next_head{}; ///< with what is being appended
  bool is_new = false;           ///< the file has no row of it
  bool dirty = false;            ///< the marks are not in the file
  bool recently_used = true;

  conversation_name name() const noexcept { return {low, high}; }
  bool may_go() const noexcept { return tail.empty() && !dirty && !is_new; }
  std::size_t side_of(row_id user) const noexcept { return user == low ? 0 : 1; }
  std::uint64_t last_pos() const { return tail.empty() ? indexed_last : tail.positions.back(); }
};

/// The numbers of a message of the tail. Its conversation stays in memory for as long as that or
/// one of its users has the message in its list.
struct tail_entry {
  conversation_record* conversation;
  row_id sender;
  std::uint64_t n;
  std::uint64_t from_seq;
  std::uint64_t to_seq;
  std::uint64_t sent; ///< the sender's messages in the conversation up to this one
  std::int64_t ts;
  const std::string* cid; ///< null: none
};

struct live_state {
  /// Taken by the writer to change anything here, by readers to look. Nobody waits for the disk
  /// while they hold it.
  std::mutex mutex;
  std::uint64_t version = 0; ///< rises whenever the tail, or what is indexed of it, changes
  record_cache<user_record> users;
  record_cache<conversation_record> conversations;
  std::deque<tail_entry> tail;
  std::uint64_t tail_first = 1;                   ///< the position of the first of them
  std::unordered_map<user_key, profile> profiles; ///< that are not in the file

  const tail_entry& at(std::uint64_t pos) const { return tail[pos - tail_first]; }
  std::uint64_t last_pos() const noexcept { return tail_first + tail.size() - 1; }
};

} // namespace klatch::store
