/// Knows what was sent and what was told, and nothing of the code.
#pragma once

#include "store/message_store.hpp"
#include "tests/simulation/model/device_state.hpp"
#include "tests/simulation/model/frame.hpp"
#include "tests/simulation/model/ledger.hpp"
#include "tests/simulation/options.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::simulation {

/// What a restart has left of what was.
enum class aftermath {
  all,       ///< an orderly stop
  committed, ///< the process was killed
  synced,    ///< the power failed
  nothing    ///< another log
};

/// A run's rules look at it; each throws `failure` with what is wrong, in a sentence.
struct model {
  const options& chosen;
  ledger book{};
  std::vector<const user*> users{};
  std::vector<const device_state*> devices{};
  us now = 0;
  us excused_until = -1; ///< something has failed: the server may say so until then
  bool late = false;     ///< the frame that is read is of a process that is no more

  std::string log{};            ///< the part of the epochs that all starts of a log have in common
  bool disk_has_failed = false; ///< full, or without a sync, at some time
  bool put_back = false;        ///< a copy of the folder, at some time

  // Of messages that a database has lost.
  std::uint64_t losses = 0;
  std::set<std::string, std::less<>> void_epochs{}; ///< in which they were told
  /// Where inboxes ended before: up to there numbers were given twice.
  std::map<const user*, std::uint64_t> numbered_twice{};

  /// What each user has said to have read: the highest n, by the other user.
  std::map<pair_of_users, std::uint64_t> said_read{};
  /// The messages that have been put out to some device of a user.
  std::map<const user*, std::set<message_number>> on_a_device{};
  /// The highest entry of a user's inbox that a device has begun behind, without having it.
  std::map<const user*, std::uint64_t> began_at{};
  /// The server has been told that plain clients of a user have the inbox up to there, and when.
  struct delivery {
    us at;
    std::uint64_t seq;
  };
  std::map<const user*, std::vector<delivery>> deliveries{};
  /// What each plain client has been sent, connection by connection, and how far the inbox was
  /// known to be delivered before.
  struct plain_log {
    const user* who;
    std::uint64_t delivered_before;
    std::vector<message_number> received;
    bool void_in_part = false; ///< some of it is of a log that is no more
  };
  std::vector<plain_log> plain_logs{};
  /// How often the last device of a user has gone.
  std::map<const user*, std::size_t> absences{};

  /// Does what the device is told count no more, as it has yet to start over?
  bool is_void(const device_state& device) const;

  void learn_delivery(const user& of, std::uint64_t seq);
  /// What is known for so long that it has been written.
  std::uint64_t delivered(const user& of) const;
  void forget_deliveries_after(us since);

  const user* find(const user& of_project_of, std::string_view id) const;
  /// Notes a mark that a device is told.
  void learn_mark(const user& who, const user& with, mark what, std::uint64_t n);
  /// Which message a text is to this device. `numbered`: with mid, n and ts.
  message_number read_message(const device_state& by, const frame_view& frame, bool numbered,
                              const std::string& how);
};

/// A rule for every frame that a device reads, before the device takes it.
using frame_rule = void (*)(model&, const device_state&, const frame_view&);

/// Checks a frame by all rules.
void check_frame(model& of, const device_state& by, const frame_view& frame);
/// Checks why the server closes a connection.
void check_close(const model& of, const device_state& by, std::uint16_t code);
/// Checks why the server tells somebody that it cannot do something for now.
void check_unavailable(const model& of, const device_state& by);
/// Checks that nobody is let in, or put out, but as the token says: of a text that the server sends
/// at `of.now`.
void check_token(const model& of, const device_state& by, std::string_view text);
/// Checks that nobody is there whose token has been over for long.
void check_put_out(const model& of, const device_state& by);

/// The last entry of a user's inbox.
std::uint64_t head_of(const user& who, store::message_reader& reader);

/// Checks what the store has against what was told.
void check_store(model& of, store::message_reader& reader);
/// Checks what is to be so once everybody has been given time.
void check_rest(model& of, store::message_reader* reader);
/// The service was started again; of what it had, that much is left.
void note_restart(model& of, aftermath left);
/// Likewise; what it has is what it had when `before` was copied.
void note_put_back(model& of, const model& before);
/// The database has lost messages, by their texts, that were numbered in `epoch`; `heads`: of the
/// inboxes before.
void note_loss(model& of, const std::vector<std::string>& texts, const std::string& epoch,
               const std::map<const user*, std::uint64_t>& heads);

/// Checks that `n` is how far messages to `reader` may have been delivered, as `by` is told.
void check_delivered(const model& of, const device_state& by, const user& reader, std::uint64_t n);
/// Is what is set written within the time that is promised? Not where the disk is slow, or the
/// archive often loses its core, or where a database may be away.
bool is_quick(const options& chosen);
/// Can the store, or its readers, be unable to answer in this run?
bool may_be_unavailable(const model& of);
/// Something fails now; it shows for a while after `lasts`.
void excuse(model& of, us lasts = 0);

// The rules, by subject.
void check_entry(model&, const device_state&, const frame_view&);
void check_welcome(model&, const device_state&, const frame_view&);
void check_plain(model&, const device_state&, const frame_view&);
void check_handed_on(model&, const device_state&, const frame_view&);
void check_history(model&, const device_state&, const frame_view&);
void check_conversations(model&, const device_state&, const frame_view&);
void check_receipt(model&, const device_state&, const frame_view&);
void check_answer(model&, const device_state&, const frame_view&);
void check_error(model&, const device_state&, const frame_view&);
void check_notice(model&, const device_state&, const frame_view&);
void check_plain_logs(model&);
/// What counts in whatever epoch.
void check_void_frame(model&, const device_state&, const frame_view&);

} // namespace klatch::simulation
