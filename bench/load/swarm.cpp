#include "bench/load/swarm.hpp"

#include "bench/load/descriptors.hpp"
#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
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
  if (server_.tls)
    tls_ = std::make_unique<tls_client>(clients, server_.resumes);
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
  self.fd = begin_connection(server_, server_.port_of(index),
                             source_addresses_ > 1 ? 2 + index % source_addresses_ : 0);
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

void swarm::run_for(std::chrono::duration<double> time) {
  run_until(clock::now() + std::chrono::duration_cast<clock::duration>(time));
}

void swarm::run_out(const std::function<bool()>& done) {
  constexpr auto patience = std::chrono::seconds(10);
  constexpr auto for_what_is_too_much = std::chrono::milliseconds(200);
  run_until(clock::now() + patience, done);
  run_until(clock::now() + for_what_is_too_much);
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
    return connected(index);
  if (self.now == phase::securing)
    return shake_hands(index);
  if ((events & EPOLLOUT) != 0) {
    self.waits_to_write = false;
    watch(index, EPOLL_CTL_MOD);
    mark_unsent(index);
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
    receive(index);
}

void swarm::connected(std::size_t index) {
  auto& self = clients_[index];
  if (const int error = connection_error(self.fd); error != 0)
    return lose(index, std::string("connect: ") + std::strerror(error));
  if (!tls_)
    return start_upgrade(index);
  self.tls = tls_->secure(index, self.fd);
  self.now = phase::securing;
  watch(index, EPOLL_CTL_MOD);
  shake_hands(index);
}

void swarm::shake_hands(std::size_t index) {
  auto& self = clients_[index];
  if (!self.tls->shake_hands())
    return;
  resumed_ += self.tls->is_resumed() ? 1 : 0;
  if (tls_form_.empty())
    tls_form_ = self.tls->form();
  start_upgrade(index);
}

void swarm::start_upgrade(std::size_t index) {
  auto& self = clients_[index];
  self.now = phase::upgrading;
  self.out = upgrade_request(server_.host, server_.port_of(index), server_.path);
  watch(index, EPOLL_CTL_MOD);
  mark_unsent(index);
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
  self.tls.reset();
  ::close(self.fd);
  self.fd = -1;
  self.now = phase::closed;
  self.out.clear();
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

ssize_t swarm::write_bytes(connection& to) {
  if (to.tls)
    return to.tls->send(to.out.data(), to.out.size());
  return ::send(to.fd, to.out.data(), to.out.size(), MSG_NOSIGNAL);
}

void swarm::flush(std::size_t index) {
  auto& self = clients_[index];
  self.queued = false;
  if (self.fd < 0 || self.out.empty())
    return;
  const auto count = write_bytes(self);
  if (count < 0 && errno != EAGAIN && errno != EINTR) {
    if (errno != EPIPE && errno != ECONNRESET)
      throw system_failure("send");
    return self.out.clear(); // what the server said before it went is read next
  }
  const auto written = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  if (written == self.out.size()) {
    self.out.clear();
    if (self.out.capacity() > buffer_.size())
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
