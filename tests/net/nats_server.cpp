#include "tests/net/nats_server.hpp"

#include "net/loop/descriptor.hpp"
#include "tests/catch.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <spawn.h>
#include <stdlib.h> // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX's
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

extern char** environ; // NOLINT(readability-redundant-declaration): POSIX has it in no header

namespace klatch::net {

namespace {

namespace fs = std::filesystem;

/// Debian puts it where only root looks.
std::string nats_program() {
  for (const auto* const folder : {"/usr/sbin", "/usr/bin", "/usr/local/bin"})
    if (const auto path = fs::path{folder} / "nats-server"; fs::exists(path))
      return path;
  return {};
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int free_port() {
  const descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(socket.get(), generic, size) == 0);
  REQUIRE(::getsockname(socket.get(), generic, &size) == 0);
  return ntohs(address.sin_port);
}

} // namespace

bool nats_server::is_installed() {
  if (!nats_program().empty())
    return true;
  WARN("skipped: nats-server is not installed");
  return false;
}

nats_server::nats_server(std::string configuration)
    : configuration_(std::move(configuration)), port_(free_port()) {
  auto pattern = (fs::temp_directory_path() / "klatch-nats-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  const std::string placeholder = "%FOLDER";
  for (auto at = configuration_.find(placeholder); at != std::string::npos;
       at = configuration_.find(placeholder))
    configuration_.replace(at, placeholder.size(), folder_.string());
}

nats_server::~nats_server() {
  kill();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

nats_server& nats_server::start() {
  const auto file = (folder_ / "nats.conf").string();
  std::ofstream{file} << configuration_;
  auto program = nats_program();
  std::vector<std::string> words{
      program, "-c", file, "-a", "127.0.0.1", "-p", std::to_string(port_)};
  std::vector<char*> arguments;
  for (auto& each : words)
    arguments.push_back(each.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  const auto log = (folder_ / "log").string();
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, stream, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     S_IRUSR | S_IWUSR);
  const int error =
      ::posix_spawn(&id_, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  REQUIRE(error == 0);
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!answers()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(5ms); // another process: nothing of it can be waited for
  }
  return *this;
}

bool nats_server::answers() const {
  const descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = loopback(port_);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void nats_server::kill() {
  if (id_ < 0)
    return;
  ::kill(id_, SIGKILL);
  ::waitpid(std::exchange(id_, -1), nullptr, 0);
}

void nats_server::freeze() { ::kill(id_, SIGSTOP); }
void nats_server::thaw() { ::kill(id_, SIGCONT); }

std::string nats_server::host(const std::string& name) const {
  return name + ':' + std::to_string(port_);
}

} // namespace klatch::net
