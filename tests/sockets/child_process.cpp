#include "tests/sockets/child_process.hpp"

#include "tests/catch.hpp"
#include "tests/sockets/raw_client.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

extern char** environ; // NOLINT(readability-redundant-declaration): POSIX has it in no header

namespace klatch::sockets {

namespace {

std::string binary() {
  const auto* chosen = std::getenv("KLATCH_BIN");
  return chosen != nullptr ? chosen : KLATCH_BIN_DEFAULT;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& each : texts)
    result.push_back(each.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_without_settings() {
  std::vector<std::string> result;
  for (auto** each = environ; *each != nullptr; ++each)
    if (!std::string_view{*each}.starts_with("KLATCH_"))
      result.emplace_back(*each);
  return result;
}

/// `target` is to be the test's `chosen`, closed, or `otherwise`.
void add_stream(posix_spawn_file_actions_t& actions, int target, int chosen, int otherwise) {
  if (chosen == standard_streams::closed)
    posix_spawn_file_actions_addclose(&actions, target);
  else
    posix_spawn_file_actions_adddup2(&actions, chosen >= 0 ? chosen : otherwise, target);
}

} // namespace

output_pipe::output_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  read_end_ = ends[0];
  write_end_ = ends[1];
}

output_pipe::~output_pipe() {
  ::close(read_end_);
  close_write_end();
}

void output_pipe::close_write_end() noexcept {
  if (write_end_ >= 0)
    ::close(std::exchange(write_end_, -1));
}

bool output_pipe::read_more() {
  if (!wait_for(read_end_, POLLIN, std::chrono::steady_clock::now() + patience))
    FAIL("no output in time; before that came: " << input_);
  std::array<char, 4096> chunk{};
  const auto got = ::read(read_end_, chunk.data(), chunk.size());
  REQUIRE(got >= 0);
  input_.append(chunk.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::string output_pipe::wait_for_line(std::string_view part) {
  for (;;) {
    const auto end = input_.find('\n');
    if (end == std::string::npos) {
      if (!read_more())
        FAIL("the output ended without \"" << part << "\": " << input_);
      continue;
    }
    auto line = input_.substr(0, end);
    input_.erase(0, end + 1);
    if (line.find(part) != std::string::npos)
      return line;
  }
}

std::string output_pipe::rest() {
  while (read_more()) {
  }
  return std::exchange(input_, {});
}

child_process::child_process(const std::vector<std::string>& arguments, standard_streams streams,
                             const from_manager& more) {
  // Only the child itself knows its id.
  std::vector<std::string> words{"/bin/sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh", binary()};
  if (more.sockets.empty())
    words.erase(words.begin(), words.end() - 1);
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto variables = more.variables; // Of two of one name the first counts.
  for (auto& each : environment_without_settings())
    variables.push_back(std::move(each));
  if (!more.sockets.empty()) {
    variables.push_back("LISTEN_FDS=" + std::to_string(more.sockets.size()));
    std::string names = "LISTEN_FDNAMES=";
    for (const auto& [socket, name] : more.sockets)
      names += name + (socket == more.sockets.back().first ? "" : ":");
    variables.push_back(names);
  }
  if (more.journal) {
    struct stat errors {};
    REQUIRE(::fstat(err_.write_end(), &errors) == 0);
    variables.push_back("JOURNAL_STREAM=" + std::to_string(errors.st_dev) + ':' +
                        std::to_string(errors.st_ino));
  }
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  add_stream(actions, STDIN_FILENO, streams.input, STDIN_FILENO);
  add_stream(actions, STDOUT_FILENO, streams.output, out_.write_end());
  add_stream(actions, STDERR_FILENO, streams.errors, err_.write_end());
  for (std::size_t index = 0; index < more.sockets.size(); ++index)
    posix_spawn_file_actions_adddup2(&actions, more.sockets[index].first,
                                     3 + static_cast<int>(index));
  const int error = ::posix_spawn(&id_, words.front().c_str(), &actions, nullptr,
                                  pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  INFO("starting " << words.front());
  REQUIRE(error == 0);
  out_.close_write_end();
  err_.close_write_end();
}

child_process::~child_process() {
  if (id_ <= 0)
    return;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

net::tcp_endpoint child_process::wait_until_ready() {
  const auto line = out_.wait_for_line("http://");
  INFO(line);
  const std::string_view lead = "http://127.0.0.1:";
  const auto at = line.find(lead);
  REQUIRE(at != std::string::npos);
  const auto port = std::stoul(line.substr(at + lead.size()));
  return {boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)};
}

void child_process::signal(int number) const { REQUIRE(::kill(id_, number) == 0); }

int child_process::wait(std::chrono::seconds limit) {
  // A descriptor that becomes readable when the process has ended.
  const auto watch = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
  REQUIRE(watch >= 0);
  const bool ended = wait_for(watch, POLLIN, std::chrono::steady_clock::now() + limit);
  ::close(watch);
  INFO("waiting for the process to end");
  REQUIRE(ended);
  int status = 0;
  REQUIRE(::waitpid(std::exchange(id_, -1), &status, 0) > 0);
  INFO("ended by signal " << (WIFSIGNALED(status) ? WTERMSIG(status) : 0));
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

std::string child_process::descriptor(int number) const {
  std::error_code gone;
  return std::filesystem::read_symlink(
             "/proc/" + std::to_string(id_) + "/fd/" + std::to_string(number), gone)
      .string();
}

std::uint64_t child_process::open_descriptors() const {
  const std::filesystem::directory_iterator open{"/proc/" + std::to_string(id_) + "/fd"};
  return static_cast<std::uint64_t>(std::distance(begin(open), end(open)));
}

void child_process::limit_descriptors(std::uint64_t most) const {
  const rlimit limit{most, most};
  REQUIRE(::prlimit(id_, RLIMIT_NOFILE, &limit, nullptr) == 0);
}

std::uint64_t child_process::resident_bytes() const {
  std::ifstream file{"/proc/" + std::to_string(id_) + "/statm"};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  REQUIRE(file >> all >> resident);
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace klatch::sockets
