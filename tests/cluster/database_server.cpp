#include "tests/cluster/database_server.hpp"

#include "tests/catch.hpp"
#include "tests/cluster/network.hpp"

#include <csignal>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <utility>

namespace klatch::clustered {

namespace {

constexpr std::chrono::seconds longest_database_start{30};
constexpr std::chrono::milliseconds between_database_looks{20};

} // namespace

std::string database_server::why_not() {
  if (test::installed_postgres().empty())
    return "PostgreSQL is not installed";
  return test::postgres_account() ? "" : "there is nobody whom PostgreSQL could run as";
}

database_server::database_server(fs::path folder, int port)
    : folder_(std::move(folder)), port_(port) {
  fs::create_directories(folder_);
  const auto as = *test::postgres_account();
  REQUIRE(::chown(folder_.c_str(), as.user, as.group) == 0);
  command("initdb", {"-D", (folder_ / "data").string(), "-U", "klatch", "--auth=trust", "--no-sync",
                     "-E", "UTF8", "--locale=C"});
  std::ofstream{folder_ / "data/pg_hba.conf", std::ios::app}
      << "host all klatch 10.77.0.0/24 trust\nhost replication klatch 10.77.0.0/24 trust\n";
  configure();
}

database_server::database_server(fs::path folder, int port, const database_server& primary)
    : folder_(std::move(folder)), port_(port) {
  fs::create_directories(folder_);
  const auto as = *test::postgres_account();
  REQUIRE(::chown(folder_.c_str(), as.user, as.group) == 0);
  const auto from = "host=" + std::string{own_address} + " port=" + std::to_string(primary.port_) +
                    " user=klatch application_name=standby";
  command("pg_basebackup", {"-D", (folder_ / "data").string(), "-d", from, "-R", "-X", "stream",
                            "-c", "fast", "--no-sync"});
  configure();
}

void database_server::configure() {
  set("port", std::to_string(port_));
  set("listen_addresses", own_address);
  set("unix_socket_directories", folder_.string());
  set("fsync", "off");
  set("shared_buffers", "32MB");
  set("max_wal_senders", "4");
  set("wal_level", "replica");
  set("idle_in_transaction_session_timeout", "5s");
  set("lock_timeout", "3s");
  set("synchronous_standby_names", "");
}

void database_server::command(const std::string& name, std::vector<std::string> words) const {
  words.insert(words.begin(), (test::installed_postgres() / name).string());
  INFO(text_of_file(folder_ / "log"));
  run({.words = std::move(words), .log = folder_ / "log", .as = test::postgres_account()});
}

void database_server::set(const std::string& name, const std::string& value) {
  std::ofstream{folder_ / "data/postgresql.conf", std::ios::app} << name << " = '" << value
                                                                 << "'\n";
  if (process_)
    process_->signal(SIGHUP);
}

void database_server::start() {
  process_ = std::make_unique<program>(
      program_options{.words = {(test::installed_postgres() / "postgres").string(), "-D",
                                (folder_ / "data").string()},
                      .log = folder_ / "log",
                      .as = test::postgres_account(),
                      .last_signal = SIGQUIT});
}

bool database_server::answers() const {
  return status_of({.words = {(test::installed_postgres() / "pg_isready").string(), "-q", "-h",
                              folder_.string(), "-p", std::to_string(port_)}}) == 0;
}

void database_server::wait_until_ready() const {
  const auto end = std::chrono::steady_clock::now() + longest_database_start;
  while (!answers()) {
    INFO(text_of_file(folder_ / "log"));
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(between_database_looks);
  }
}

void database_server::crash() {
  process_->end(SIGQUIT);
  process_.reset();
}

void database_server::stop() {
  process_->end(SIGINT);
  process_.reset();
}

void database_server::promote() {
  command("pg_ctl", {"promote", "--no-wait", "-D", (folder_ / "data").string()});
}

void database_server::end_replication() {
  ask("ALTER SYSTEM SET primary_conninfo = ''");
  ask("SELECT pg_reload_conf()");
}

std::string database_server::ask(const std::string& sql) const {
  const auto answer = folder_ / "answer";
  fs::remove(answer);
  INFO(sql);
  run({.words = {path_of("psql"), "-XqAt", "-h", folder_.string(), "-p", std::to_string(port_),
                 "-U", "klatch", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", sql},
       .log = answer});
  auto text = text_of_file(answer);
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

std::string database_server::host() const {
  return std::string{own_address} + ':' + std::to_string(port_);
}

std::string url_of(const std::vector<std::string>& hosts) {
  std::string url = "postgres://klatch@";
  for (const auto& each : hosts)
    url += (&each == hosts.data() ? "" : ",") + each;
  return url + "/postgres";
}

} // namespace klatch::clustered
