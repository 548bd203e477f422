/// SIGHUP: settings are taken over while clients stay, wholly or not at all.
#include "tests/catch.hpp"
#include "tests/faults/configured.hpp"
#include "tests/faults/crowd.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/faulty_machine.hpp"
#include "tests/faults/whole_check.hpp"
#include "tests/sockets/scrape.hpp"
#include "tests/sockets/test_certificate.hpp"
#include "tests/sockets/ws_client.hpp"

#include <cmath>
#include <csignal>
#include <ctime>
#include <fstream>
#include <random>
#include <thread>

namespace klatch::faults {

using sockets::ws_client;

TEST_CASE("SIGHUP a hundred times under load: nobody is closed, nothing is lost", "[reload]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  const scratch_folder folder;
  crowd users{seed};
  server_process server{folder / "data"};
  extended_client stays{server.endpoint, "stays"};
  users.connect(server.endpoint);
  for (int times = 0; times < 100; ++times) {
    users.run_for(20);
    server.process.signal(SIGHUP);
    stays.push({{"type", "ping"}});
    stays.expect("pong");
  }
  users.run_for(200);
  users.settle();
  check_all_stored(server.endpoint, users.log());
  INFO(users.log().description());
  CHECK(users.log().found().all() == 0);
  server.process.signal(SIGTERM);
  users.read_to_end();
  stays.expect("reconnect");
  stays.expect_close(1012);
  CHECK(server.process.wait(soon) == 0);
  CHECK(server.process.standard_error().rest().empty());
}

TEST_CASE("settings with a fault change nothing, and the log says what is wrong", "[reload]") {
  configured server{"send-rate = 5\nallow-origin = [\"https://a.example\"]"};
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto bad = GENERATE(as<std::string>{}, "send-rate = 6\nmax-per-user = \"many\"",
                            "send-rate = 6\nsend-rate = 7", "send-rat = 6",
                            "send-rate = ", "send-rate = 6\nallow-origin = [\"nonsense\"]");
  const auto said = server.change(bad, "nothing has changed");
  INFO(said);
  CHECK(said.find("klatch.toml, line ") != std::string::npos);
  CHECK(told_limit(server.endpoint(), "send_rate") == 5);
  CHECK(upgraded(server.endpoint(), "Origin: https://a.example\r\n") == 101);
  client.expect_nothing_until_echo("7");
  server.take("send-rate = 8");
  CHECK(told_limit(server.endpoint(), "send_rate") == 8);
}

TEST_CASE("a set of keys that cannot be fetched is not taken over", "[reload][jwks]") {
  configured server{"jwks = " + with_provider('a')};
  const auto said =
      server.change("jwks = \"https://localhost:1/\"\nissuer = \"shop\"", "changed: ");
  INFO(said);
  // The rest are libcurl's words, which newer ones spell otherwise.
  CHECK(said.find("--jwks: https://localhost:1/ cannot be reached: Could") != std::string::npos);
  CHECK(server
            .change("jwks = " + with_provider('b').substr(0, with_provider('b').find('\n')),
                    "changed: ")
            .find("--jwks needs --issuer") != std::string::npos);
  CHECK(refusal_by(server.endpoint(), 'a').empty());
  // Without it, files alone count.
  server.take("keys" + with_key('a').substr(5));
  CHECK(refusal_by(server.endpoint(), 'a') == "unauthorized");
  CHECK(refusal_of(server.endpoint(), 'a').empty());
}

TEST_CASE("settings that need a new start are named in one warning", "[reload]") {
  configured server{""};
  const auto said = server.change("threads = 3\nsync = \"normal\"\nsend-rate = 4", "next start");
  CHECK(said.ends_with("not taken over before the next start: sync and threads"));
  server.line_with("the settings were reloaded");
  CHECK(told_limit(server.endpoint(), "send_rate") == 4);
}

TEST_CASE("operators see what became of reloads, and whether somebody is asked for a token",
          "[reload]") {
  configured server{"send-rate = 5"};
  const auto reads = [&](const std::string& sample, double value) {
    const auto until = std::chrono::steady_clock::now() + soon;
    while (sockets::scrape_of(server.endpoint()).at(sample) != value)
      if (std::chrono::steady_clock::now() > until)
        return false;
    return true;
  };
  const std::string time = "klatch_config_last_success_timestamp_seconds";
  const std::string done = R"(klatch_config_reloads_total{outcome="taken_over"})";
  const std::string refused = R"(klatch_config_reloads_total{outcome="refused"})";
  const auto first = sockets::scrape_of(server.endpoint());
  CHECK(first.at(done) == 0);
  CHECK(first.at("klatch_insecure") == 1);
  CHECK(std::abs(first.at(time) - static_cast<double>(std::time(nullptr))) < 60);
  server.change("send-rate = many", "nothing has changed");
  CHECK(reads(refused, 1));
  CHECK(reads(time, first.at(time)));
  server.take("send-rate = 6" + with_key('a'));
  CHECK(reads(done, 1));
  CHECK(reads("klatch_insecure", 0));
  CHECK(sockets::scrape_of(server.endpoint()).at(time) >= first.at(time));
}

TEST_CASE("a new rate counts for those who are connected too", "[reload]") {
  configured server{"send-rate = 0"};
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto send = [&client] { client.push(sockets::message_to("7", "x")); };
  for (int times = 0; times < 200; ++times)
    send();
  for (int times = 0; times < 200; ++times)
    client.expect_push(sockets::usermsg("7", "7", "x"));
  server.take("send-rate = 1");
  for (int times = 0; times < 4; ++times)
    send();
  for (int times = 0; times < 3; ++times)
    client.expect_push(sockets::usermsg("7", "7", "x"));
  client.expect_error("rate_limited");
}

TEST_CASE("a reload that is asked for while the service starts comes once it runs", "[reload]") {
  if (!faulty_machine::is_possible())
    return;
  faulty_machine machine;
  const scratch_folder folder;
  machine.hold_disk();
  sockets::child_process server{{"--listen", "127.0.0.1:0", "--data", (folder / "data").string()}};
  const auto deadline = std::chrono::steady_clock::now() + soon;
  while (!fs::exists(folder / "data") || fs::is_empty(folder / "data")) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  server.signal(SIGHUP);
  machine.release_disk();
  server.standard_error().wait_for_line("the settings were reloaded");
  server.wait_until_ready();
}

TEST_CASE("a reload is not begun while the service stops", "[reload]") {
  configured server{"drain = 30"};
  auto deaf = ws_client::registered(server.endpoint(), "7");
  server.process().signal(SIGTERM);
  server.line_with("stopping");
  server.process().signal(SIGHUP);
  server.line_with("not reloaded: the service is stopping");
  deaf.expect_close(1012);
  CHECK(server.process().wait(soon) == 0);
}

TEST_CASE("klatch check-config says whether the settings are good", "[reload]") {
  const scratch_folder folder;
  const auto file = (folder / "klatch.toml").string();
  std::ofstream{file} << "send-rate = 5\n";
  const auto good = run_to_end({"--config", file, "check-config"});
  CHECK(good.status == 0);
  CHECK(good.output == "klatch: the configuration is sound\n");
  CHECK(good.errors.empty());
  std::ofstream{file} << "send-rate = -5\n";
  expect_refused(run_to_end({"--config", file, "check-config"}), "line 1: send-rate");
  const sockets::certificate_folder tls;
  const auto pair = tls.put("old", sockets::make_certificate("localhost", std::chrono::hours{-1}));
  expect_refused(run_to_end({"--listen-tls", "127.0.0.1:0", "--tls-cert", pair.chain, "--tls-key",
                             pair.key, "check-config"}),
                 "has expired");
}

} // namespace klatch::faults
