/// A client that puts load on the server and remembers what it was told.
#pragma once

#include "tests/faults/chat_stream.hpp"
#include "tests/faults/told_log.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace klatch::faults {

using random_source = std::mt19937_64;

/// A number from 0 to `most`.
std::uint64_t up_to(random_source& random, std::uint64_t most);

struct load_plan {
  std::string user;
  std::string device;             ///< unique; its cids begin with it
  std::vector<std::string> peers; ///< whom it writes to
};

/// Sends as fast as it may, over one connection after the other. Does not wait for anything.
class load_client {
public:
  /// The log and the source of numbers outlive it.
  load_client(load_plan plan, told_log& log, random_source& random)
      : plan_(std::move(plan)), log_(log), random_(random) {}
  load_client(const load_client&) = delete;
  load_client& operator=(const load_client&) = delete;
  virtual ~load_client() = default;

  void connect(const net::tcp_endpoint& to);
  bool is_connected() const noexcept { return stream_.has_value(); }
  /// Does what can be done now; afterwards it may be no longer connected.
  void step();
  const chat_stream& stream() const { return *stream_; }

  /// Sends no new messages from now on, or again.
  void set_sending(bool on) noexcept { sending_ = on; }
  /// Nothing that it has sent is without an answer, and it has all that is known to be there.
  virtual bool is_settled() const = 0;

  const load_plan& plan() const noexcept { return plan_; }

protected:
  virtual void on_connect() = 0;
  virtual void on_frame(const nlohmann::json& frame) = 0;

  void push(const nlohmann::json& frame) { stream_->push(frame.dump()); }
  const std::string& any_peer();
  std::string next_cid() { return plan_.device + '-' + std::to_string(++sent_); }
  bool sending() const noexcept { return sending_; }
  told_log& log() const noexcept { return log_; }
  random_source& random() const noexcept { return random_; }

private:
  load_plan plan_;
  told_log& log_;
  random_source& random_;
  std::optional<chat_stream> stream_;
  std::vector<std::string> came_;
  std::uint64_t sent_ = 0;
  bool sending_ = true;
};

} // namespace klatch::faults
