#include "bench/load/child_server.hpp"

#include "bench/load/failure.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace load {

namespace {

constexpr auto start_patience = std::chrono::seconds(60);

/// The port in a whole line with an address; 0: none yet.
std::uint16_t port_in(std::string_view printed) {
  constexpr std::string_view address = "127.0.0.1:";
  const auto at = printed.find(address);
  const auto whole = printed.rfind('\n');
  std::uint16_t port = 0;
  if (at != std::string_view::npos && whole != std::string_view::npos && at < whole)
    std::from_chars(printed.data() + at + address.size(), printed.data() + whole, port);
  return port;
}

} // namespace

child_server::child_server(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw system_failure("pipe", errno);
  output_ = ends[0];
  try {
    spawn(command, ends[1]);
    close(ends[1]);
    read_port();
  } catch (...) {
    if (id_ > 0)
      kill(id_, SIGKILL);
    close(output_);
    throw;
  }
}

child_server::~child_server() {
  if (id_ > 0) {
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  close(output_);
}

void child_server::spawn(const std::vector<std::string>& command, int output) {
  std::vector<char*> arguments;
  for (const auto& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  started_ = clock::now();
  const int error =
      posix_spawnp(&id_, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    id_ = -1;
    throw system_failure(command.front(), error);
  }
}

void child_server::read_port() {
  std::string printed;
  std::array<char, 1024> buffer;
  while (port_ == 0) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(started_ + start_patience - clock::now());
    pollfd wanted{output_, POLLIN, 0};
    if (poll(&wanted, 1, std::max(static_cast<int>(left.count()), 0)) <= 0)
      throw failure("the server did not start within a minute");
    const auto count = read(output_, buffer.data(), buffer.size());
    if (count <= 0)
      throw failure("the server ended at its start");
    printed.append(buffer.data(), static_cast<std::size_t>(count));
    ready_ = clock::now();
    port_ = port_in(printed);
  }
}

void child_server::stop() {
  int status = 0;
  if (kill(id_, SIGTERM) != 0 || waitpid(id_, &status, 0) != id_)
    throw system_failure("stopping the server", errno);
  id_ = -1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw failure("the server did not end with status 0");
}

} // namespace load
