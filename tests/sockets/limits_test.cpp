/// Limits on connections: of an address, and of the process's descriptors.
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <csignal>
#include <iterator>
#include <list>
#include <optional>
#include <thread>
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

constexpr std::string_view healthz = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What a page of `origin` is told of its WebSocket.
http_reply health_of(const net::tcp_endpoint& to, std::string_view origin) {
  raw_client client{to};
  client.write("GET /healthz?origin=" + std::string{origin} +
               " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return client.read_reply();
}

app::service_options with_places(unsigned count) {
  auto options = usual_options();
  options.network.allowed.per_address = count;
  return options;
}

} // namespace

TEST_CASE("beyond the most connections nobody is taken, and then somebody is again") {
  child_process server{{"--listen", "127.0.0.1:0", "--store", "none", "--max-connections", "5"}};
  const auto endpoint = server.wait_until_ready();
  std::list<raw_client> there;
  int status = 101;
  while (status == 101 && there.size() < 20) {
    there.emplace_back(endpoint);
    there.back().write(upgrade_request());
    const auto reply = there.back().read_reply();
    status = reply.status;
    CHECK((status == 101 || reply.fields.count("retry-after") == 1));
  }
  CHECK(status == 503);
  // The service's own descriptors come and go, and count.
  CHECK(there.size() >= 5);
  CHECK(there.size() <= 10);
  there.erase(std::next(there.begin()), there.end());
  CHECK(status_once_there_is_room(endpoint) == 101);
}

TEST_CASE("healthz tells a page what its WebSocket would be told") {
  running_service server{with_places(1)};
  const auto own = health_of(server.endpoint(), "http://localhost:80");
  CHECK(own.status == 200);
  CHECK(own.body == "ok\n");
  CHECK(own.fields.at("access-control-allow-origin") == "*");
  const auto foreign = health_of(server.endpoint(), "https://evil.example");
  CHECK(foreign.status == 403);
  CHECK(foreign.body.find("--allow-origin") != std::string::npos);
  const auto one = ws_client::registered(server.endpoint(), "1");
  CHECK(health_of(server.endpoint(), "http://localhost").status == 429);
  raw_client check{server.endpoint()}; // which has nothing to do with places
  check.write(healthz);
  CHECK(check.read_reply().status == 200);
}

