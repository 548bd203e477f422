/// Several nodes that store nothing, at a NATS server.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/net/nats_server.hpp"

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace klatch::faults {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto between_tries = 50ms;
constexpr auto longest_start = 20s;

/// Sends until `to` is reached, or is not; returns how long that took.
std::chrono::milliseconds send_until_told(extended_client& from, const std::string& to,
                                          bool reached) {
  const auto begin = steady_clock::now();
  for (int number = 0;; ++number) {
    REQUIRE(steady_clock::now() - begin < longest_start);
    from.push_message(to, "there?", "c" + std::to_string(number));
    const auto answer = from.next();
    if ((answer.at("type") == "ack") == reached)
      return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
    CHECK((answer.at("type") == "ack" || answer.at("code") == "not_connected"));
    std::this_thread::sleep_for(between_tries);
  }
}

/// A node that is ready.
struct node {
  node(const fs::path& data, const net::nats_server& bus)
      : process({"--listen", "127.0.0.1:0", "--data", data.string(), "--store", "none", "--bus",
                 "nats://" + bus.host(), "--announce", "name", "--send-rate", "0", "--log-level",
                 "error"}),
        endpoint(process.wait_until_ready()) {}

  sockets::child_process process;
  net::tcp_endpoint endpoint;
};

} // namespace

TEST_CASE("users of nodes without a store write to each other until one is killed", "[nodes]") {
  if (!net::nats_server::is_installed())
    return;
  net::nats_server bus;
  bus.start();
  const scratch_folder folder;
  const node first{folder / "first", bus};
  node second{folder / "second", bus};
  const node third{folder / "third", bus};
  extended_client anna{first.endpoint, "anna"};
  extended_client clara{third.endpoint, "clara"};
  {
    extended_client boris{second.endpoint, "boris"};
    send_until_told(anna, "boris", true);
    CHECK(boris.expect("usermsg").at("from") == "anna");
    send_until_told(boris, "anna", true);
    CHECK(anna.expect("usermsg").at("message") == "there?");
    send_until_told(clara, "boris", true);
    CHECK(boris.expect("usermsg").at("from") == "clara");

    second.process.signal(SIGKILL);
    CHECK(send_until_told(anna, "boris", false) < 7s);
  }
  send_until_told(anna, "clara", true);
  CHECK(clara.expect("usermsg").at("from") == "anna");
}

TEST_CASE("who leaves the last of several nodes is announced at the others", "[nodes]") {
  if (!net::nats_server::is_installed())
    return;
  net::nats_server bus;
  bus.start();
  const scratch_folder folder;
  const node first{folder / "first", bus};
  const node second{folder / "second", bus};
  extended_client anna{first.endpoint, "anna"};
  {
    extended_client boris{second.endpoint, "boris"};
    send_until_told(anna, "boris", true);
  }
  const auto notice = anna.expect("system");
  CHECK(notice.at("id") == "boris");
}

} // namespace klatch::faults
