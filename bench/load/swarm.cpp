#include "bench/load/swarm.hpp"

#include "bench/load/descriptors.hpp"
#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace load {

namespace {

/// Connections begun and not yet registered at any time: below the shortest listen queue among the
/// servers.
constexpr std::size_t opening_at_once = 100;
constexpr std::size_t read_size = std::size_t{64} * 1024;
constexpr std::size_t events_a_round = 256;
constexpr std::int64_t longest_wait = 999'999'999; // ns

failure system_failure(const std::string& what) {
  return failure{what + ": " + std::strerror(errno)};
}

sockaddr_in socket_address(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw failure("not an IPv4 address: " + host);
  return address;
}

bool is_loopback(const sockaddr_in& address) { return ntohl(address.sin_addr.s_addr) >> 24 == 127; }

/// Connects from 127.0.0.2, 127.0.0.3, …; the port is chosen by `connect`, which knows the other
/// end.
void bind_source(int fd, std::size_t number) {
  int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(number));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
    throw system_failure("bind to a source address");
}

} // namespace

swarm::swarm(target server, std::size_t clients, greeting words)
    : server_(std::move(server)), words_(std::move(words)), clients_(clients),
      buffer_(read_size, '\0'), keys_(std::random_device{}()) {
  if (is_loopback(socket_address(server_.host, server_.port)))
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

void swarm::open_all() {
  constexpr auto patience = std::chrono::seconds(20);
  while (ready_ < clients_.size()) {
    const auto before = ready_;
    open_some();
    run_until(clock::now() + patience, [&] { return ready_ > before; });
    if (ready_ == before)
      throw failure("only " + std::to_string(ready_) + " of " + std::to_string(clients_.size()) +
                    " connections were registered, and no more for 20 s");
  }
}

void swarm::open_some() {
  while (started_ < clients_.size() && started_ - ready_ < opening_at_once)
    connect(started_++);
}

void swarm::connect(std::size_t index) {
  auto& self = clients_[index];
  self.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (self.fd < 0)
    throw system_failure("socket");
  int on = 1;
  setsockopt(self.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source_addresses_ > 1)
    bind_source(self.fd, index % source_addresses_);
  const auto address = socket_address(server_.host, server_.port);
  if (::connect(self.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS)
    throw system_failure("connect");
  self.now = phase::connecting;
  watch(index, EPOLLOUT, EPOLL_CTL_ADD);
}

void swarm::send(std::size_t index, std::string_view text) {
  queue_frame(index, opcode::text, text);
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
    watch(index, EPOLLIN, EPOLL_CTL_MOD);
    mark_unsent(index);
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
    receive(index);
}

void swarm::start_upgrade(std::size_t index) {
  auto& self = clients_[index];
  socklen_t size = sizeof errno;
  getsockopt(self.fd, SOL_SOCKET, SO_ERROR, &errno, &size);
  if (errno != 0)
    throw system_failure("connect");
  self.now = phase::upgrading;
  self.out = upgrade_request(server_.host, server_.port, server_.path);
  watch(index, EPOLLIN, EPOLL_CTL_MOD);
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
  auto& self = clients_[index];
  if (self.now != phase::closing && self.now != phase::closed)
    throw failure("the server dropped the connection of " + user_name(index));
  if (self.now == phase::closing)
    ++closed_;
  self.now = phase::closed;
  ::close(self.fd);
  self.fd = -1;
}

std::size_t swarm::take_input(std::size_t index, std::string_view input) {
  auto& self = clients_[index];
  std::size_t taken = 0;
  if (self.now == phase::upgrading) {
    taken = parse_upgrade_response(input);
    if (taken == 0)
      return 0;
    self.now = phase::registering;
    send(index, words_.registration(index));
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
  if (frame.op == opcode::binary)
    throw failure("the server sent a binary frame");
  if ((frame.op == opcode::continuation) != self.in_fragments)
    throw failure("the server mixed up the fragments of its messages");
  if (frame.final && !self.in_fragments)
    return take_text(index, frame.payload);
  self.fragments.append(frame.payload);
  self.in_fragments = !frame.final;
  if (self.in_fragments)
    return;
  const auto whole = std::exchange(self.fragments, {});
  take_text(index, whole);
}

void swarm::take_text(std::size_t index, std::string_view text) {
  auto& self = clients_[index];
  if (self.now == phase::registering) {
    words_.take_answer(index, text);
    self.now = phase::open;
    ++ready_;
  } else if (self.now == phase::open && on_text_) {
    on_text_(index, text);
  }
}

void swarm::take_close(std::size_t index, std::string_view payload) {
  if (clients_[index].now == phase::closing)
    return;
  std::string status = "without a status";
  if (payload.size() >= 2)
    status = std::to_string(static_cast<unsigned char>(payload[0]) * 256 +
                            static_cast<unsigned char>(payload[1])) +
             " " + std::string(payload.substr(2));
  throw failure("the server closed the connection of " + user_name(index) + ": " + status);
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
  watch(index, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

void swarm::close_all() {
  constexpr auto patience = std::chrono::seconds(10);
  static constexpr std::string_view normal_closure = "\x03\xe8";
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    queue_frame(i, opcode::close, normal_closure);
    clients_[i].now = phase::closing;
  }
  run_until(clock::now() + patience, [&] { return closed_ == clients_.size(); });
  if (closed_ < clients_.size())
    throw failure("the server left " + std::to_string(clients_.size() - closed_) +
                  " connections open for 10 s after their close frames");
}

void swarm::watch(std::size_t index, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = index;
  if (epoll_ctl(epoll_, operation, clients_[index].fd, &event) != 0)
    throw system_failure("epoll_ctl");
}

} // namespace load
