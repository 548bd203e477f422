/// What one device is told of its user's inbox, entry by entry.
#pragma once

#include "tests/faults/told_log.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace klatch::clustered {

/// The promise to a connection: its inbox in the order of seq, without a gap, nothing twice; over
/// all connections of the device, as each goes on where the one before has ended. What is not like
/// that is in the log, and so is what differs from what others were told.
class follower {
public:
  follower(std::string user, std::string device)
      : user_(std::move(user)), device_(std::move(device)) {}

  /// It begins here: it has not been told anything before, or nothing that still counts.
  void begin(std::uint64_t head) {
    cursor_ = head;
    maybe_ = 0;
    own_.clear();
  }
  /// It goes on where it was, at an inbox that ends with `head`.
  void resume(std::uint64_t head, faults::told_log& log);
  /// `repeated`: it was sent more than once. Then nobody can tell whether this is the entry itself,
  /// or the old number of one that has come, or that is about to come.
  void acknowledged(const std::string& to, const std::string& cid,
                    const faults::told_log::place& where, bool repeated, faults::told_log& log);
  void told(const std::string& from, const std::string& to, const std::string& text,
            const faults::told_log::place& where, faults::told_log& log);

  const std::string& user() const noexcept { return user_; }
  const std::string& device() const noexcept { return device_; }
  std::uint64_t cursor() const noexcept { return cursor_; }
  /// Acknowledgements that came behind their own entry: it was read from the store meanwhile.
  std::uint64_t late() const noexcept { return late_; }

private:
  std::string user_;
  std::string device_;
  std::uint64_t cursor_ = 0; ///< the last seq that it was told
  std::uint64_t maybe_ = 0;  ///< one that may come once more
  std::uint64_t late_ = 0;
  std::set<std::uint64_t> own_; ///< what its user has sent and it was told as an entry
};

} // namespace klatch::clustered
