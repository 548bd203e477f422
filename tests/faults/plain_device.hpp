/// A client of the original page's dialect under load.
#pragma once

#include "tests/faults/load_client.hpp"

namespace klatch::faults {

/// Has no acknowledgements: sends a few messages and a note to itself, whose return says that it
/// may send more. What it receives is compared with its inbox at the end.
class plain_device final : public load_client {
public:
  using load_client::load_client;

  bool is_settled() const override { return awaited_.empty(); }
  /// Sends a note to itself: when settled again, it has all that was stored for it before.
  void send_note();

  /// The whole inbox is known: each connection has brought it in its order and without a gap, and
  /// each went on where the last one ended at the latest; messages that came again are counted.
  std::uint64_t check_received();

private:
  void on_connect() override;
  void on_frame(const nlohmann::json& frame) override;
  void send(const std::string& to);
  void send_some();

  std::vector<std::vector<std::string>> received_; ///< cids, by connection
  std::string awaited_;                            ///< the note under way; none: nothing is
};

} // namespace klatch::faults
