/// A client of the extended dialect for scripts: it says one thing and waits for the answer.
#pragma once

#include "tests/sockets/ws_client.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::faults {

struct resume_point {
  std::string epoch;
  std::uint64_t since = 0;
};

class extended_client {
public:
  /// Registers in project 2424; `welcome()` is the answer.
  extended_client(const net::tcp_endpoint& to, const std::string& id,
                  const std::optional<resume_point>& resume = std::nullopt);

  const nlohmann::json& welcome() const noexcept { return welcome_; }
  std::string epoch() const { return welcome_.at("epoch"); }

  void push(const nlohmann::json& frame) { socket_.push(frame.dump()); }
  void push_message(const std::string& to, const std::string& text, const std::string& cid) {
    push({{"type", "user"}, {"to_id", to}, {"message", text}, {"cid", cid}});
  }

  /// The next frame, whatever it is, but for pings and receipts.
  nlohmann::json next();
  /// The next frame, which is of this type.
  nlohmann::json expect(std::string_view type);
  /// The next frame says that the send `cid` was not taken, but may be later.
  void expect_unavailable(const std::string& cid);
  void expect_close(unsigned code) { socket_.expect_close(code); }

  /// Sends it and gives its acknowledgement.
  nlohmann::json keep(const std::string& to, const std::string& text, const std::string& cid);
  /// A page of the conversation, from right after `after`.
  nlohmann::json history(const std::string& with, std::uint64_t after = 0);

private:
  sockets::ws_client socket_;
  nlohmann::json welcome_;
};

} // namespace klatch::faults
