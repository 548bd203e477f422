#include "bench/load/nats_carrier.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"
#include "bench/load/plain_dialect.hpp"

#include <charconv>

namespace load {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view subject = "bench.";
constexpr std::string_view user_frame = R"({"type":"user")";
constexpr std::string_view usermsg_frame = R"({"type":"usermsg")";
constexpr std::string_view acknowledgement =
    R"({"type":"system","message":"Initial message received"})";

/// The payload's size, the last word of an `MSG` line.
std::size_t payload_size(std::string_view line) {
  const auto word = line.substr(line.rfind(' ') + 1);
  std::size_t size = 0;
  const auto [stopped, error] = std::from_chars(word.data(), word.data() + word.size(), size);
  if (error != std::errc{} || stopped != word.data() + word.size() || size > max_payload)
    throw failure("the server sent a NATS message without a size: " + shortened(line));
  return size;
}

} // namespace

void nats_carrier::opened(std::size_t client, carrier_events&) { streams_[client] = {}; }

std::string_view nats_carrier::wrap(std::string_view frame) {
  if (!frame.starts_with(user_frame)) {
    message_ = R"(CONNECT {"verbose":false,"pedantic":false,"tls_required":false,"protocol":1,)"
               R"("lang":"bench_load","version":"1"})";
    message_.append(line_end).append("SUB ").append(subject);
    message_.append(string_field(frame, "id")).append(" 1").append(line_end);
    return message_.append("PING").append(line_end);
  }
  const auto rest = frame.substr(user_frame.size());
  message_.assign("PUB ").append(subject).append(string_field(frame, "to_id")).append(" ");
  message_.append(std::to_string(usermsg_frame.size() + rest.size())).append(line_end);
  return message_.append(usermsg_frame).append(rest).append(line_end);
}

void nats_carrier::take(std::size_t client, std::string_view message, carrier_events& events) {
  auto& pending = streams_[client].pending;
  const bool in_part = !pending.empty();
  if (in_part)
    message = pending.append(message);
  std::size_t taken = 0;
  while (const auto size = take_operation(client, message.substr(taken), events))
    taken += size;
  if (in_part)
    pending.erase(0, taken);
  else
    pending = message.substr(taken);
}

std::size_t nats_carrier::take_operation(std::size_t client, std::string_view input,
                                         carrier_events& events) {
  const auto end = input.find(line_end);
  if (end == std::string_view::npos)
    return 0;
  const auto line = input.substr(0, end);
  const auto after = end + line_end.size();
  if (!line.starts_with("MSG ")) {
    take_line(client, line, events);
    return after;
  }
  const auto size = payload_size(line);
  if (input.size() < after + size + line_end.size())
    return 0;
  events.on_frame(client, input.substr(after, size));
  return after + size + line_end.size();
}

void nats_carrier::take_line(std::size_t client, std::string_view line, carrier_events& events) {
  if (line == "PING")
    return events.on_ping(client, "PONG\r\n");
  if (line == "PONG")
    return events.on_frame(client, acknowledgement);
  if (!line.starts_with("INFO "))
    throw failure("the server sent over NATS: " + shortened(line));
  auto& greeted = streams_[client].greeted;
  if (!greeted)
    events.on_ready(client);
  greeted = true;
}

} // namespace load
