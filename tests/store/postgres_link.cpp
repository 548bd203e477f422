#include "tests/store/postgres_link.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace klatch::store::test {

namespace {

bool send_all(int to, const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto sent = send(to, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

/// The server is ready for the next call, in no transaction.
bool ends_answer(std::string_view bytes) {
  constexpr std::string_view ready{"Z\0\0\0\5I", 6};
  return bytes.ends_with(ready);
}

} // namespace

postgres_link::postgres_link(std::string socket) : socket_(std::move(socket)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0 || pipe(wake_) != 0)
    throw std::runtime_error{"the link to PostgreSQL cannot be made"};
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

postgres_link::~postgres_link() {
  {
    const std::lock_guard guard{mutex_};
    ended_ = true;
  }
  [[maybe_unused]] const auto written = write(wake_[1], "x", 1);
  thread_.join();
  for (auto& each : pairs_)
    close_pair(each);
  close(listener_);
  close(wake_[0]);
  close(wake_[1]);
}

/// Without the socket of the other URL, which would come before the host of this one.
std::string postgres_link::url(std::string_view path) const {
  const std::string database{path.substr(0, path.find('?'))};
  const auto options = path.find("options=");
  return "postgres://klatch@127.0.0.1:" + std::to_string(port_) + database +
         (options == std::string_view::npos ? "" : '?' + std::string{path.substr(options)});
}

void postgres_link::lose(std::string_view statement, link_fault what, std::size_t times) {
  const std::lock_guard guard{mutex_};
  // As it stands in a message that binds values to it: behind the portal, which has no name.
  needle_ = '\0' + std::string{statement} + '\0';
  fault_ = what;
  left_ = times;
}

void postgres_link::shut(bool wanted) {
  std::unique_lock guard{mutex_};
  shut_ = wanted;
  cut_ = false;
  [[maybe_unused]] const auto written = write(wake_[1], "x", 1);
  cut_done_.wait(guard, [&] { return !shut_ || cut_; });
}

std::size_t postgres_link::left() {
  const std::lock_guard guard{mutex_};
  return left_;
}

link_fault postgres_link::fault_of(std::string_view call) {
  const std::lock_guard guard{mutex_};
  if (left_ == 0 || call.find(needle_) == std::string_view::npos)
    return link_fault::none;
  --left_;
  return fault_;
}

void postgres_link::run() {
  for (;;) {
    std::vector<pollfd> waiting{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& each : pairs_) {
      waiting.push_back({each.client, POLLIN, 0});
      waiting.push_back({each.server, POLLIN, 0});
    }
    poll(waiting.data(), waiting.size(), -1);
    if (waiting[0].revents != 0) {
      std::array<char, 64> ignored{};
      [[maybe_unused]] const auto got = read(wake_[0], ignored.data(), ignored.size());
    }
    {
      const std::lock_guard guard{mutex_};
      if (ended_)
        return;
      if (shut_) {
        for (auto& each : pairs_)
          close_pair(each);
        cut_ = true;
        cut_done_.notify_all();
      }
    }
    for (std::size_t i = 0; 2 * i + 2 < waiting.size(); ++i) {
      if (waiting[2 * i + 2].revents != 0 && pairs_[i].open)
        from_client(pairs_[i]);
      if (waiting[2 * i + 3].revents != 0 && pairs_[i].open)
        from_server(pairs_[i]);
    }
    pairs_.erase(
        std::remove_if(pairs_.begin(), pairs_.end(), [](const auto& each) { return !each.open; }),
        pairs_.end());
    if (waiting[1].revents != 0)
      accept_one();
  }
}

void postgres_link::accept_one() {
  pair added{accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC),
             ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_.c_str(), sizeof address.sun_path - 1);
  bool refused = false;
  {
    const std::lock_guard guard{mutex_};
    refused = shut_;
  }
  if (refused || connect(added.server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    close_pair(added);
  else
    pairs_.push_back(added);
}

void postgres_link::from_client(pair& one) {
  std::array<char, 65'536> bytes{};
  const auto got = recv(one.client, bytes.data(), bytes.size(), 0);
  if (got <= 0)
    return close_pair(one);
  const std::string_view call{bytes.data(), static_cast<std::size_t>(got)};
  if (const auto fault = fault_of(call); fault != link_fault::none)
    one.fault = fault;
  if (one.fault == link_fault::call_lost || !send_all(one.server, call.data(), call.size()))
    close_pair(one);
}

void postgres_link::from_server(pair& one) {
  std::array<char, 65'536> bytes{};
  const auto got = recv(one.server, bytes.data(), bytes.size(), 0);
  if (got <= 0)
    return close_pair(one);
  const std::string_view answer{bytes.data(), static_cast<std::size_t>(got)};
  if (one.fault == link_fault::answer_silent)
    return;
  if (one.fault == link_fault::answer_lost ? ends_answer(answer)
                                           : !send_all(one.client, answer.data(), answer.size()))
    close_pair(one);
}

void postgres_link::close_pair(pair& one) {
  if (!std::exchange(one.open, false))
    return;
  close(one.client);
  close(one.server);
}

} // namespace klatch::store::test
