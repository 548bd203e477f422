/// What stands in the log, and what never does.
#include "messages/auth/base64.hpp"
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/messages/signed_tokens.hpp"
#include "tests/sockets/scrape.hpp"
#include "tests/sockets/test_certificate.hpp"
#include "tests/sockets/ws_client.hpp"

#include <csignal>
#include <ctime>
#include <fstream>
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

/// What a site has that signs its users in, and what nobody else may know.
class signing_site {
public:
  explicit signing_site(const scratch_folder& folder) : folder_(folder.path()) {
    fs::create_directory(keys());
    write("keys/site.token", encode_base64(key_.material) + '\n');
    const auto certificate = sockets::make_certificate();
    write("chain.pem", certificate.chain);
    write("private.pem", certificate.key);
    const auto body = certificate.key.find('\n') + 1;
    private_line_ = certificate.key.substr(body, certificate.key.find('\n', body) - body);
  }

  fs::path keys() const { return folder_ / "keys"; }
  fs::path chain() const { return folder_ / "chain.pem"; }
  fs::path private_key() const { return folder_ / "private.pem"; }
  std::vector<std::string> secrets() const {
    return {encode_base64(key_.material), key_.material, private_line_, spoilt_.substr(0, 30)};
  }

  /// Good, over, not good yet, of another key, without a user, cut short, and no token at all.
  std::vector<std::string> tokens() const {
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    const auto claims = [now](std::int64_t end, const std::string& more = {}) {
      return R"({"sub":"7","project":2424,"exp":)" + std::to_string(now + end) + more + '}';
    };
    auto good = test::signed_by(key_, claims(600));
    return {good,
            test::signed_by(key_, claims(-600)),
            test::signed_by(key_, claims(900, R"(,"nbf":)" + std::to_string(now + 600))),
            test::signed_by(test::secret_key("site", 'x'), claims(601)),
            test::signed_by(key_, R"({"project":2424,"exp":)" + std::to_string(now + 602) + '}'),
            good.substr(0, good.size() - 3),
            "Xq7secretZz.Xq7secretZz.Xq7secretZz-Xq7secretZz"};
  }

  /// From now on its keys are none: a secret of too few bytes, and a key that is private.
  void spoil() const { write("keys/site.token", spoilt_ + '\n'); }

private:
  void write(const std::string& name, const std::string& text) const {
    const auto file = folder_ / name;
    std::ofstream{file} << text;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  }

  fs::path folder_;
  token_key key_ = test::secret_key("site", 's');
  std::string private_line_;
  std::string spoilt_{"c3BvaWx0LXNwb2lsdC1zcG9pbHQtc3BvaWx0*"};
};

/// Without a look at the log, all of which is wanted later.
void wait_for_reload(const net::tcp_endpoint& server, const std::string& outcome) {
  const auto sample = "klatch_config_reloads_total{outcome=\"" + outcome + "\"}";
  const auto until = std::chrono::steady_clock::now() + soon;
  while (sockets::scrape_of(server).at(sample) == 0)
    REQUIRE(std::chrono::steady_clock::now() < until);
}

/// In each of the ways that there are.
void bring_token(const net::tcp_endpoint& server, const std::string& token) {
  const auto in_frame = [&](ws_client& client, const char* type) {
    client.push(json{{"type", type}, {"v", 2}, {"token", token}}.dump());
    client.raw().read_frame();
  };
  for (const auto& fields : {"Authorization: Bearer " + token,
                             "Origin: https://shop.example\r\nCookie: klatch_token=" + token}) {
    raw_client client{server};
    client.write(sockets::upgrade_request("/ws?token=" + token, fields + "\r\n"));
    if (client.read_reply().status != 101)
      continue;
    client.write(sockets::wire_frame{.payload = sockets::registration("7")}.bytes());
    client.read_frame();
  }
  ws_client registers{server};
  in_frame(registers, "system");
  ws_client renews{server};
  in_frame(renews, "refresh");
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

TEST_CASE("no token and no key of a run stands in any log, at whatever level", "[logs]") {
  const scratch_folder folder;
  const signing_site site{folder};
  const auto* format = GENERATE("text", "json");
  child_process server{
      on_any_port(folder, {"--log-level", "trace", "--log-format", format, "--log-addresses", "on",
                           "--keys", site.keys().string(), "--allow-origin", "https://shop.example",
                           "--listen-tls", "127.0.0.1:0", "--tls-cert", site.chain().string(),
                           "--tls-key", site.private_key().string(), "--auth-failures", "0"})};
  const auto endpoint = server.wait_until_ready();
  auto secrets = site.secrets();
  for (const auto& each : site.tokens()) {
    bring_token(endpoint, each);
    secrets.push_back(each);
    secrets.push_back(each.substr(each.rfind('.') + 1)); // Its signature alone is enough.
  }
  server.signal(SIGHUP);
  wait_for_reload(endpoint, "taken_over");
  site.spoil();
  server.signal(SIGHUP);
  wait_for_reload(endpoint, "refused");
  server.signal(SIGTERM);
  CHECK(server.wait(soon) == 0);
  const auto log = server.standard_error().rest() + server.standard_output().rest();
  INFO(log);
  CHECK(log.find("a token was refused") != std::string::npos); // It does log.
  CHECK(log.find("nothing has changed") != std::string::npos);
  for (const auto& each : secrets) {
    INFO(each);
    CHECK(each.size() > 20);
    CHECK(log.find(each) == std::string::npos);
  }
}

TEST_CASE("addresses stand in the log only if that is asked for", "[logs]") {
  const scratch_folder folder;
  const bool wanted = GENERATE(false, true);
  child_process server{
      on_any_port(folder, {"--log-level", "debug", "--drain", "0", "--log-addresses",
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
