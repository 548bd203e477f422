/// What the nodes of a cluster tell each other, as bytes: what they have stored, what is to be sent
/// to the devices of a user, and who is where.
///
/// A frame begins with 18 bytes that are the same in all versions: "K", the version (one byte), the
/// incarnation of the node that publishes it and its count (eight bytes each, the lowest first).
/// Then come records: kind (one byte, not 0), length (a varint), and as many bytes. What a reader
/// does not know it skips: records of other kinds, and bytes at the end of a record. So new kinds,
/// and new fields behind the others, need no new version.
#pragma once

#include "messages/bus/node_record_view.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/node_record.hpp"
#include "messages/stored_message.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace klatch {

/// The highest version of frames that this one reads and writes.
inline constexpr unsigned bus_version = 1;
/// Largest frame that is read or written, in bytes.
inline constexpr std::size_t max_bus_frame_bytes = 256 * 1024;
/// What a frame takes without records, in bytes.
inline constexpr std::size_t bus_header_bytes = 18;

/// What a record is about. 0 is none; other numbers are of newer nodes. From `question` on they are
/// those of `node_record`, in its order.
enum class bus_record_kind : std::uint8_t {
  stored = 1,
  hint = 2,
  push = 3,
  question = 4,
  answer = 5,
  notice = 6,
  presence = 7,
  delivery = 8,
  introduction = 9
};

/// The inbox of `owner` goes up to `head`, or further.
struct bus_hint {
  user_key owner;
  std::uint64_t head = 0;

  friend bool operator==(const bus_hint&, const bus_hint&) = default;
};

/// A frame of the extended dialect for all devices of `user`. Neither an error nor a guest's
/// message, which are not sent to everybody in the same words.
struct bus_push {
  user_key user;
  frame text;
};

/// Bytes that a record takes in a frame.
std::size_t size_of(const stored_message& record) noexcept;
std::size_t size_of(const bus_hint& record) noexcept;
std::size_t size_of(const bus_push& record) noexcept;
std::size_t size_of(const node_record& record) noexcept;

/// Puts frames together, one after the other.
class bus_frame_writer {
public:
  /// Expects `version` in 1..`bus_version`, and `max_bytes`, of which no frame has more, in
  /// `bus_header_bytes`..`max_bus_frame_bytes`. `incarnation`: of the node that publishes them.
  bus_frame_writer(unsigned version, std::uint64_t incarnation, std::size_t max_bytes);

  /// Adds a record to the frame. Returns false, and does nothing, if it has no room there; a record
  /// for which `fits` returns false has room in no frame.
  bool add(const stored_message& record);
  bool add(const bus_hint& record);
  bool add(const bus_push& record);
  bool add(const node_record& record);

  /// Returns true if a frame that has nothing else has room for a record of `size_of` bytes.
  bool fits(std::size_t size) const noexcept { return size <= max_bytes_ - bus_header_bytes; }

  /// Returns true if the frame has no record yet.
  bool empty() const noexcept { return bytes_.size() <= bus_header_bytes; }

  /// Returns the frame, and begins another one. `count`: how many frames with records the node has
  /// published, this one included: 1, 2, 3 … A frame without records is a heartbeat, which says how
  /// far the count has come.
  std::string finish(std::uint64_t count);

private:
  bool begin_record(bus_record_kind kind, std::size_t payload);

  unsigned version_;
  std::uint64_t incarnation_;
  std::size_t max_bytes_;
  std::string bytes_; ///< empty, or the frame with room for its header
};

/// A record of a stored message, in bytes that somebody else keeps.
class stored_record_view {
public:
  /// `hash_of` the sender and of the recipient, so that who has devices of neither need not
  /// `decode`.
  std::uint64_t from_hash() const noexcept { return from_hash_; }
  std::uint64_t to_hash() const noexcept { return to_hash_; }

  /// Returns nothing if the record is none that a node has written.
  std::optional<stored_message> decode() const;

private:
  friend class bus_frame_view;
  explicit stored_record_view(std::string_view payload) noexcept;

  std::uint64_t from_hash_;
  std::uint64_t to_hash_;
  std::string_view rest_;
};

/// A record about one user, as the other one.
class hint_record_view {
public:
  std::uint64_t owner_hash() const noexcept { return owner_hash_; }
  std::optional<bus_hint> decode() const;

private:
  friend class bus_frame_view;
  explicit hint_record_view(std::string_view payload) noexcept;

  std::uint64_t owner_hash_;
  std::string_view rest_;
};

class push_record_view {
public:
  std::uint64_t owner_hash() const noexcept { return owner_hash_; }
  /// Returns nothing, too, if it is a frame of a type that this version does not know.
  std::optional<bus_push> decode() const;

private:
  friend class bus_frame_view;
  explicit push_record_view(std::string_view payload) noexcept;

  std::uint64_t owner_hash_;
  std::string_view rest_;
};

using bus_record_view =
    std::variant<stored_record_view, hint_record_view, push_record_view, node_record_view>;

/// A frame in bytes that somebody else keeps: a range of the records that this version knows.
class bus_frame_view {
public:
  class iterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = bus_record_view;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = bus_record_view;

    bus_record_view operator*() const noexcept {
      assert(!payload_.empty());
      return view_of(kind_, payload_);
    }
    iterator& operator++() noexcept {
      find();
      return *this;
    }
    void operator++(int) noexcept { find(); }
    friend bool operator==(const iterator& one, std::default_sentinel_t) noexcept {
      return one.payload_.empty();
    }

  private:
    friend class bus_frame_view;
    explicit iterator(std::string_view records) noexcept : rest_(records) { find(); }

    void find() noexcept;

    bus_record_kind kind_ = bus_record_kind::stored;
    std::string_view payload_; ///< empty: there is none left
    std::string_view rest_;
  };

  /// Returns false if the frame is of a higher version than `bus_version`: then it is known whose
  /// it is, and there are no records to be seen.
  bool readable() const noexcept { return version_ <= bus_version; }
  unsigned version() const noexcept { return version_; }
  std::uint64_t incarnation() const noexcept { return incarnation_; }
  /// See `bus_frame_writer::finish`.
  std::uint64_t count() const noexcept { return count_; }
  /// Returns true if it has no records, not even such as this version does not know.
  bool is_heartbeat() const noexcept { return readable() && records_.empty(); }

  iterator begin() const noexcept { return iterator{records_}; }
  static std::default_sentinel_t end() noexcept { return {}; }

private:
  friend std::optional<bus_frame_view> read_bus_frame(std::string_view bytes) noexcept;
  bus_frame_view() = default;

  static bus_record_view view_of(bus_record_kind kind, std::string_view payload) noexcept;

  unsigned version_ = 0;
  std::uint64_t incarnation_ = 0;
  std::uint64_t count_ = 0;
  std::string_view records_; ///< checked as a whole, so that iterating cannot fail
};

/// Returns what `bytes` say, of whomever they are; nothing if they are no frame. They have to be
/// kept while the view, and those of its records, are used.
std::optional<bus_frame_view> read_bus_frame(std::string_view bytes) noexcept;

} // namespace klatch
