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
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace load {

namespace {

constexpr auto start_patience = std::chrono::seconds(60);
constexpr int first_passed = 3; // SD_LISTEN_FDS_START

std::vector<std::string> own_environment() {
  std::vector<std::string> result;
  for (auto** each = environ; *each != nullptr; ++each)
    result.emplace_back(*each);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words)
    result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

std::chrono::nanoseconds time_of(const timeval& value) {
  return std::chrono::seconds(value.tv_sec) + std::chrono::microseconds(value.tv_usec);
}

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
    spawn(command, own_environment(), ends[1]);
    close(ends[1]);
    read_port();
  } catch (...) {
    if (id_ > 0)
      kill(id_, SIGKILL);
    close(output_);
    throw;
  }
}

child_server::child_server(const std::vector<std::string>& command, const listening_socket& passed)
    : port_(passed.port()) {
  // Only the process itself knows its id before it runs.
  std::vector<std::string> words{"/bin/sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"};
  words.insert(words.end(), command.begin(), command.end());
  auto environment = own_environment();
  environment.insert(environment.end(), {"LISTEN_FDS=1", "LISTEN_FDNAMES=plain"});
  spawn(std::move(words), std::move(environment), STDERR_FILENO, passed.descriptor());
}

child_server::~child_server() {
  if (id_ > 0) {
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  if (output_ >= 0)
    close(output_);
}

void child_server::spawn(std::vector<std::string> command, std::vector<std::string> environment,
                         int output, int passed) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  if (passed >= 0)
    posix_spawn_file_actions_adddup2(&actions, passed, first_passed);
  started_ = clock::now();
  const int error = posix_spawnp(&id_, command.front().c_str(), &actions, nullptr,
                                 pointers(command).data(), pointers(environment).data());
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
  begin_stop();
  wait_for_end(0);
}

void child_server::begin_stop() {
  if (kill(id_, SIGTERM) != 0)
    throw system_failure("stopping the server", errno);
}

bool child_server::has_ended() { return wait_for_end(WNOHANG); }

bool child_server::wait_for_end(int options) {
  int status = 0;
  rusage used{};
  const auto ended = wait4(id_, &status, options, &used);
  if (ended == 0)
    return false;
  if (ended != id_)
    throw system_failure("stopping the server", errno);
  id_ = -1;
  cpu_time_ = time_of(used.ru_utime) + time_of(used.ru_stime);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw failure("the server did not end with status 0");
  return true;
}

} // namespace load
