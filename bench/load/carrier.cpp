#include "bench/load/carrier.hpp"

#include "bench/load/nats_carrier.hpp"
#include "bench/load/socketio_carrier.hpp"

namespace load {

namespace {

class plain_carrier final : public carrier {
public:
  opcode op() const override { return opcode::text; }
  void opened(std::size_t client, carrier_events& events) override { events.on_ready(client); }
  std::string_view wrap(std::string_view frame) override { return frame; }
  void take(std::size_t client, std::string_view message, carrier_events& events) override {
    events.on_frame(client, message);
  }
};

} // namespace

std::unique_ptr<carrier> make_carrier(carrier_kind kind, std::size_t clients) {
  switch (kind) {
  case carrier_kind::socketio:
    return std::make_unique<socketio_carrier>();
  case carrier_kind::nats:
    return std::make_unique<nats_carrier>(clients);
  default:
    return std::make_unique<plain_carrier>();
  }
}

} // namespace load
