/// What the service counts, by the thread that counts it. Under which name an operator sees it
/// stands in the table of metrics (app/metrics/metric_table.cpp).
#pragma once

#include "messages/counters.hpp"
#include "messages/errors.hpp"
#include "messages/frame_type.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace klatch {

/// In which dialect a connection speaks.
enum class spoken : std::uint8_t { none, plain, extended };
inline constexpr std::array<std::string_view, 3> spoken_names{"none", "plain", "extended"};

/// Why a request for a WebSocket was refused.
enum class upgrade_refusal : std::uint8_t {
  origin,
  host,
  address_limit,
  bad_request,
  open_mode,      ///< only this machine is let in
  token_failures, ///< too many tokens of the address were refused
  draining        ///< the service stops
};
inline constexpr std::array<std::string_view, 7> upgrade_refusal_names{
    "origin", "host", "address_limit", "bad_request", "open_mode", "token_failures", "draining"};

/// How a handshake of TLS ended.
enum class tls_outcome : std::uint8_t { full, resumed, failed };
inline constexpr std::array<std::string_view, 3> tls_outcome_names{"full", "resumed", "failed"};

/// What became of a registration. `again`: a connection that was registered already has another
/// name now. `unauthorized` and `expired`: its token, or that there is none.
enum class registration_outcome : std::uint8_t {
  fresh,
  resumed,
  too_old,
  again,
  too_many_devices,
  unauthorized,
  expired
};
inline constexpr std::array<std::string_view, 7> registration_outcome_names{
    "new", "resumed", "too_old", "again", "too_many_devices", "unauthorized", "expired"};

/// What became of a visitor who asked to be a guest, and could have been one.
enum class guest_outcome : std::uint8_t { made, rate_limited };
inline constexpr std::array<std::string_view, 2> guest_outcome_names{"made", "rate_limited"};

/// Why a message was not stored. `waiting`: too many others waited.
enum class message_refusal : std::uint8_t { forbidden, unavailable, waiting };
inline constexpr std::array<std::string_view, 3> message_refusal_names{"forbidden", "unavailable",
                                                                       "waiting"};

/// What a reader of the archive was asked.
enum class reader_query : std::uint8_t { open, inbox, history, conversations };
inline constexpr std::array<std::string_view, 4> reader_query_names{"open", "inbox", "history",
                                                                    "conversations"};

/// Room for the types of clients' frames, as the command table numbers them, and behind it one for
/// frames of no known type.
inline constexpr std::size_t max_command_types = 31;
/// Room for close codes, by the row of each, and behind it one for those that have none.
inline constexpr std::size_t max_close_codes = 30;

/// How WebSockets have ended, by the code that was sent first.
class closes_by_code {
public:
  /// A code of `close_code`, or one that a client has chosen.
  void add(std::uint16_t code) noexcept { counts_[row_of(code)].add(); }
  /// The socket ended without a close frame (1006 in RFC 6455 section 7.4.1).
  void add_abnormal() noexcept { counts_[abnormal].add(); }

  /// Of the row `at` of `all_closes`.
  std::uint64_t at_row(std::size_t at) const noexcept { return counts_[at].value(); }
  std::uint64_t others() const noexcept { return counts_[other].value(); }
  std::uint64_t abnormals() const noexcept { return counts_[abnormal].value(); }

private:
  static constexpr std::size_t other = max_close_codes;
  static constexpr std::size_t abnormal = max_close_codes + 1;

  static std::size_t row_of(std::uint16_t code) noexcept {
    const auto rows = all_closes();
    for (std::size_t at = 0; at < rows.size() && at < max_close_codes; ++at)
      if (static_cast<std::uint16_t>(rows[at].code) == code)
        return at;
    return other;
  }

  std::array<counter, max_close_codes + 2> counts_;
};

/// Counted by one worker and by what is at home on it.
struct alignas(64) worker_counters {
  // Sockets.
  counter bytes_received;
  counter bytes_sent;
  counters_by<frame_type, frame_types> frames_sent;
  counters_by<error_code, error_codes> errors_sent;
  counter connections_opened;
  closes_by_code connections_closed;
  counter slow_readers_closed;
  counters_by<upgrade_refusal, upgrade_refusal_names.size()> upgrades_refused;
  counters_by<tls_outcome, tls_outcome_names.size()> tls_handshakes;
  gauge tls_waiting; ///< for a turn to shake hands

  // Connections.
  std::array<gauge, spoken_names.size()> connections;
  std::array<counter, max_command_types + 1> frames_received;
  counters_by<registration_outcome, registration_outcome_names.size()> registrations;
  counters_by<guest_outcome, guest_outcome_names.size()> new_guests;
  gauge guests;             ///< connections of theirs
  counter messages_refused; ///< since too many waited
  duration_histogram acks;  ///< from the frame to the ack, of messages that were stored

  // The directory's shard.
  gauge users;
  gauge projects;

  // The worker itself.
  duration_histogram rounds; ///< one in `net::worker::rounds_a_sample`
};

/// Counted by the archive.
struct alignas(64) archive_counters {
  counter stored;
  counter repeated;
  counters_by<message_refusal, message_refusal_names.size()> refused;
  duration_histogram commits;
  size_histogram batches;
  gauge writable{1};
  gauge unindexed; ///< messages that no index has yet
};

/// Counted by one reader of the archive.
struct alignas(64) reader_counters {
  std::array<duration_histogram, reader_query_names.size()> answers; ///< by `reader_query`
};

/// Counted by the herald.
struct alignas(64) cluster_counters {
  counter frames_sent;
  counter frames_refused; ///< by the bus
  counter too_large;      ///< records that no frame has room for
  counter frames_received;
  counter frames_bad;     ///< or with bad records
  counter messages_heard; ///< of other nodes, for users who may be here
  counter looks;          ///< at all heads
  gauge nodes;            ///< that have a lease
  gauge deaf;             ///< 1: what others store is looked for
};

/// Most archives, and most readers of inboxes.
inline constexpr std::size_t max_store_lanes = 8;

/// Counted by those who store and read. Outlives them.
struct store_counters {
  std::array<archive_counters, max_store_lanes> archives;
  std::array<reader_counters, max_store_lanes> inboxes;
  reader_counters queries;
  reader_counters heads;
  cluster_counters cluster;

  /// Of all archives together.
  std::uint64_t total(counter archive_counters::*which) const noexcept {
    std::uint64_t sum = 0;
    for (const auto& each : archives)
      sum += (each.*which).value();
    return sum;
  }
  /// Returns false if one of them could not write the last time.
  bool writable() const noexcept {
    return std::all_of(archives.begin(), archives.end(),
                       [](const archive_counters& each) { return each.writable.value() != 0; });
  }
};

} // namespace klatch
