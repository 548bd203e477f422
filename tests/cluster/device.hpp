/// A device of the extended dialect that comes back, to any node, whatever happens.
#pragma once

#include "tests/cluster/follower.hpp"
#include "tests/cluster/traffic.hpp"
#include "tests/faults/chat_stream.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace klatch::clustered {

/// Sends one message at a time in each conversation, and the same again with the same cid until it
/// is acknowledged. Never waits: somebody else's loop moves it.
class device {
public:
  /// `shared` outlives it.
  device(const std::string& user, std::string name, traffic& shared)
      : follower_(user, std::move(name)), shared_(shared) {}

  /// What there is to read and write, as poll(2) says it; none: it is not connected.
  int descriptor() const noexcept { return stream_ ? stream_->descriptor() : -1; }
  bool has_output() const noexcept { return stream_->has_output(); }
  void step();
  /// What it does as time goes by: connects, asks whether anybody is there, sends again.
  void look_at_clock(time_point now);

  void send_to(const std::string& user);
  /// It has no network, as long as this says so.
  void go_away(bool away);
  bool is_away() const noexcept { return away_; }

  /// Everything is acknowledged, and it has had all of its inbox that is known.
  bool is_settled() const;
  /// Why not.
  std::string description() const;
  const std::string& user() const noexcept { return follower_.user(); }
  std::uint64_t late() const noexcept { return follower_.late(); }

private:
  struct message {
    std::string cid;
    std::string to;
    time_point sent_at{};
    bool repeated = false;
  };

  void connect(time_point now);
  void disconnect(time_point now, std::chrono::milliseconds wait);
  void lose_connection(time_point now);
  void on_frame(const nlohmann::json& frame);
  void on_welcome(const nlohmann::json& frame);
  void on_ack(const nlohmann::json& frame);
  void on_message(const nlohmann::json& frame);
  void on_error(const nlohmann::json& frame);
  void send(message& what);
  void push(const nlohmann::json& frame) { stream_->push(frame.dump()); }

  follower follower_;
  traffic& shared_;
  std::optional<faults::chat_stream> stream_;
  std::optional<unsigned> node_; ///< the last one that it has tried
  bool welcomed_ = false;
  bool away_ = false;
  std::string epoch_;
  time_point next_try_{};
  time_point began_{}; ///< the connection
  time_point heard_{};
  time_point asked_{};
  time_point online_since_{};
  std::map<std::string, std::deque<message>> pending_; ///< by recipient; the first is under way
  std::map<std::string, time_point> retry_;            ///< cids that were refused for now
  std::vector<std::string> came_;
  unsigned sends_ = 0;
};

} // namespace klatch::clustered
