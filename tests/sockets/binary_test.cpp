/// The binary: what it prints, how it ends.
#include "tests/catch.hpp"
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/ws_client.hpp"

#include <algorithm>
#include <csignal>
#include <string>

namespace klatch::sockets {

namespace {

using std::chrono::seconds;

std::vector<std::string> on_any_port(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--listen", "127.0.0.1:0", "--store", "none"});
  return more;
}

auto lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

} // namespace

TEST_CASE("the binary prints one line with the address to open, and serves it") {
  child_process server{on_any_port()};
  const auto endpoint = server.wait_until_ready();
  raw_client browser{endpoint};
  browser.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(browser.read_reply().body.find("<html") != std::string::npos);
  auto client = ws_client::registered(endpoint, "7");
  client.expect_nothing_until_echo("7");
  server.signal(SIGTERM);
  client.expect_close(1012);
  CHECK(server.wait(seconds{30}) == 0);
  CHECK(server.standard_output().rest().empty());
}

TEST_CASE("told to stop, it delivers what is queued, closes with 1012 and exits with 0") {
  child_process server{on_any_port({"--send-rate", "0", "--byte-rate", "0"})};
  const auto endpoint = server.wait_until_ready();
  auto reader = ws_client::registered(endpoint, "7", "mks", 2048);
  auto sender = ws_client::registered(endpoint, "5");
  const std::string padding(4096, 'x');
  constexpr int count = 200;
  for (int number = 0; number < count; ++number)
    sender.push(message_to("7", std::to_string(number) + padding));
  sender.expect_nothing_until_echo("5");

  const auto begin = std::chrono::steady_clock::now();
  server.signal(GENERATE(SIGTERM, SIGINT));
  sender.expect_close(1012);
  for (int number = 0; number < count; ++number)
    reader.expect_push(usermsg("5", "7", std::to_string(number) + padding));
  reader.expect_close(1012);
  CHECK(server.wait(seconds{30}) == 0);
  CHECK(std::chrono::steady_clock::now() - begin < seconds{5});
}

TEST_CASE("told to stop, it waits at most five seconds for a client that does not read") {
  child_process server{on_any_port()};
  const auto endpoint = server.wait_until_ready();
  auto deaf = ws_client::registered(endpoint, "7");
  const auto begin = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  CHECK(server.wait(seconds{30}) == 0);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > seconds{3}); // it did wait
  CHECK(took < seconds{7});
}

TEST_CASE("told to stop, it does not wait for those who only look at the page") {
  child_process server{on_any_port()};
  const auto endpoint = server.wait_until_ready();
  raw_client idle{endpoint};
  raw_client browser{endpoint};
  browser.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(browser.read_reply().status == 200);
  const auto begin = std::chrono::steady_clock::now();
  server.signal(SIGINT);
  CHECK(server.wait(seconds{30}) == 0);
  CHECK(std::chrono::steady_clock::now() - begin < seconds{3});
}

TEST_CASE("an address in use is one sentence and exit status 2") {
  child_process first{on_any_port()};
  const auto address = "127.0.0.1:" + std::to_string(first.wait_until_ready().port());
  child_process second{{"--listen", address}};
  CHECK(second.wait(seconds{30}) == 2);
  const auto said = second.standard_error().rest();
  INFO(said);
  CHECK(lines_of(said) == 1);
  CHECK(said.find(address.substr(address.find(':') + 1)) != std::string::npos);
  CHECK(said.find("in use") != std::string::npos);
  CHECK(second.standard_output().rest().empty());
}

TEST_CASE("a bad value is one sentence and exit status 2") {
  child_process server{{"--listen", "nowhere"}};
  CHECK(server.wait(seconds{30}) == 2);
  CHECK(lines_of(server.standard_error().rest()) == 1);
  CHECK(server.standard_output().rest().empty());
}

TEST_CASE("the output of --help and --version goes to standard output, and they exit with 0") {
  const auto* option = GENERATE("--help", "--version");
  child_process server{{option}};
  CHECK(server.wait(seconds{30}) == 0);
  CHECK(server.standard_output().rest().find("klatch") != std::string::npos);
  CHECK(server.standard_error().rest().empty());
}

} // namespace klatch::sockets
