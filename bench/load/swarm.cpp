#include "bench/load/swarm.hpp"

#include "bench/load/descriptors.hpp"
#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace load {

namespace {

constexpr std::size_t read_size = std::size_t{64} * 1024;
constexpr std::size_t events_a_round = 256;
constexpr std::int64_t longest_wait = 999'999'999; // ns

constexpr std::string_view normal_closure = "\x03\xe8";

} // namespace

swarm::swarm(target server, std::size_t clients, greeting words)
    : server_(std::move(server)), words_(std::move(words)),
      carrier_(make_carrier(server_.carried, clients)), clients_(clients), buffer_(read_size, '\0'),
      keys_(std::random_device{}()) {
  if (is_on_loopback(server_))
    source_addresses_ = source_addresses_for(clients);
  allow_descriptors(clients);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0)
    throw system_failure("epoll_create1");
}

swarm::~swarm() {
  for (auto& each : clients_)
    if (each.fd >= 0)
      ::close(each.fd);
  ::close(epoll_);
}

void swarm::open_all(std::size_t at_once) {
  constexpr auto patience = std::chrono::seconds(20);
  started_ = 0;
  while (ready_ < clients_.size()) {
    const auto before = ready_;
    open_some(at_once);
    run_until(clock::now() + patience, [&] { return ready_ > before; });
    if (ready_ == before)
      throw failure("only " + std::to_string(ready_) + " of " + std::to_string(clients_.size()) +
                    " connections were registered, and no more for 20 s");
  }
}

void swarm::open_some(std::size_t at_once) {
  while (started_ < clients_.size() && started_ - ready_ < at_once)
    open(started_++);
}

void swarm::open(std::size_t index) {
  auto& self = clients_[index];
  self = {};
  self.fd = begin_connection(server_, source_addresses_ > 1 ? 2 + index % source_addresses_ : 0);
  ++connected_;
  self.now = phase::connecting;
  watch(index, EPOLL_CTL_ADD);
}

void swarm::send(std::size_t index, std::string_view text) {
  queue_frame(index, carrier_->op(), carrier_->wrap(text));
}

void swarm::stop_reading(std::size_t index) {
  clients_[index].reads = false;
  watch(index, EPOLL_CTL_MOD);
}

void swarm::read_on(std::size_t index) {
  clients_[index].reads = true;
  watch(index, EPOLL_CTL_MOD);
}

void swarm::run_until(clock::time_point end, const std::function<bool()>& done) {
  flush_unsent();
  while (clock::now() < end && !(done && done()))
    round(end);
}

void swarm::round(clock::time_point end) {
  using std::chrono::nanoseconds;
  const nanoseconds left = end - clock::now();
  const timespec timeout{0, std::clamp<nanoseconds::rep>(left.count(), 0, longest_wait)};
  std::array<epoll_event, events_a_round> events;
  const int count =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR)
    throw system_failure("epoll_wait");
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    handle_events(static_cast<std::size_t>(event.data.u64), event.events);
  }
  flush_unsent();
}

void swarm::handle_events(std::size_t index, std::uint32_t events) {
  auto& self = clients_[index];
  if (self.now == phase::connecting)
    return start_upgrade(index);
  if ((events & EPOLLOUT) != 0) {
    self.waits_to_write = false;
    watch(index, EPOLL_CTL_MOD);
    mark_unsent(index);
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
    receive(index);
}

void swarm::start_upgrade(std::size_t index) {
  auto& self = clients_[index];
  check_connected(self.fd);
  self.now = phase::upgrading;
  self.out = upgrade_request(server_.host, server_.port, server_.path);
  watch(index, EPOLL_CTL_MOD);
  mark_unsent(index);
}

void swarm::receive(std::size_t index) {
  auto& self = clients_[index];
  const auto count = recv(self.fd, buffer_.data(), buffer_.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (count <= 0)
    return end_of_stream(index);
  std::string_view input(buffer_.data(), static_cast<std::size_t>(count));
  if (self.in.empty()) {
    self.in = input.substr(take_input(index, input));
    return;
  }
  self.in.append(input);
  self.in.erase(0, take_input(index, self.in));
  if (self.in.empty())
    self.in.shrink_to_fit();
}

void swarm::end_of_stream(std::size_t index) {
  if (clients_[index].now != phase::closing)
    return lose(index, "dropped without a close frame");
  forget(index);
  if (on_end_)
    on_end_(index);
}

void swarm::lose(std::size_t index, std::string_view how) {
  if (!on_loss_)
    throw failure("the server closed the connection of " + user_name(index) + ": " +
                  std::string(how));
  forget(index);
  on_loss_(index, how);
}

void swarm::forget(std::size_t index) {
  auto& self = clients_[index];
  ready_ -= self.now == phase::open ? 1 : 0;
  --connected_;
  ::close(self.fd);
  self.fd = -1;
  self.now = phase::closed;
  self.out.clear();
}

std::size_t swarm::take_input(std::size_t index, std::string_view input) {
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

void swarm::queue_frame(std::size_t index, opcode op, std::string_view payload) {
  append_frame(clients_[index].out, op, payload, static_cast<std::uint32_t>(keys_()));
  mark_unsent(index);
}

void swarm::mark_unsent(std::size_t index) {
  auto& self = clients_[index];
  if (self.queued || self.waits_to_write)
    return;
  self.queued = true;
  unsent_.push_back(index);
}

void swarm::flush_unsent() {
  for (auto index : unsent_)
    flush(index);
  unsent_.clear();
}

void swarm::flush(std::size_t index) {
  auto& self = clients_[index];
  self.queued = false;
  if (self.fd < 0 || self.out.empty())
    return;
  const auto count = ::send(self.fd, self.out.data(), self.out.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EINTR) {
    if (errno != EPIPE && errno != ECONNRESET)
      throw system_failure("send");
    return self.out.clear(); // what the server said before it went is read next
  }
  const auto written = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  if (written == self.out.size()) {
    self.out.clear();
    if (self.out.capacity() > read_size)
      self.out.shrink_to_fit();
    return;
  }
  self.out.erase(0, written);
  self.waits_to_write = true;
  watch(index, EPOLL_CTL_MOD);
}

void swarm::close(std::size_t index) {
  queue_frame(index, opcode::close, normal_closure);
  clients_[index].now = phase::closing;
  --ready_;
}

void swarm::close_all() {
  constexpr auto patience = std::chrono::seconds(10);
  for (std::size_t i = 0; i < clients_.size(); ++i)
    if (clients_[i].now == phase::open)
      close(i);
  run_until(clock::now() + patience, [&] { return connected_ == 0; });
  if (connected_ > 0)
    throw failure("the server left " + std::to_string(connected_) +
                  " connections open for 10 s after their close frames");
}

void swarm::drop_all() {
  for (std::size_t i = 0; i < clients_.size(); ++i)
    if (clients_[i].fd >= 0)
      forget(i);
}

void swarm::watch(std::size_t index, int operation) {
  const auto& self = clients_[index];
  epoll_event event{};
  event.data.u64 = index;
  if (self.now == phase::connecting)
    event.events = EPOLLOUT;
  else
    event.events = (self.reads ? EPOLLIN : 0U) | (self.waits_to_write ? EPOLLOUT : 0U);
  if (epoll_ctl(epoll_, operation, self.fd, &event) != 0)
    throw system_failure("epoll_ctl");
}

} // namespace load
