#include "tests/cluster/fleet.hpp"

#include "messages/auth/key_text.hpp"
#include "messages/auth/signature.hpp"
#include "tests/catch.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sys/mount.h>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace klatch::clustered {

namespace {

constexpr std::uint16_t node_port = 9001;
constexpr int nats_port = 4222;
constexpr int route_port = 6222;
constexpr int primary_port = 55432;
constexpr int standby_port = 55433;
constexpr std::chrono::seconds longest_start{30};
constexpr std::chrono::milliseconds between_looks{20};

std::string node_address(unsigned node) { return "10.77.0.1" + std::to_string(node + 1); }
std::string nats_address(unsigned server) { return "10.77.0.2" + std::to_string(server + 1); }

std::string binary() {
  const auto* chosen = std::getenv("KLATCH_BIN");
  return chosen != nullptr ? chosen : KLATCH_BIN_DEFAULT;
}

/// All of them with a port, in their order, from one on.
std::vector<std::string> nats_servers(unsigned first, int port) {
  std::vector<std::string> result;
  for (unsigned at = 0; at < fleet_size; ++at)
    result.push_back(nats_address((first + at) % fleet_size) + ':' + std::to_string(port));
  return result;
}

std::string joined(const std::vector<std::string>& texts, const std::string& before,
                   const std::string& between) {
  std::string result;
  for (const auto& each : texts)
    result += (&each == texts.data() ? "" : between) + before + each;
  return result;
}

bool takes_connections(const net::tcp_endpoint& at) {
  const net::descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return ::connect(socket.get(), at.data(), static_cast<socklen_t>(at.size())) == 0;
}

} // namespace

bool fleet::is_possible() {
  auto why = network::why_not();
  if (why.empty())
    why = database_server::why_not();
  if (why.empty() && path_of("nats-server").empty())
    why = "nats-server is not installed";
  if (why.empty())
    return true;
  std::cout << "skipped: " << why << std::endl;
  return false;
}

fleet::fleet(fleet_options options)
    : options_(std::move(options)), folder_(std::make_unique<faults::scratch_folder>()) {
  fs::permissions(folder(), fs::perms::others_exec | fs::perms::group_exec, fs::perm_options::add);
  for (unsigned at = 0; at < fleet_size; ++at) {
    network_.add(node_address(at));
    network_.add(nats_address(at));
  }
  if (options_.asks_for_tokens)
    make_key();
  if (options_.disk_mib != 0) {
    fs::create_directory(primary_folder());
    const auto size = "size=" + std::to_string(options_.disk_mib) + 'm';
    REQUIRE(::mount("klatch", primary_folder().c_str(), "tmpfs", 0, size.c_str()) == 0);
  }
  primary_ = std::make_unique<database_server>(primary_folder(), primary_port);
  primary_->start();
  for (unsigned at = 0; options_.bus == "nats" && at < fleet_size; ++at)
    start_nats(at);
  primary_->wait_until_ready();
  if (options_.standby != standby_kind::none)
    make_standby();
  for (unsigned at = 0; at < fleet_size; ++at)
    start_node(at);
  wait_until_nodes_answer();
}

fleet::~fleet() {
  for (auto& each : nodes_)
    each.reset();
  if (options_.disk_mib != 0) {
    primary_.reset();
    ::umount2(primary_folder().c_str(), MNT_DETACH);
  }
  if (keeps_) {
    std::cout << "kept: " << folder() << std::endl;
    static_cast<void>(folder_.release()); // NOLINT: its destructor would remove the folder
  }
}

void fleet::keep_folder() { keeps_ = true; }

void fleet::fill_disk() const {
  std::ofstream out{filler(), std::ios::binary};
  const std::string block(std::size_t{64} * 1024, '\0');
  while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush())
    ;
}

void fleet::free_disk() {
  fs::remove(filler());
  if (primary_->has_ended())
    primary_->start();
}

void fleet::make_key() {
  const auto secret = make_secret_text({});
  const auto file = folder() / "keys" / "site.token";
  fs::create_directory(file.parent_path());
  std::ofstream{file} << secret;
  fs::permissions(file, fs::perms::owner_read);
  key_ = parse_secret("site", secret);
}

std::string fleet::token_of(const std::string& user, std::chrono::seconds issued) const {
  if (!key_)
    return {};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto from = std::chrono::floor<std::chrono::seconds>(now) + issued;
  return sign_token(*key_, R"({"sub":")" + user + R"(","project":"2424","iat":)" +
                               std::to_string(from.count()) + R"(,"exp":)" +
                               std::to_string((from + std::chrono::hours{1}).count()) + '}');
}

void fleet::revoke(const std::string& user) const {
  run({.words = {binary(), "revoke", "--sub", user, "--project", "2424", "--store", url()},
       .log = folder() / "revoke.log"});
}

