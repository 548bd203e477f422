// NATS as the bus, with real servers.
#include "messages/bus/bus_frame.hpp"
#include "net/bus/nats_bus.hpp"
#include "tests/catch.hpp"
#include "tests/net/link_log.hpp"
#include "tests/net/nats_server.hpp"
#include "tests/sockets/test_certificate.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace klatch::net {

namespace {

using namespace std::chrono_literals;

nats_bus_options options_for(const std::string& address, const std::string& cluster = "test") {
  return {.address = parse_nats_address(address), .cluster = cluster, .node = "node"};
}

std::unique_ptr<actors::bus_link> link_to(const nats_server& server) {
  return make_nats_bus(options_for("nats://" + server.host()));
}

/// For what nobody tells. Returns false if it does not come about.
template<class Condition>
bool eventually(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + link_log::patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

/// A link to a server that has a certificate, under the name `host`; `query` says which one the
/// link trusts.
std::unique_ptr<actors::bus_link> secure_link_to(const nats_server& server, const std::string& host,
                                                 const std::string& query) {
  return make_nats_bus(options_for("tls://" + server.host(host) + query));
}

} // namespace

TEST_CASE("links hear each other, in order, and not themselves", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  server.start();
  link_log anna{link_to(server)}, boris{link_to(server)};
  REQUIRE(start_both(anna, boris));
  std::vector<std::string> sent;
  for (int number = 0; number < 500; ++number)
    sent.push_back(std::to_string(number) + std::string(static_cast<std::size_t>(number), '\0'));
  expect_heard_in_order(anna, boris, sent);
}

TEST_CASE("clusters of other names are not heard", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  server.start();
  link_log ours{link_to(server)}, near{link_to(server)},
      foreign{make_nats_bus(options_for("nats://" + server.host(), "test2"))};
  for (auto* each : {&ours, &near, &foreign})
    REQUIRE(each->start().wait_until_up());
  REQUIRE(foreign.link().publish("foreign"));
  REQUIRE(near.link().publish("near"));
  REQUIRE(ours.wait_for_frame("near"));
  CHECK(ours.frames().size() == 1);
  CHECK(foreign.frames().empty());
}

TEST_CASE("a name that is none is refused at once", "[nats]") {
  const auto name = GENERATE("", "a.b", "*", "a b", ">", "ä");
  CHECK_THROWS_AS(make_nats_bus(options_for("nats://a", name)), std::invalid_argument);
  CHECK_THROWS_AS(make_nats_bus(options_for("nats://a", std::string(65, 'a'))),
                  std::invalid_argument);
}

TEST_CASE("a file that is not there is told at the start", "[nats]") {
  const auto link = make_nats_bus(options_for("tls://127.0.0.1:9?ca=/nowhere/ca.pem"));
  CHECK_THROWS_AS(link->start({}), std::runtime_error);
}

TEST_CASE("a link waits for its server", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  link_log anna{link_to(server)};
  anna.start();
  CHECK_FALSE(anna.link().publish("nobody is there"));
  REQUIRE(anna.wait_until_down());
  CHECK(anna.states() == std::vector{false});
  server.start();
  REQUIRE(anna.wait_until_up());
  CHECK(anna.states() == std::vector{false, true});
  CHECK(anna.link().figures().reconnects == 0);
  CHECK(anna.link().figures().refused == 1);
}

TEST_CASE("a link survives its server", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  server.start();
  link_log anna{link_to(server)}, boris{link_to(server)};
  REQUIRE(start_both(anna, boris));
  server.kill();
  REQUIRE(anna.wait_until_down());
  REQUIRE(boris.wait_until_down());
  CHECK_FALSE(anna.link().publish("not heard"));
  server.start();
  REQUIRE(anna.wait_until_up());
  REQUIRE(boris.wait_until_up());
  REQUIRE(anna.link().publish("heard"));
  REQUIRE(boris.wait_for_frame("heard"));
  CHECK(boris.frames() == std::vector<std::string>{"heard"});
  CHECK(anna.states() == std::vector{true, false, true});
  CHECK(anna.link().figures().reconnects == 1);
}

TEST_CASE("a server that answers no more is left", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  server.start();
  link_log anna{link_to(server)};
  REQUIRE(anna.start().wait_until_up());
  server.freeze();
  const auto frozen = std::chrono::steady_clock::now();
  REQUIRE(anna.wait_until_down());
  CHECK(std::chrono::steady_clock::now() - frozen < 6s);
  server.thaw();
  CHECK(anna.wait_until_up());
}

TEST_CASE("a link finds another server of its list", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server first, second;
  second.start();
  link_log anna{
      make_nats_bus(options_for("nats://127.0.0.1:9," + first.host() + ',' + second.host()))};
  REQUIRE(anna.start().wait_until_up());
  first.start();
  second.kill();
  REQUIRE(anna.wait_until_down());
  CHECK(anna.wait_until_up());
}

TEST_CASE("who hears too slowly is told what it has lost", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  server.start();
  auto options = options_for("nats://" + server.host());
  options.max_pending_bytes = 64 * 1024;
  link_log slow{make_nats_bus(options)}, fast{link_to(server)}, sender{link_to(server)};
  for (auto* each : {&slow, &fast, &sender})
    REQUIRE(each->start().wait_until_up());
  slow.hold();
  constexpr std::size_t frames = 100;
  for (std::size_t number = 0; number < frames; ++number)
    REQUIRE(sender.link().publish(std::string(4096, 'x')));
  REQUIRE(fast.wait_for_frames(frames));
  CHECK(slow.losses() == 0);
  slow.let_go();
  REQUIRE(slow.wait_for_losses(1));
  REQUIRE(
      eventually([&] { return slow.link().figures().dropped + slow.frames().size() == frames; }));
  REQUIRE(sender.link().publish("heard again"));
  REQUIRE(slow.wait_for_frame("heard again"));
  CHECK(slow.states() == std::vector{true});
  CHECK(fast.losses() == 0);
}

TEST_CASE("what is too large, or too much, is refused", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server{"max_payload: 100000"};
  server.start();
  auto options = options_for("nats://" + server.host());
  options.max_queued_bytes = 1000;
  link_log anna{link_to(server)}, boris{make_nats_bus(options)};
  CHECK(anna.link().max_frame() == max_bus_frame_bytes);
  REQUIRE(start_both(anna, boris));
  CHECK(anna.link().max_frame() == 100'000);
  CHECK_FALSE(anna.link().publish(std::string(100'001, 'x')));
  CHECK(anna.link().publish(std::string(100'000, 'x')));
  CHECK(boris.wait_for_frames(1));
  CHECK_FALSE(boris.link().publish(std::string(1001, 'x')));
  CHECK(anna.link().figures().refused == 1);
}

TEST_CASE("a link is stopped when its last frames are out, and is silent then", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  server.start();
  link_log anna{link_to(server)}, boris{link_to(server)};
  REQUIRE(start_both(anna, boris));
  for (int number = 0; number < 100; ++number)
    REQUIRE(anna.link().publish(std::string(10'000, 'x')));
  anna.link().stop();
  CHECK(boris.wait_for_frames(100));
  CHECK_FALSE(anna.link().publish("too late"));
  CHECK(anna.states() == std::vector{true});
  anna.link().stop();
}

TEST_CASE("a link that has not connected can be stopped", "[nats]") {
  link_log anna{make_nats_bus(options_for("nats://127.0.0.1:9"))};
  link_log boris{make_nats_bus(options_for("nats://127.0.0.1:9"))};
  REQUIRE(anna.start().wait_until_down());
  anna.link().stop();
  boris.link().stop(); // not even started
  CHECK(anna.states() == std::vector{false});
}

TEST_CASE("servers let in who has the right credentials", "[nats]") {
  if (!nats_server::is_installed())
    return;
  const bool token = GENERATE(false, true);
  nats_server server{token ? "authorization { token: 's3cret' }"
                           : "authorization { user: klatch, password: 'a@b' }"};
  server.start();
  const std::string right = token ? "s3cret" : "klatch:a%40b", wrong = token ? "x" : "klatch:x";
  link_log anna{make_nats_bus(options_for("nats://" + right + '@' + server.host()))};
  link_log boris{make_nats_bus(options_for("nats://" + wrong + '@' + server.host()))};
  link_log clara{link_to(server)};
  boris.start();
  clara.start();
  REQUIRE(anna.start().wait_until_up());
  REQUIRE(boris.wait_until_down());
  REQUIRE(clara.wait_until_down());
  CHECK(boris.states() == std::vector{false});
  CHECK(clara.states() == std::vector{false});
}

TEST_CASE("over TLS the server has to be the one that is named", "[nats]") {
  if (!nats_server::is_installed())
    return;
  const sockets::certificate_folder folder;
  const auto ours = folder.put("ours", sockets::make_certificate("localhost"));
  const auto other = folder.put("other", sockets::make_certificate("localhost"));
  nats_server server{"tls { cert_file: '" + ours.chain.string() + "', key_file: '" +
                     ours.key.string() + "' }"};
  server.start();
  const auto trusted = "?ca=" + ours.chain.string();
  link_log anna{secure_link_to(server, "localhost", trusted)};
  link_log boris{secure_link_to(server, "localhost", trusted)};
  REQUIRE(start_both(anna, boris));
  REQUIRE(anna.link().publish("a secret"));
  REQUIRE(boris.wait_for_frame("a secret"));
  link_log misnamed{secure_link_to(server, "127.0.0.1", trusted)};
  link_log untrusted{secure_link_to(server, "localhost", "")};
  link_log mistaken{secure_link_to(server, "localhost", "?ca=" + other.chain.string())};
  for (auto* each : {&misnamed, &untrusted, &mistaken}) {
    REQUIRE(each->start().wait_until_down());
    CHECK(each->states() == std::vector{false});
  }
}

TEST_CASE("tls:// is never spoken in the clear", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server;
  server.start();
  link_log anna{secure_link_to(server, "localhost", "")};
  REQUIRE(anna.start().wait_until_down());
  CHECK(anna.states() == std::vector{false});
}

TEST_CASE("who may not subscribe is not up", "[nats]") {
  if (!nats_server::is_installed())
    return;
  nats_server server{"authorization { users = [ { user: u, password: p,"
                     " permissions: { subscribe: 'other' } } ] }"};
  server.start();
  link_log anna{make_nats_bus(options_for("nats://u:p@" + server.host()))};
  REQUIRE(anna.start().wait_until_down());
  CHECK(anna.states() == std::vector{false});
}

} // namespace klatch::net
