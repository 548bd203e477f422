/// Limits on connections: of an address, and of the process's descriptors.
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <csignal>
#include <optional>
#include <vector>

namespace klatch::sockets {

using namespace std::chrono_literals;

namespace {

/// The status that one more connection gets.
int status_of_another(const net::tcp_endpoint& to) {
  raw_client client{to};
  client.write(upgrade_request());
  return client.read_reply().status;
}

/// A place is given back a moment after its connection has ended.
int status_once_there_is_room(const net::tcp_endpoint& to) {
  const auto limit = std::chrono::steady_clock::now() + patience;
  auto status = status_of_another(to);
  while (status != 101 && std::chrono::steady_clock::now() < limit)
    status = status_of_another(to);
  return status;
}

app::service_options with_places(unsigned count) {
  auto options = usual_options();
  options.network.allowed.per_address = count;
  return options;
}

} // namespace

TEST_CASE("an address has so many connections and no more") {
  running_service server{with_places(3)};
  auto one = ws_client::registered(server.endpoint(), "1");
  auto two = ws_client::registered(server.endpoint(), "2");
  std::optional<raw_client> page{server.endpoint()}; // a request for a file takes a place as well
  page->write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(page->read_reply().status == 200);

  raw_client refused{server.endpoint()};
  refused.write(upgrade_request());
  const auto reply = refused.read_reply();
  CHECK(reply.status == 429);
  CHECK_FALSE(reply.body.empty());
  refused.expect_end();

  SECTION("after a page's connection has left, another may come") {
    page.reset();
    CHECK(status_once_there_is_room(server.endpoint()) == 101);
  }
  SECTION("after a WebSocket has closed, another may come") {
    one.push_close(1000);
    one.expect_close(1000);
    CHECK(status_once_there_is_room(server.endpoint()) == 101);
  }
  SECTION("after a WebSocket has vanished, another may come") {
    one.raw().disconnect();
    CHECK(status_once_there_is_room(server.endpoint()) == 101);
  }
  two.expect_nothing_until_echo("2");
}

TEST_CASE("places are given back however connections end") {
  running_service server{with_places(2)};
  for (int round = 0; round < 20; ++round) {
    REQUIRE(status_once_there_is_room(server.endpoint()) == 101); // and it vanishes
    auto wrong = std::optional<raw_client>{server.endpoint()};
    wrong->write("garbage\r\n\r\n");
    wrong->drain_to_end();
  }
  // Both places at once.
  const auto limit = std::chrono::steady_clock::now() + patience;
  bool both = false;
  while (!both && std::chrono::steady_clock::now() < limit) {
    raw_client one{server.endpoint()};
    one.write(upgrade_request());
    both = one.read_reply().status == 101 && status_of_another(server.endpoint()) == 101;
  }
  CHECK(both);
}

TEST_CASE("without a limit an address may have many") {
  running_service server{with_places(0)};
  std::vector<ws_client> clients;
  for (int number = 0; number < 150; ++number)
    clients.push_back(ws_client::registered(server.endpoint(), std::to_string(number)));
  clients.front().push(message_to("149", "hi"));
  clients.back().expect_push(usermsg("0", "149", "hi"));
}

TEST_CASE("without a descriptor left, those who are connected go on and others wait") {
  child_process server{{"--listen", "127.0.0.1:0", "--max-per-address", "0", "--store", "none"}};
  const auto endpoint = server.wait_until_ready();
  std::vector<ws_client> clients;
  clients.push_back(ws_client::registered(endpoint, "1"));
  clients.push_back(ws_client::registered(endpoint, "2"));
  server.limit_descriptors(server.open_descriptors() + 3);

  std::vector<raw_client> waiting; // more than fit
  for (int number = 0; number < 10; ++number) {
    waiting.emplace_back(endpoint);
    waiting.back().write(upgrade_request());
  }
  server.standard_error().wait_for_line("no descriptor left");
  for (int number = 0; number < 20; ++number) {
    clients[0].push(message_to("2", "hi"));
    clients[1].expect_push(usermsg("1", "2", "hi"));
  }
  // Those who fit are served, and each that leaves makes room for the next.
  for (auto& each : waiting) {
    CHECK(each.read_reply().status == 101);
    each.disconnect();
  }
  clients.push_back(ws_client::registered(endpoint, "3"));
  clients[2].push(message_to("1", "room again"));
  clients[0].expect_push(usermsg("3", "1", "room again"));
  clients.clear();
  server.signal(SIGTERM);
  CHECK(server.wait(5s) == 0);
  CHECK(server.standard_error().rest().find("no descriptor left") == std::string::npos); // again
}

} // namespace klatch::sockets