TEST_CASE("an address has so many WebSockets and no more") {
  running_service server{with_places(3)};
  auto one = ws_client::registered(server.endpoint(), "1");
  auto two = ws_client::registered(server.endpoint(), "2");
  auto three = std::optional{ws_client::registered(server.endpoint(), "3")};
  std::optional<raw_client> page{server.endpoint()}; // takes no place
  page->write(healthz);
  CHECK(page->read_reply().status == 200);

  raw_client refused{server.endpoint()};
  refused.write(upgrade_request());
  const auto reply = refused.read_reply();
  CHECK(reply.status == 429);
  CHECK_FALSE(reply.body.empty());
  refused.expect_end();
  page->write(healthz);
  CHECK(page->read_reply().status == 200);

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

TEST_CASE("of an address's HTTP connections the one that is idle longest makes room") {
  auto options = usual_options();
  options.network.allowed.per_address = 1;
  options.network.allowed.http_per_address = 3;
  running_service server{options};
  auto chatting = ws_client::registered(server.endpoint(), "1"); // no longer one of them
  const auto asks = [](raw_client& client) {
    client.write(healthz);
    return client.read_reply().status;
  };
  std::vector<raw_client> pages;
  for (int number = 0; number < 3; ++number) {
    pages.emplace_back(server.endpoint());
    CHECK(asks(pages.back()) == 200);
  }
  CHECK(asks(pages[0]) == 200); // so the second one is idle longest now
  raw_client fourth{server.endpoint()};
  CHECK(asks(fourth) == 200);
  pages[1].expect_end();
  CHECK(asks(pages[0]) == 200);
  CHECK(asks(pages[2]) == 200);
  chatting.expect_nothing_until_echo("1");
}

TEST_CASE("an address whose HTTP connections are all busy gets 429 at once") {
  auto options = usual_options();
  options.network.allowed.http_per_address = 3;
  running_service server{options};
  std::vector<raw_client> halves;
  for (int number = 0; number < 3; ++number) {
    halves.emplace_back(server.endpoint());
    halves.back().write(healthz); // and half of another one
    halves.back().write(healthz.substr(0, 20));
    CHECK(halves.back().read_reply().status == 200);
  }
  const auto limit = std::chrono::steady_clock::now() + patience;
  for (;; std::this_thread::sleep_for(5ms)) { // half of it may still be on its way
    raw_client another{server.endpoint()};
    if (another.readable_within(200ms)) { // without having asked
      const auto reply = another.read_reply();
      CHECK(reply.status == 429);
      CHECK(reply.fields.at("retry-after") == "10");
      CHECK(reply.fields.at("connection") == "close");
      another.expect_end();
      break;
    }
    REQUIRE(std::chrono::steady_clock::now() < limit);
  }
}

TEST_CASE("refused HTTP connections that stay make room at once") {
  auto options = usual_options();
  options.network.allowed.per_address = 1;
  options.network.allowed.http_per_address = 3;
  running_service server{options};
  auto chatting = ws_client::registered(server.endpoint(), "1");
  std::vector<raw_client> refused;
  for (int number = 0; number < 10; ++number) {
    refused.emplace_back(server.endpoint());
    refused.back().write(upgrade_request());
    CHECK(refused.back().read_reply().body.find("WebSockets") != std::string::npos);
  }
  raw_client page{server.endpoint()};
  page.write(healthz);
  CHECK(page.read_reply().status == 200);
}

TEST_CASE("twenty browsers behind one address open the page at once") {
  running_service server{app::service_options{}}; // the limits of the settings
  std::vector<raw_client> connections;
  for (int number = 0; number < 20 * 6; ++number)
    connections.emplace_back(server.endpoint());
  for (auto& each : connections)
    each.write("GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (auto& each : connections)
    CHECK(each.read_reply().status == 200);
  for (int number = 0; number < 20; ++number) {
    connections[static_cast<std::size_t>(number)].write(upgrade_request());
    CHECK(connections[static_cast<std::size_t>(number)].read_reply().status == 101);
  }
}

TEST_CASE("the last descriptors are for those who are connected") {
  child_process server{{"--listen", "127.0.0.1:0", "--max-per-address", "0", "--store", "none"}};
  const auto endpoint = server.wait_until_ready();
  std::vector<ws_client> clients;
  clients.push_back(ws_client::registered(endpoint, "1"));
  clients.push_back(ws_client::registered(endpoint, "2"));
  constexpr auto reserve = 4U; // of fewer than 80
  constexpr auto free = 3U;
  const auto limit = server.open_descriptors() + free + reserve;
  REQUIRE(limit < 80);
  server.limit_descriptors(limit);

  std::vector<raw_client> arriving; // more than fit
  std::vector<std::size_t> taken;
  for (std::size_t number = 0; number < 10; ++number) {
    arriving.emplace_back(endpoint);
    arriving.back().write(upgrade_request());
    const auto reply = arriving.back().read_reply();
    if (reply.status == 101) {
      taken.push_back(number);
      continue;
    }
    CHECK(reply.status == 503);
    CHECK(reply.fields.at("retry-after") == "10");
    arriving.back().expect_end();
  }
  CHECK(taken.size() >= free); // some numbers below may have been free
  CHECK(taken.size() < arriving.size());
  server.standard_error().wait_for_line("descriptors of " + std::to_string(limit) + " are left");
  for (int number = 0; number < 20; ++number) {
    clients[0].push(message_to("2", "hi"));
    clients[1].expect_push(usermsg("1", "2", "hi"));
  }
  CHECK(server.open_descriptors() < limit);
  for (const auto index : taken)
    arriving[index].disconnect();
  // Those who leave make room; silent ones, however many, do.
  CHECK(status_once_there_is_room(endpoint) == 101);
  std::vector<raw_client> silent;
  for (int number = 0; number < 30; ++number)
    silent.emplace_back(endpoint);
  CHECK(status_once_there_is_room(endpoint) == 101);
  std::vector<raw_client> halves; // So do those that never end what they ask.
  for (int number = 0; number < 30; ++number) {
    halves.emplace_back(endpoint);
    halves.back().write(healthz.substr(0, 20));
  }
  CHECK(status_once_there_is_room(endpoint) == 101);
  clients.push_back(ws_client::registered(endpoint, "3"));
  clients[2].push(message_to("1", "room again"));
  clients[0].expect_push(usermsg("3", "1", "room again"));
  clients.clear();
  server.signal(SIGTERM);
  CHECK(server.wait(5s) == 0);
  CHECK(server.standard_error().rest().find("are left") == std::string::npos); // again
}

} // namespace klatch::sockets
