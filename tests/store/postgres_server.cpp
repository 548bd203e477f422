#include "tests/store/postgres_server.hpp"

#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/installed_postgres.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <memory>
#include <optional>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace klatch::store::test {

namespace {

namespace fs = std::filesystem;
using klatch::test::installed_postgres;
using klatch::test::postgres_account;
using klatch::test::system_account;

std::optional<system_account> server_account() {
  return geteuid() == 0 ? postgres_account() : std::nullopt;
}

/// Starts a program that ends with this one.
pid_t start_program(const std::vector<std::string>& arguments, const fs::path& log,
                    const std::optional<system_account>& account) {
  std::vector<char*> pointers;
  for (const auto& each : arguments)
    pointers.push_back(const_cast<char*>(each.c_str())); // NOLINT(*-const-cast): exec's signature
  pointers.push_back(nullptr);
  const auto child = fork();
  if (child != 0)
    return child;
  const auto output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (account &&
      (setgroups(0, nullptr) != 0 || setgid(account->group) != 0 || setuid(account->user) != 0))
    _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  execv(pointers.front(), pointers.data());
  _exit(127);
}

bool wait_for(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// A server of our own, without a thought for power failures.
class own_server {
public:
  own_server() {
    const auto programs = installed_postgres();
    if (programs.empty()) {
      why_not_ = "there is none in /usr/lib/postgresql";
      return;
    }
    const auto account = server_account();
    if (account && chown(folder_.path().c_str(), account->user, account->group) != 0) {
      why_not_ = "its folder cannot be given to its user";
      return;
    }
    const auto data = (folder_ / "data").string();
    const auto log = folder_ / "log";
    if (!wait_for(start_program({programs / "initdb", "-D", data, "-U", "klatch", "--auth=trust",
                                 "--no-sync", "-E", "UTF8", "--locale=C"},
                                folder_ / "initdb-log", account))) {
      why_not_ = "initdb fails: " + bytes_of(folder_ / "initdb-log");
      return;
    }
    process_ = start_program({programs / "postgres", "-D", data, "-k", folder_.path(), "-c",
                              "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off",
                              "-c", "shared_buffers=32MB"},
                             log, account);
    url_ = "postgres://klatch@/postgres?host=" + folder_.path().string();
    if (!answers())
      why_not_ = "it does not start: " + bytes_of(log);
  }

  ~own_server() {
    if (process_ <= 0)
      return;
    kill(process_, SIGQUIT); // At once.
    waitpid(process_, nullptr, 0);
  }

  own_server(own_server&&) = delete;
  own_server& operator=(own_server&&) = delete;

  const std::string& why_not() const noexcept { return why_not_; }
  const std::string& url() const noexcept { return url_; }
  const fs::path& folder() const noexcept { return folder_.path(); }

private:
  bool answers() const {
    constexpr int tries = 500;
    for (int i = 0; i < tries; ++i) {
      try {
        postgres_connection{{.url = url_}}.connect();
        return true;
      } catch (const unavailable&) {
        postgres_connection::pause(std::chrono::milliseconds{20});
      }
    }
    return false;
  }

  temporary_folder folder_;
  pid_t process_ = -1;
  std::string url_;
  std::string why_not_;
};

const char* given_url() { return std::getenv("KLATCH_TEST_POSTGRES"); }

own_server& server() {
  static own_server one;
  return one;
}

std::string server_url() { return given_url() != nullptr ? given_url() : server().url(); }

/// Where the path begins, or the options if there is none.
std::size_t path_of(const std::string& url) {
  return std::min(url.find_first_of("/?", url.find("//") + 2), url.size());
}

/// The URL with another database.
std::string with_database(const std::string& url, const std::string& name) {
  const auto options = url.find('?');
  return url.substr(0, path_of(url)) + '/' + name +
         (options == std::string::npos ? "" : url.substr(options));
}

std::string with_schema(const std::string& url, const std::string& name) {
  return url + (url.find('?') == std::string::npos ? '?' : '&') + "options=-csearch_path%3D" + name;
}

} // namespace

bool has_postgres() {
  if (given_url() != nullptr || server().why_not().empty())
    return true;
  static bool told = false;
  if (!std::exchange(told, true))
    WARN("tests of PostgreSQL are left out, as there is no server: " << server().why_not());
  return false;
}

std::string postgres_socket() {
  return given_url() != nullptr ? std::string{} : (server().folder() / ".s.PGSQL.5432").string();
}

test_database::test_database(apart how) : how_(how) {
  static std::atomic<int> count{0};
  name_ = "klatch_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  const bool whole = how == apart::in_database;
  url_ = whole ? with_database(server_url(), name_) : with_schema(server_url(), name_);
  postgres_connection{{.url = server_url()}}.run_script(
      (whole ? "CREATE DATABASE " : "CREATE SCHEMA ") + name_);
}

test_database::~test_database() {
  try {
    postgres_connection{{.url = server_url()}}.run_script(
        how_ == apart::in_database ? "DROP DATABASE " + name_ + " WITH (FORCE)"
                                   : "DROP SCHEMA " + name_ + " CASCADE");
  } catch (const unavailable&) { // The server goes too.
  }
}

std::string test_database::path() const { return url_.substr(path_of(url_)); }

std::string test_database::url_of(const std::string& user) const {
  const auto begin = url_.find("//") + 2;
  const auto end = url_.find_first_of("@/", begin);
  return url_.substr(0, begin) + user + url_.substr(url_[end] == '@' ? end : begin);
}

void test_database::run(const std::string& sql) const {
  postgres_connection{{.url = url_}}.run_script(sql);
}

std::int64_t test_database::number(const std::string& sql) const {
  const auto whole = "SELECT (" + sql + ")::int8";
  const postgres_statement one{"one", whole.c_str()};
  return postgres_connection{{.url = url_}}.run(one).integer(0, 0);
}

} // namespace klatch::store::test
