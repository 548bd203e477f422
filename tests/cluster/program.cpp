#include "tests/cluster/program.hpp"

#include "tests/catch.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace klatch::clustered {

namespace {

constexpr std::chrono::seconds longest_command{60};
constexpr std::chrono::milliseconds between_looks_at_end{2};

/// Becomes the program; in the child.
[[noreturn]] void become(const program_options& options, std::vector<char*>& words) {
  const auto log = open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const auto nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (options.network >= 0 && setns(options.network, CLONE_NEWNET) != 0)
    _exit(125);
  if (options.as && (setgroups(0, nullptr) != 0 || setgid(options.as->group) != 0 ||
                     setuid(options.as->user) != 0))
    _exit(126);
  prctl(PR_SET_PDEATHSIG, options.last_signal); // Behind setuid, which takes it back.
  execv(words.front(), words.data());
  _exit(127);
}

} // namespace

program::program(const program_options& options) {
  auto copies = options.words;
  std::vector<char*> words;
  for (auto& each : copies)
    words.push_back(each.data());
  words.push_back(nullptr);
  id_ = fork();
  REQUIRE(id_ >= 0);
  if (id_ == 0)
    become(options, words);
}

program::~program() {
  if (id_ <= 0 || status_)
    return;
  ::kill(id_, SIGCONT);
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

void program::signal(int number) const { REQUIRE(::kill(id_, number) == 0); }

void program::end(int number) {
  signal(number);
  wait(longest_command);
}

bool program::has_ended() {
  int status = 0;
  if (!status_ && ::waitpid(id_, &status, WNOHANG) == id_)
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_.has_value();
}

int program::wait(std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!has_ended()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(between_looks_at_end);
  }
  return *status_;
}

int status_of(const program_options& options) { return program{options}.wait(longest_command); }

void run(const program_options& options) {
  INFO(options.words.front() << ' ' << options.words.back());
  REQUIRE(status_of(options) == 0);
}

std::string path_of(const std::string& name) {
  for (const auto* const folder :
       {"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"})
    if (const auto path = fs::path{folder} / name; fs::exists(path))
      return path;
  return {};
}

std::string text_of_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace klatch::clustered
