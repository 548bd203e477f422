/// Started and watched as systemd does it: passed sockets, notifications, the watchdog.
#include "tests/catch.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/sockets/ws_client.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace klatch::faults {

namespace {

using sockets::child_process;
using sockets::from_manager;
using sockets::ws_client;
using std::chrono::milliseconds;

/// A socket that listens on a port of its own, as a socket unit has it.
class listening_socket {
public:
  listening_socket() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto size = static_cast<socklen_t>(sizeof address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address); // NOLINT: as bind(2) takes it
    REQUIRE(::bind(descriptor_, generic, size) == 0);
    REQUIRE(::listen(descriptor_, 4096) == 0);
    REQUIRE(::getsockname(descriptor_, generic, &size) == 0);
    address_ = address;
  }
  listening_socket(const listening_socket&) = delete;
  listening_socket& operator=(const listening_socket&) = delete;
  ~listening_socket() { ::close(descriptor_); }

  int descriptor() const noexcept { return descriptor_; }
  net::tcp_endpoint endpoint() const {
    return {boost::asio::ip::make_address("127.0.0.1"), ntohs(address_.sin_port)};
  }

  /// Connects, asks and returns true if there is an answer. For any thread.
  bool is_answered() const {
    constexpr std::string_view question = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{30, 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::array<char, 512> reply{};
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address_); // NOLINT
    const bool answered = ::connect(client, generic, sizeof address_) == 0 &&
                          ::send(client, question.data(), question.size(), MSG_NOSIGNAL) > 0 &&
                          ::recv(client, reply.data(), reply.size() - 1, 0) > 0 &&
                          std::string_view{reply.data()}.starts_with("HTTP/1.1 200");
    ::close(client);
    return answered;
  }

private:
  int descriptor_;
  sockaddr_in address_{};
};

/// Where a service tells of itself.
class notify_socket {
public:
  explicit notify_socket(const scratch_folder& folder)
      : path_(folder / "notify"), descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), // NOLINT
                   sizeof address) == 0);
  }
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;
  ~notify_socket() { ::close(descriptor_); }

  std::string variable() const { return "NOTIFY_SOCKET=" + path_.string(); }

  /// The next message, which is no WATCHDOG=1.
  std::string next() {
    for (;;)
      if (auto text = any(); text != "WATCHDOG=1")
        return text;
  }
  std::string any() {
    REQUIRE(sockets::wait_for(descriptor_, POLLIN, std::chrono::steady_clock::now() + soon));
    std::array<char, 1024> text{};
    const auto size = ::recv(descriptor_, text.data(), text.size(), 0);
    REQUIRE(size > 0);
    return {text.data(), static_cast<std::size_t>(size)};
  }

private:
  fs::path path_;
  int descriptor_;
};

from_manager passing(const listening_socket& socket, const std::string& name = "plain") {
  return {.sockets = {{socket.descriptor(), name}}};
}

} // namespace

TEST_CASE("over restarts behind a passed socket nobody is refused", "[manager]") {
  const listening_socket socket;
  std::atomic<bool> over = false;
  int asked = 0;
  int refused = 0;
  std::thread client{[&] {
    for (; !over; ++asked, std::this_thread::sleep_for(milliseconds{5}))
      refused += socket.is_answered() ? 0 : 1;
  }};
  for (int times = 0; times < 8; ++times) {
    child_process server{{"--store", "none", "--max-per-address", "0"}, {}, passing(socket)};
    CHECK(server.wait_until_ready() == socket.endpoint());
    auto chats = ws_client::registered(socket.endpoint(), "7");
    chats.expect_nothing_until_echo("7");
    std::this_thread::sleep_for(milliseconds{100});
    server.signal(SIGTERM);
    chats.expect_close(1012);
    CHECK(server.wait(soon) == 0);
  }
  {
    child_process last{{"--store", "none"}, {}, passing(socket)};
    last.wait_until_ready(); // before that nothing of its own awaits a signal
    over = true;
    client.join();
    last.signal(SIGTERM);
    CHECK(last.wait(soon) == 0);
  }
  CHECK(asked > 50);
  CHECK(refused == 0);
}

TEST_CASE("a passed socket that cannot be meant is refused in one sentence", "[manager]") {
  const listening_socket socket;
  const auto expect = [](const std::vector<std::string>& arguments, const from_manager& more,
                         std::string_view part) {
    child_process server{arguments, {}, more};
    CHECK(server.wait(soon) == 2);
    const auto said = server.standard_error().rest();
    INFO(said);
    CHECK(said.starts_with("klatch: "));
    CHECK(said.find(part) != std::string::npos);
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  };
  expect({"--store", "none", "--listen", "127.0.0.1:9001"}, passing(socket), "--listen");
  expect({"--store", "none"}, passing(socket, "tls"), "tls");
  expect({"--store", "none"}, passing(socket, "klatch.socket"), "FileDescriptorName=");
  const int unbound = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  expect({"--store", "none"}, {.sockets = {{unbound, "plain"}}}, "listens");
  ::close(unbound);
}

TEST_CASE("the service manager is told of start, reload, refusal and stop", "[manager]") {
  const scratch_folder folder;
  notify_socket manager{folder};
  const auto file = folder / "klatch.toml";
  std::ofstream{file} << "send-rate = 5\n";
  child_process server{{"--config", file.string(), "--listen", "127.0.0.1:0", "--store", "none"},
                       {},
                       {.variables = {manager.variable(), "WATCHDOG_USEC=200000"}}};
  CHECK(manager.next().starts_with("READY=1\n"));
  server.signal(SIGHUP);
  CHECK(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(manager.next() == "READY=1\nSTATUS=0 connections, 0 users, nothing is stored");
  std::ofstream{file} << "send-rate = many\n";
  server.signal(SIGHUP);
  CHECK(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  const auto refused = manager.next();
  INFO(refused);
  CHECK(refused.starts_with("READY=1\nSTATUS=reload refused: "));
  CHECK(refused.find("line 1") != std::string::npos);
  for (int times = 0; times < 3; ++times)
    CHECK(manager.any() == "WATCHDOG=1");
  server.signal(SIGTERM);
  CHECK(manager.next() == "STOPPING=1\nSTATUS=closing every connection: 0 connections left");
  CHECK(server.wait(soon) == 0);
}

} // namespace klatch::faults