void fleet::make_standby() {
  standby_ = std::make_unique<database_server>(folder() / "standby", standby_port, *primary_);
  standby_->start();
  standby_->wait_until_ready();
  if (options_.standby == standby_kind::asynchronous)
    return;
  primary_->set("synchronous_standby_names", "*");
  const auto end = std::chrono::steady_clock::now() + longest_start;
  while (primary_->ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state='sync'") != "1") {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(between_looks);
  }
}

void fleet::wait_until_nodes_answer() {
  const auto end = std::chrono::steady_clock::now() + longest_start;
  for (unsigned at = 0; at < fleet_size; ++at)
    while (!takes_connections(endpoint(at))) {
      INFO(log_of(at));
      REQUIRE(runs(at));
      REQUIRE(std::chrono::steady_clock::now() < end);
      std::this_thread::sleep_for(between_looks);
    }
}

net::tcp_endpoint fleet::endpoint(unsigned node) const {
  return {boost::asio::ip::make_address(node_address(node)), node_port};
}

std::string fleet::url() const {
  std::vector<std::string> hosts{primary_->host()};
  if (options_.standby != standby_kind::none)
    hosts.push_back(std::string{own_address} + ':' + std::to_string(standby_port));
  return url_of(hosts);
}

fs::path fleet::log_file(unsigned node) const {
  return folder() / ("node" + std::to_string(node) + ".log");
}

std::string fleet::bus_of(unsigned node) const {
  if (options_.bus != "nats")
    return options_.bus;
  // Its own server alone, so that all three have one; it learns of the others there.
  return "nats://" + nats_servers(node, nats_port).front();
}

void fleet::start_node(unsigned node) {
  const auto name = std::to_string(node);
  program_options options{.words = {binary(),
                                    "--listen",
                                    node_address(node) + ":9001",
                                    "--store",
                                    url(),
                                    "--bus",
                                    bus_of(node),
                                    "--node",
                                    "node" + name,
                                    "--data",
                                    (folder() / ("data" + name)).string(),
                                    "--insecure",
                                    "--send-rate",
                                    "0",
                                    "--announce",
                                    "off",
                                    "--max-per-address",
                                    "0",
                                    "--byte-rate",
                                    "0",
                                    "--drain",
                                    "3",
                                    "--drain-wait",
                                    "1",
                                    "--reconnect-rate",
                                    "20",
                                    "--threads",
                                    "1"},
                          .log = log_file(node),
                          .network = network_.machine(node_address(node))};
  if (key_)
    options.words.insert(options.words.end(), {"--keys", (folder() / "keys").string()});
  nodes_.at(node) = std::make_unique<program>(options);
}

void fleet::start_nats(unsigned server) {
  const auto name = "nats" + std::to_string(server);
  const auto file = folder() / (name + ".conf");
  std::ofstream{file} << "listen: \"0.0.0.0:" << nats_port << "\"\nserver_name: " << name
                      << "\ncluster { name: fleet, listen: \"0.0.0.0:" << route_port
                      << "\", routes: [" << joined(nats_servers(0, route_port), "nats://", ", ")
                      << "] }\nping_interval: \"1s\"\nping_max: 2\nwrite_deadline: \"2s\"\n";
  nats_.at(server) = std::make_unique<program>(
      program_options{.words = {path_of("nats-server"), "-c", file.string()},
                      .log = folder() / (name + ".log"),
                      .network = network_.machine(nats_address(server))});
}

void fleet::kill_node(unsigned node) {
  nodes_.at(node)->end(SIGKILL);
  nodes_.at(node).reset();
}

void fleet::kill_nats(unsigned server) {
  nats_.at(server)->end(SIGKILL);
  nats_.at(server).reset();
}

int fleet::wait_for_end(unsigned node) {
  const auto status = nodes_.at(node)->wait(longest_start);
  nodes_.at(node).reset();
  return status;
}

void fleet::cut_from_bus(unsigned node) {
  network_.cut(node_address(node), nats_servers(0, nats_port));
}

void fleet::cut_from_database(unsigned node) {
  network_.cut(node_address(node), {std::string{own_address} + ':' + std::to_string(primary_port),
                                    std::string{own_address} + ':' + std::to_string(standby_port)});
}

void fleet::lose_packets(unsigned node, unsigned percent) {
  network_.lose(node_address(node), percent);
}

void fleet::heal_node(unsigned node) { network_.heal(node_address(node)); }

void fleet::cut_nats_apart(unsigned server) {
  std::vector<std::string> others;
  for (unsigned at = 0; at < fleet_size; ++at)
    if (at != server)
      others.push_back(nats_address(at));
  network_.cut(nats_address(server), others);
}

void fleet::heal_nats(unsigned server) { network_.heal(nats_address(server)); }

} // namespace klatch::clustered
