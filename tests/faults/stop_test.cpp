/// Told to stop under load: in order, and with everything that was acknowledged.
#include "tests/catch.hpp"
#include "tests/faults/crowd.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/faults/whole_check.hpp"
#include "tests/sockets/ws_client.hpp"

#include <chrono>
#include <csignal>
#include <random>

namespace klatch::faults {

namespace {

std::vector<std::string> stopping_within(const scratch_folder& folder, const char* seconds) {
  return {"--listen",    "127.0.0.1:0",
          "--data",      (folder / "data").string(),
          "--drain",     seconds,
          "--send-rate", "0",
          "--byte-rate", "0"};
}

} // namespace

TEST_CASE("SIGTERM under load: exit status 0, and everything acknowledged is there", "[stop]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  const scratch_folder folder;
  crowd users{seed};
  for (int times = 0; times < 5; ++times) {
    server_process server{folder / "data"};
    users.connect(server.endpoint);
    users.run_for(500 + up_to(users.random(), 500));
    server.process.signal(times % 2 == 0 ? SIGTERM : SIGINT);
    users.read_to_end();
    REQUIRE(server.process.wait(soon) == 0);
    CHECK(server.process.standard_error().rest().empty());
    expect_sound(folder / "data");
  }
  server_process server{folder / "data"};
  users.connect(server.endpoint);
  users.settle();
  check_all_stored(server.endpoint, users.log());
  users.plain().check_received();
  INFO(users.log().description());
  CHECK(users.log().found().all() == 0);
}

TEST_CASE("a reader that stopped does not hold the others, and is cut off", "[stop]") {
  const scratch_folder folder;
  sockets::child_process server{stopping_within(folder, "2")};
  const auto endpoint = server.wait_until_ready();
  auto deaf = sockets::ws_client::registered(endpoint, "5", "mks", 2048);
  extended_client anna{endpoint, "anna"};
  for (int number = 0; number < 20; ++number)
    anna.keep("5", std::string(40'000, 'x'), std::to_string(number));
  const auto begin = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  CHECK(anna.expect("reconnect").at("after_ms") >= 500);
  anna.expect_close(1012);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{1});
  CHECK(server.wait(soon) == 0);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > std::chrono::milliseconds{1'900});
  CHECK(took < std::chrono::seconds{4});
  CHECK(server.standard_error().rest().find("1 connections did not take") != std::string::npos);
}

TEST_CASE("a second signal ends the stop at once", "[stop]") {
  const scratch_folder folder;
  sockets::child_process server{stopping_within(folder, "60")};
  const auto endpoint = server.wait_until_ready();
  auto deaf = sockets::ws_client::registered(endpoint, "5");
  const auto begin = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  server.standard_error().wait_for_line("stopping");
  server.signal(GENERATE(SIGTERM, SIGINT));
  CHECK(server.wait(soon) == 0);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{3});
}

} // namespace klatch::faults
