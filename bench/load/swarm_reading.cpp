#include "bench/load/failure.hpp"
#include "bench/load/swarm.hpp"

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace load {

ssize_t swarm::read_bytes(connection& from) {
  if (from.tls)
    return from.tls->receive(buffer_.data(), buffer_.size());
  return recv(from.fd, buffer_.data(), buffer_.size(), 0);
}

void swarm::receive(std::size_t index) {
  while (receive_some(index)) {
  }
}

/// Returns true if there is more that epoll knows nothing of.
bool swarm::receive_some(std::size_t index) {
  auto& self = clients_[index];
  const auto count = read_bytes(self);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return false;
  if (count <= 0) {
    end_of_stream(index);
    return false;
  }
  const auto* const stream = self.tls.get();
  std::string_view input(buffer_.data(), static_cast<std::size_t>(count));
  if (self.in.empty()) {
    self.in = input.substr(read_frames(index, input));
  } else {
    self.in.append(input);
    self.in.erase(0, read_frames(index, self.in));
    if (self.in.empty())
      self.in.shrink_to_fit();
  }
  return stream != nullptr && self.tls.get() == stream && input.size() == buffer_.size();
}

std::size_t swarm::read_frames(std::size_t index, std::string_view input) {
  auto& self = clients_[index];
  std::size_t taken = 0;
  if (self.now == phase::upgrading) {
    taken = parse_upgrade_response(input);
    if (taken == 0)
      return 0;
    self.now = phase::registering;
    carrier_->opened(index, *this);
  }
  frame_view frame{};
  while (const auto size = parse_frame(input.substr(taken), frame)) {
    take_frame(index, frame);
    taken += size;
  }
  return taken;
}

void swarm::take_frame(std::size_t index, const frame_view& frame) {
  switch (frame.op) {
  case opcode::ping:
    ++pings_;
    return queue_frame(index, opcode::pong, frame.payload);
  case opcode::pong:
    return;
  case opcode::close:
    return take_close(index, frame.payload);
  default:
    return take_data(index, frame);
  }
}

void swarm::take_data(std::size_t index, const frame_view& frame) {
  auto& self = clients_[index];
  if ((frame.op == opcode::continuation) != self.in_fragments)
    throw failure("the server mixed up the fragments of its messages");
  if (!self.in_fragments && frame.op != carrier_->op())
    throw failure(frame.op == opcode::binary ? "the server sent a binary frame"
                                             : "the server sent a text frame");
  if (frame.final && !self.in_fragments)
    return take_message(index, frame.payload);
  self.fragments.append(frame.payload);
  self.in_fragments = !frame.final;
  if (self.in_fragments)
    return;
  const auto whole = std::exchange(self.fragments, {});
  take_message(index, whole);
}

void swarm::take_message(std::size_t index, std::string_view message) {
  const auto now = clients_[index].now;
  if (now == phase::registering || now == phase::open)
    carrier_->take(index, message, *this);
}

void swarm::on_ready(std::size_t client) { send(client, words_.registration(client)); }

void swarm::on_frame(std::size_t client, std::string_view frame) {
  auto& self = clients_[client];
  if (self.now == phase::registering) {
    words_.take_answer(client, frame);
    self.now = phase::open;
    ++ready_;
    if (on_open_)
      on_open_(client);
  } else if (self.now == phase::open && on_text_) {
    on_text_(client, frame);
  }
}

void swarm::on_reply(std::size_t client, std::string_view message) {
  queue_frame(client, carrier_->op(), message);
}

void swarm::on_ping(std::size_t client, std::string_view answer) {
  ++pings_;
  on_reply(client, answer);
}

void swarm::take_close(std::size_t index, std::string_view payload) {
  if (clients_[index].now == phase::closing)
    return;
  std::string status = "without a status";
  if (payload.size() >= 2)
    status = std::to_string(static_cast<unsigned char>(payload[0]) * 256 +
                            static_cast<unsigned char>(payload[1])) +
             " " + std::string(payload.substr(2));
  lose(index, status);
}

} // namespace load
