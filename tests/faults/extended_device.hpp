/// A device of the extended dialect under load.
#pragma once

#include "tests/faults/load_client.hpp"

#include <cstddef>
#include <map>

namespace klatch::faults {

/// Keeps a window of sends under way. After each new connection it resumes where it was and sends
/// again what was not acknowledged, with the same cids.
class extended_device final : public load_client {
public:
  using load_client::load_client;

  bool is_settled() const override;

  /// Sends without an acknowledgement when their connection ended, that have one now: those that
  /// had been stored, and those that had not.
  std::uint64_t were_there() const noexcept { return were_there_; }
  std::uint64_t were_not_there() const noexcept { return were_not_there_; }

private:
  struct unacknowledged {
    std::string cid;
    std::string to;
    std::optional<std::uint64_t> head_when_repeated; ///< of the inbox; none: sent once so far
  };

  void on_connect() override;
  void on_frame(const nlohmann::json& frame) override;
  void on_welcome(const nlohmann::json& frame);
  void on_ack(const nlohmann::json& frame);
  void on_message(const nlohmann::json& frame);
  /// Takes an entry of the inbox; acknowledgements may be repeated, and then move nothing.
  void move_cursor(std::uint64_t seq, bool may_repeat);
  void mark_now_and_then(const nlohmann::json& frame);
  void send(const unacknowledged& what);
  void fill_window();

  std::string epoch_; ///< none: never welcomed
  std::uint64_t cursor_ = 0;
  std::uint64_t known_before_ = 0; ///< end of the inbox when it connected
  bool welcomed_ = false;
  std::size_t window_ = 1;
  std::map<std::uint64_t, unacknowledged> pending_; ///< in the order of sending
  std::uint64_t sends_ = 0;
  std::uint64_t were_there_ = 0;
  std::uint64_t were_not_there_ = 0;
};

} // namespace klatch::faults
