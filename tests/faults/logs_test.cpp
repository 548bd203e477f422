/// What stands in the log, and what never does.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/sockets/ws_client.hpp"

#include <csignal>
#include <sstream>

namespace klatch::faults {

namespace {

using nlohmann::json;
using sockets::child_process;
using sockets::raw_client;
using sockets::ws_client;

std::vector<std::string> on_any_port(const scratch_folder& folder, std::vector<std::string> more) {
  more.insert(more.begin(), {"--listen", "127.0.0.1:0", "--data", (folder / "data").string()});
  return more;
}

/// Something to log at debug.
void misbehave_at(const net::tcp_endpoint& server) {
  auto bad = ws_client::registered(server, "9");
  bad.push(sockets::wire_frame{.kind = 5});
  bad.expect_close(1002);
}

int asked(const net::tcp_endpoint& server, std::string_view request) {
  raw_client client{server};
  client.write(request);
  return client.read_reply().status;
}

/// Everything that a person may say, with a word in it that is to be in no log.
void say_everything(const net::tcp_endpoint& server, const std::string& secret) {
  asked(server, "GET /?token=" + secret + " HTTP/1.1\r\nHost: localhost\r\nCookie: klatch_token=" +
                    secret + "\r\nAuthorization: Bearer " + secret + "\r\n\r\n");
  asked(server, "GET /nowhere?q=" + secret + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  asked(server,
        "POST /healthz?q=" + secret + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  asked(server,
        sockets::upgrade_request("/chat?token=" + secret,
                                 "Origin: https://evil.example\r\nCookie: a=" + secret + "\r\n"));
  asked(server, "nonsense " + secret + "\r\n\r\n");
  ws_client plain{server};
  plain.push(json{{"type", "system"}, {"id", 7}, {"projectId", 2424}, {"token", secret}}.dump());
  plain.push(json{{"type", "user"}, {"to_id", 5}, {"message", secret}}.dump());
  plain.push(R"({"type":"user","to_id":5,"message":")" + secret); // no JSON
  plain.push(json{{"type", secret}}.dump());
  extended_client anna{server, "anna"};
  anna.keep("boris", secret, "c1");
  anna.history("boris");
  anna.push({{"type", "user"}, {"to_id", json::array()}, {"message", secret}, {"cid", "c2"}});
  anna.expect("error");
  auto broken = ws_client::registered(server, "9");
  broken.push(sockets::wire_frame{.kind = 5, .payload = secret});
  broken.expect_close(1002);
  auto garbled = ws_client::registered(server, "8");
  garbled.push(secret + "\xff");
  garbled.expect_close(1007);
}

} // namespace

TEST_CASE("no token, cookie, text or query stands in any log, at whatever level", "[logs]") {
  const scratch_folder folder;
  const std::string secret = "Xq7secretZz";
  const auto* format = GENERATE("text", "json");
  child_process server{on_any_port(
      folder, {"--log-level", "trace", "--log-format", format, "--log-addresses", "on"})};
  const auto endpoint = server.wait_until_ready();
  say_everything(endpoint, secret);
  server.signal(SIGHUP);
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
  const auto log = server.standard_error().rest() + server.standard_output().rest();
  INFO(log);
  CHECK(log.find("closed with 1002") != std::string::npos); // It does log.
  CHECK(log.find(secret) == std::string::npos);
}

TEST_CASE("addresses stand in the log only if that is asked for", "[logs]") {
  const scratch_folder folder;
  const bool wanted = GENERATE(false, true);
  child_process server{on_any_port(folder, {"--log-level", "debug", "--log-addresses",
                                            wanted ? "on" : "off", "--max-per-user", "1"})};
  const auto endpoint = server.wait_until_ready();
  misbehave_at(endpoint);
  CHECK(asked(endpoint, sockets::upgrade_request("/", "Origin: https://evil.example\r\n")) == 403);
  auto first = ws_client::registered(endpoint, "7");
  ws_client second{endpoint};
  second.push(sockets::registration("7"));
  second.expect_error("too_many_devices");
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
  const auto log = server.standard_error().rest();
  INFO(log);
  CHECK(log.find("closed with 1002") != std::string::npos);
  CHECK(log.find("refused with 403") != std::string::npos);
  CHECK(log.find("--max-per-user") != std::string::npos);
  CHECK((log.find("127.0.0.1") != std::string::npos) == wanted);
}

TEST_CASE("every line of a JSON log is an object", "[logs]") {
  const scratch_folder folder;
  child_process server{on_any_port(folder, {"--log-level", "debug", "--log-format", "json"})};
  misbehave_at(server.wait_until_ready());
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
  std::istringstream log{server.standard_error().rest()};
  std::size_t lines = 0;
  for (std::string line; std::getline(log, line); ++lines) {
    INFO(line);
    const auto entry = json::parse(line);
    CHECK(entry.size() == 3);
    CHECK(entry.at("ts").get<std::string>().size() == 29); // 2026-11-27T13:00:00.123+00:00
    const auto level = entry.at("level").get<std::string>();
    CHECK((level == "debug" || level == "info" || level == "warn"));
    CHECK_FALSE(entry.at("msg").get<std::string>().empty());
  }
  CHECK(lines >= 2);
}

TEST_CASE("for the journal each line begins with its priority", "[logs]") {
  const scratch_folder folder;
  const auto* format = GENERATE("text", "json");
  child_process server{
      on_any_port(folder, {"--log-level", "debug", "--log-format", format}), {}, {.journal = true}};
  misbehave_at(server.wait_until_ready());
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
  const auto log = server.standard_error().rest();
  INFO(log);
  CHECK(log.starts_with("<4>")); // that nobody is asked for a token
  CHECK(log.find("\n<7>") != std::string::npos);
  CHECK(log.find("\n<6>") != std::string::npos);
}

} // namespace klatch::faults
