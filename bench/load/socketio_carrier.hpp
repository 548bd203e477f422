/// Frames as events of Socket.IO 5, over the WebSocket transport of Engine.IO 4.
#pragma once

#include "bench/load/carrier.hpp"

#include <string>

namespace load {

/// The server opens with `0{…}`, the client joins the main namespace with `40`, which the server
/// confirms with `40{…}`. Then each frame is `42["TYPE",FRAME]`, and a ping `2` is answered with
/// `3`.
class socketio_carrier final : public carrier {
public:
  opcode op() const override { return opcode::text; }
  void opened(std::size_t client, carrier_events& events) override;
  std::string_view wrap(std::string_view frame) override;
  void take(std::size_t client, std::string_view message, carrier_events& events) override;

private:
  std::string message_;
};

} // namespace load
