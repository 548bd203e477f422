/// A transport without a socket.
#pragma once

#include "actors/connection/connection.hpp"
#include "actors/connection/transport.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace klatch::test {

/// Keeps what it is sent until it is read, and calls its connection as `transport` says.
class fake_transport final : public actors::transport {
public:
  explicit fake_transport(std::string peer) : peer_(std::move(peer)) {}

  /// What to call; set before anything happens.
  void attach(actors::connection& connection) { connection_ = &connection; }
  /// Most frames that may wait to be read; over it closes itself with `slow`.
  void bound(std::size_t frames) { bound_ = frames; }

  /// From now on `send` throws, against what a transport promises.
  void break_down() { broken_ = true; }

  void send(const frame& message) override {
    if (closing_)
      return;
    if (broken_)
      throw std::runtime_error("it is a test");
    if (waiting_.size() < bound_) {
      waiting_.emplace_back(message.text());
      return;
    }
    waiting_.clear();
    close(close_code::slow);
  }

  void ping(std::string_view payload) override {
    if (!closing_)
      pings_.emplace_back(payload);
  }

  using transport::close;
  void close(close_code code, std::string_view reason) override {
    if (closing_)
      return;
    closed_with_ = code;
    reason_ = reason;
    announce_closing();
  }

  void pause() override {
    paused_ = true;
    ++pauses_;
  }
  void resume() override { paused_ = false; }
  bool drained() const override { return !stalled_; }
  void call_when_drained() override { asked_for_drained_ = true; }
  void call_when_token_is_due(std::chrono::milliseconds delay) override { token_due_ = delay; }
  std::string peer() const override { return peer_; }

  /// What it has asked for last, and what has not been done since.
  std::optional<std::chrono::milliseconds>& token_due() { return token_due_; }
  void tell_of_token() {
    if (!closing_)
      connection_->on_token_due();
  }

  /// From now on nothing is handed to the system, or all of it again.
  void stall() { stalled_ = true; }
  void unstall() {
    stalled_ = false;
    if (std::exchange(asked_for_drained_, false) && !closing_)
      connection_->on_drained();
  }

  /// The socket is gone. What was sent stays to be read.
  void lose() {
    if (std::exchange(gone_, true))
      return;
    announce_closing();
    connection_->on_closed();
  }

  /// From now on pings are not answered, as where the other end is gone without a word.
  void fall_silent() { silent_ = true; }
  /// Answers the oldest ping that was not; says whether there was one. A client does not read, and
  /// so not answer, what has not been handed to the system.
  bool answer_ping() {
    if (pings_.empty() || silent_ || stalled_ || gone_)
      return false;
    const auto payload = std::move(pings_.front());
    pings_.pop_front();
    ++answered_;
    connection_->on_pong(payload);
    return true;
  }
  /// How many pings have been answered.
  std::size_t answered() const { return answered_; }

  std::deque<std::string>& waiting() { return waiting_; }
  const std::optional<close_code>& closed_with() const { return closed_with_; }
  const std::string& reason() const { return reason_; }
  bool closing() const { return closing_; }
  bool gone() const { return gone_; }
  bool paused() const { return paused_; }
  /// How often it was paused.
  std::size_t pauses() const { return pauses_; }

private:
  void announce_closing() {
    if (!std::exchange(closing_, true))
      connection_->on_closing();
  }

  std::string peer_;
  actors::connection* connection_ = nullptr;
  std::deque<std::string> waiting_;
  std::deque<std::string> pings_;
  std::size_t answered_ = 0;
  std::size_t bound_ = std::numeric_limits<std::size_t>::max();
  std::size_t pauses_ = 0;
  std::optional<close_code> closed_with_;
  std::string reason_; ///< of the close
  std::optional<std::chrono::milliseconds> token_due_;
  bool broken_ = false;
  bool closing_ = false;
  bool gone_ = false;
  bool paused_ = false;
  bool stalled_ = false;
  bool silent_ = false;
  bool asked_for_drained_ = false;
};

} // namespace klatch::test
