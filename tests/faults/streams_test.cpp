/// Standard output and error that nobody reads, or that are closed; a terminal that is closed.
#include "net/accept/listener.hpp"
#include "tests/catch.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/sockets/ws_client.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace klatch::faults {

namespace {

using sockets::child_process;
using sockets::standard_streams;
using sockets::ws_client;

/// A pipe that nobody reads, and that is full.
class full_pipe {
public:
  full_pipe() {
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
    const auto size = ::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
    REQUIRE(size >= 4096);
    const std::string filler(static_cast<std::size_t>(size), '\n');
    REQUIRE(::write(ends_[1], filler.data(), filler.size()) == size);
  }
  full_pipe(const full_pipe&) = delete;
  full_pipe& operator=(const full_pipe&) = delete;
  ~full_pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  int write_end() const noexcept { return ends_[1]; }

private:
  std::array<int, 2> ends_{};
};

std::vector<std::string> on(const std::string& port, const std::string& level = "debug") {
  return {"--listen", "127.0.0.1:" + port, "--store", "none", "--max-per-address",
          "0",        "--log-level",       level};
}

/// A port that nothing listens on.
net::tcp_endpoint free_endpoint() { return net::bound_socket{"127.0.0.1", 0}.endpoint(); }

/// Waits until the server answers there.
void wait_until_up(const net::tcp_endpoint& server) {
  for (int tries = 0; tries < 300; ++tries) {
    try {
      boost::asio::io_context loop;
      boost::asio::ip::tcp::socket{loop}.connect(server);
      return;
    } catch (const boost::system::system_error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
  }
  FAIL("the server does not listen");
}

/// Something to log.
void misbehave(const net::tcp_endpoint& server) {
  auto bad = ws_client::registered(server, "9");
  bad.push(sockets::wire_frame{.kind = 5});
  bad.expect_close(1002);
}

void expect_service(const net::tcp_endpoint& server) {
  auto client = ws_client::registered(server, "7");
  client.expect_nothing_until_echo("7");
}

} // namespace

TEST_CASE("standard error that nobody reads keeps nothing waiting, not even the end", "[streams]") {
  full_pipe errors;
  child_process server{on("0"), {.errors = errors.write_end()}};
  const auto endpoint = server.wait_until_ready();
  for (int number = 0; number < 20; ++number)
    misbehave(endpoint);
  expect_service(endpoint);
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
}

TEST_CASE("what is logged is there when the process has ended, in its order", "[streams]") {
  child_process server{on("0")};
  const auto endpoint = server.wait_until_ready();
  for (int number = 0; number < 20; ++number)
    misbehave(endpoint);
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
  const auto text = server.standard_error().rest();
  INFO(text);
  std::size_t at = 0;
  for (int number = 0; number < 20; ++number)
    REQUIRE((at = text.find("closed with 1002", at + 1)) != std::string::npos);
  CHECK(text.find("stopping: closing every connection", at) != std::string::npos);
}

TEST_CASE("standard output that nobody reads keeps nothing waiting", "[streams]") {
  full_pipe output;
  const auto endpoint = free_endpoint();
  child_process server{on(std::to_string(endpoint.port())), {.output = output.write_end()}};
  wait_until_up(endpoint);
  expect_service(endpoint);
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
}

TEST_CASE("standard descriptors that are closed are given to nothing else", "[streams]") {
  const auto endpoint = free_endpoint();
  constexpr auto closed = standard_streams::closed;
  child_process server{on(std::to_string(endpoint.port())), {closed, closed, closed}};
  wait_until_up(endpoint);
  for (int number = 0; number < 3; ++number)
    CHECK(server.descriptor(number) == "/dev/null");
  misbehave(endpoint);
  expect_service(endpoint);
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
}

TEST_CASE("a terminal that is closed does not end the service", "[streams]") {
  child_process server{on("0")};
  const auto endpoint = server.wait_until_ready();
  auto client = ws_client::registered(endpoint, "7");
  server.signal(SIGHUP);
  server.standard_error().wait_for_line("reloaded");
  client.expect_nothing_until_echo("7");
  server.signal(SIGTERM);
  client.expect_close(1012);
  CHECK(server.wait(soon) == 0);
}

TEST_CASE("a service started with nohup outlives its terminal", "[streams]") {
  ::signal(SIGHUP, SIG_IGN); // as nohup does, for the child
  child_process server{on("0")};
  ::signal(SIGHUP, SIG_DFL);
  const auto endpoint = server.wait_until_ready();
  server.signal(SIGHUP);
  expect_service(endpoint);
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
}

} // namespace klatch::faults
