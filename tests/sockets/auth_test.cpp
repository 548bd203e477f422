/// How a token comes with a request, and who is let in at all.
#include "tests/messages/signed_tokens.hpp"
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace klatch::sockets {

namespace {

app::service_options with_keys() {
  auto options = usual_options();
  options.network.access = std::make_shared<const access_rules>(test::site_rules());
  options.network.allow_origins = {"https://shop.example"};
  return options;
}

/// For an hour.
std::string token_of(const std::string& user) {
  return test::signed_by(test::secret_key(), R"({"sub":")" + user + R"(","project":2424,"exp":)" +
                                                 std::to_string(std::time(nullptr) + 3600) + '}');
}

raw_client asking(const running_service& server, const std::string& fields,
                  std::string_view path = "/ws") {
  raw_client client{server.endpoint()};
  client.write(upgrade_request(path, fields));
  return client;
}

/// Whether the page of 2015 is registered, on a connection that was opened with `fields`.
bool lets_in(const running_service& server, const std::string& fields,
             std::string_view path = "/ws") {
  auto client = asking(server, fields, path);
  REQUIRE(client.read_reply().status == 101);
  client.write(wire_frame{.payload = registration("7")}.bytes());
  return client.read_frame().payload == acknowledged;
}

const std::string of_the_shop = "Origin: https://shop.example\r\n";

/// A folder with a key, which goes at the end.
class key_folder {
public:
  key_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "klatch-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  key_folder(const key_folder&) = delete;
  key_folder& operator=(const key_folder&) = delete;
  ~key_folder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace

TEST_CASE("a page of a site that is named brings its token as a cookie", "[auth]") {
  running_service server{with_keys()};
  const auto cookie = "Cookie: a=b; klatch_token=" + token_of("7") + "; c=d\r\n";
  CHECK(lets_in(server, of_the_shop + cookie));
  CHECK(lets_in(server, "Origin: http://localhost\r\n" + cookie)); // its own page
}

TEST_CASE("no foreign page rides on a cookie", "[auth]") {
  auto options = with_keys();
  options.network.allow_origins.emplace_back("*");
  running_service server{options};
  const auto cookie = "Cookie: klatch_token=" + token_of("7") + "\r\n";
  CHECK(lets_in(server, of_the_shop + cookie));
  CHECK_FALSE(lets_in(server, cookie));
  CHECK_FALSE(lets_in(server, "Origin: https://evil.example\r\n" + cookie));
  CHECK_FALSE(lets_in(server, "Origin: null\r\n" + cookie));
  CHECK_FALSE(lets_in(server, "Origin: http://localhost:3000\r\n" + cookie));
}

TEST_CASE("of two cookies of the name none counts", "[auth]") {
  running_service server{with_keys()};
  const auto token = "klatch_token=" + token_of("7");
  CHECK_FALSE(lets_in(server, of_the_shop + "Cookie: " + token + "; klatch_token=x\r\n"));
  CHECK_FALSE(lets_in(server, of_the_shop + "Cookie: klatch_token=x\r\nCookie: " + token + "\r\n"));
  CHECK_FALSE(lets_in(server, of_the_shop + "Cookie: other_" + token + "\r\n"));
}

TEST_CASE("a program brings its token as Authorization", "[auth]") {
  running_service server{with_keys()};
  CHECK(lets_in(server, "Authorization: Bearer " + token_of("7") + "\r\n"));
  CHECK(lets_in(server, "authorization: bearer  " + token_of("7") + "\r\n"));
  CHECK_FALSE(lets_in(server, "Authorization: Basic " + token_of("7") + "\r\n"));
  CHECK_FALSE(lets_in(server, "Authorization: Bearer x\r\nAuthorization: Bearer " + token_of("7") +
                                  "\r\n"));
}

TEST_CASE("a token in the query is none", "[auth]") {
  running_service server{with_keys()};
  CHECK_FALSE(lets_in(server, {}, "/ws?token=" + token_of("7") + "&klatch_token=" + token_of("7")));
}

TEST_CASE("a token that is refused is closed with 4401 and its reason", "[auth]") {
  running_service server{with_keys()};
  ws_client anna{server.endpoint()};
  anna.push(R"({"type":"system","token":")" + token_of("7") + R"(x"})");
  anna.expect_error("unauthorized");
  anna.expect_close(4401);
}

TEST_CASE("who fails too often is answered with 429", "[auth]") {
  auto options = with_keys();
  options.network.allowed.token_failures = 3;
  running_service server{options};
  for (int i = 0; i < 4; ++i)
    CHECK_FALSE(lets_in(server, "Authorization: Bearer x.y.z\r\n"));
  auto client = asking(server, "Authorization: Bearer " + token_of("7") + "\r\n");
  const auto reply = client.read_reply();
  CHECK(reply.status == 429);
  CHECK(reply.fields.count("retry-after") == 1);
}

TEST_CASE("the 21st refused token of a minute is the last that is looked at", "[auth]") {
  running_service server{with_keys()};
  for (int i = 0; i < 21; ++i)
    CHECK_FALSE(lets_in(server, "Authorization: Bearer x.y.z\r\n"));
  CHECK(asking(server, {}).read_reply().status == 429);
}

TEST_CASE("a trusted proxy's clients do not share one limit", "[auth][proxy]") {
  auto options = usual_options();
  options.network.allowed.per_address = 2;
  options.network.allowed.http_per_address = 2;
  options.network.proxies.networks.push_back(net::network::parse("127.0.0.0/8").value());
  running_service server{options};
  std::vector<raw_client> open;
  const auto status_of = [&](const std::string& fields) {
    open.push_back(asking(server, fields));
    return open.back().read_reply().status;
  };
  for (int i = 1; i <= 20; ++i)
    CHECK(status_of("X-Forwarded-For: 192.0.2." + std::to_string(i) + "\r\n") == 101);
  CHECK(status_of("X-Forwarded-For: 203.0.113.1, 192.0.2.1\r\n") == 101);
  CHECK(status_of("X-Forwarded-For: 203.0.113.2, 192.0.2.1\r\n") == 429);
  CHECK(status_of("X-Forwarded-For: 2001:db8::1\r\n") == 101);
  CHECK(status_of("X-Forwarded-For: [2001:db8::2]:80\r\n") == 101);
  CHECK(status_of("X-Forwarded-For: 2001:db8::3\r\n") == 429);
  CHECK(status_of("X-Forwarded-For: 2001:db8:1::3\r\nX-Forwarded-For: 127.0.0.1\r\n") == 101);
}

TEST_CASE("who is no trusted proxy is believed nothing", "[auth][proxy]") {
  auto options = usual_options();
  options.network.allowed.per_address = 2;
  running_service server{options};
  std::vector<raw_client> open;
  for (int i = 1; i <= 3; ++i) {
    open.push_back(asking(server, "X-Forwarded-For: 192.0.2." + std::to_string(i) + "\r\n"));
    CHECK(open.back().read_reply().status == (i <= 2 ? 101 : 429));
  }
}

// -- the binary -----------------------------------------------------------------------------------

TEST_CASE("in open mode only this machine is let in", "[auth]") {
  child_process server{
      {"--listen", "127.0.0.1:0", "--store", "none", "--allow-origin", "https://shop.example"}};
  const auto endpoint = server.wait_until_ready();
  server.standard_error().wait_for_line("nobody is asked who they are");
  const auto status_for = [&](const std::string& fields, std::string_view host = "localhost") {
    raw_client client{endpoint};
    client.write(upgrade_request("/ws", fields, host));
    return client.read_reply().status;
  };
  CHECK(status_for({}) == 101);
  CHECK(status_for({}, "127.0.0.1:9001") == 101);
  CHECK(status_for({}, "shop.example") == 403);
  for (const auto* field : {"X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1",
                            "X-Real-IP: 192.0.2.1", "Via: 1.1 proxy"})
    CHECK(status_for(std::string{field} + "\r\n") == 403);
  CHECK(server.standard_error().wait_for_line("refused with 403").find("--keys") !=
        std::string::npos);
}

TEST_CASE("--insecure lets everybody in, and says so", "[auth]") {
  child_process server{
      {"--listen", "127.0.0.1:0", "--store", "none", "--insecure", "--allow-origin", "*"}};
  const auto endpoint = server.wait_until_ready();
  server.standard_error().wait_for_line("everybody is whom they say they are");
  raw_client client{endpoint};
  client.write(upgrade_request("/ws", "X-Forwarded-For: 192.0.2.1\r\n", "shop.example"));
  CHECK(client.read_reply().status == 101);
}

TEST_CASE("open mode cannot be public by mistake", "[auth]") {
  const auto refusal = [](const std::vector<std::string>& arguments) {
    child_process server{arguments};
    auto line = server.standard_error().rest();
    CHECK(server.wait(std::chrono::seconds{10}) == 2);
    return line;
  };
  for (const auto* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    const auto line = refusal({"--listen", address, "--store", "none"});
    CHECK(line.find("nobody would be asked for a token") != std::string::npos);
    CHECK(line.find("klatch key new token") != std::string::npos);
  }
  CHECK(refusal({"--trusted-proxy", "127.0.0.1", "--listen", "127.0.0.1:0", "--store", "none"})
            .find("--trusted-proxy") != std::string::npos);
}

TEST_CASE("a key, a token, and two who talk", "[auth]") {
  const key_folder keys;
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--keys", keys.path()});
    child_process tool{arguments};
    auto said = tool.standard_output().rest();
    CHECK(tool.wait(std::chrono::seconds{10}) == 0);
    return said.substr(0, said.find('\n'));
  };
  run({"key", "new", "token", "site", "--project", "shop"});
  struct stat found {};
  REQUIRE(::stat((keys.path() + "/site.token").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0640);
  const auto anna = run({"token", "--sub", "anna", "--name", "Anna K."});
  const auto boris = run({"token", "--sub", "boris", "--hours", "0.5"});

  child_process server{{"--listen", "127.0.0.1:0", "--store", "none", "--keys", keys.path(),
                        "--log-level", "trace", "--drain", "0"}};
  const auto endpoint = server.wait_until_ready();
  ws_client first{endpoint};
  first.push(R"({"type":"system","token":")" + anna + "\"}");
  first.expect_push(acknowledged);
  ws_client second{endpoint};
  second.push(R"({"type":"system","token":")" + boris + "\"}");
  second.expect_push(acknowledged);
  first.push(message_to("boris", "hi"));
  second.expect_push(usermsg("anna", "boris", "hi", "Anna K.", ""));
  ws_client third{endpoint};
  third.push(registration("7"));
  third.expect_error("unauthorized");
  ws_client fourth{endpoint};
  fourth.push(R"({"type":"system","token":")" + boris + "x\"}");
  fourth.expect_error("unauthorized");
  raw_client fifth{endpoint};
  fifth.write(upgrade_request("/ws?token=" + anna, "Cookie: klatch_token=" + boris +
                                                       "\r\nAuthorization: Bearer " + anna +
                                                       "\r\n"));
  CHECK(fifth.read_reply().status == 101);
  raw_client sixth{endpoint};
  sixth.write("GET /?token=" + anna + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(sixth.read_reply().status == 200);
  server.signal(SIGTERM);
  const auto log = server.standard_error().rest();
  CHECK(server.wait(std::chrono::seconds{10}) == 0);
  std::ifstream file{keys.path() + "/site.token"};
  std::string project, secret;
  std::getline(file, project);
  std::getline(file, secret);
  REQUIRE(secret.size() > 40);
  for (const auto& each : {anna, boris, secret, boris.substr(boris.rfind('.'))})
    CHECK(log.find(each) == std::string::npos);
  CHECK(log.find("a token was refused: its signature") != std::string::npos);
}

} // namespace klatch::sockets
