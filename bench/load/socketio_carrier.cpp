#include "bench/load/socketio_carrier.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"
#include "bench/load/plain_dialect.hpp"

namespace load {

void socketio_carrier::opened(std::size_t, carrier_events&) {} // the server speaks first

std::string_view socketio_carrier::wrap(std::string_view frame) {
  message_.assign(R"(42[")").append(string_field(frame, "type")).append(R"(",)");
  return message_.append(frame).append("]");
}

void socketio_carrier::take(std::size_t client, std::string_view message, carrier_events& events) {
  constexpr std::string_view event = R"(42[")";
  if (message.starts_with(event) && message.ends_with("]")) {
    const auto comma = message.find(',');
    if (comma != std::string_view::npos)
      return events.on_frame(client, message.substr(comma + 1, message.size() - comma - 2));
  }
  if (message == "2")
    return events.on_ping(client, "3");
  if (message.starts_with("0{"))
    return events.on_reply(client, "40");
  if (message.starts_with("40"))
    return events.on_ready(client);
  throw failure("the server sent what is no Socket.IO message: " + shortened(message));
}

} // namespace load
