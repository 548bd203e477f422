/// Frames as messages of NATS, whose protocol runs as a stream through binary WebSocket messages.
#pragma once

#include "bench/load/carrier.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace load {

/// The server opens with `INFO`. A registration becomes `CONNECT`, `SUB` to the user's subject and
/// a `PING`, whose `PONG` stands for the acknowledgement. A `user` frame is published to the
/// recipient's subject as the `usermsg` that it is to be there, since the server looks into none.
class nats_carrier final : public carrier {
public:
  explicit nats_carrier(std::size_t clients) : streams_(clients) {}

  opcode op() const override { return opcode::binary; }
  void opened(std::size_t client, carrier_events& events) override;
  std::string_view wrap(std::string_view frame) override;
  void take(std::size_t client, std::string_view message, carrier_events& events) override;

private:
  struct stream {
    std::string pending; ///< the start of what has yet to come whole
    bool greeted = false;
  };

  /// How many bytes of `input` its first operation takes; 0: not all of it is there yet.
  std::size_t take_operation(std::size_t client, std::string_view input, carrier_events& events);
  void take_line(std::size_t client, std::string_view line, carrier_events& events);

  std::vector<stream> streams_;
  std::string message_;
};

} // namespace load
