/// The service stops: queued frames first, then 1012, in bounded time.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <future>
#include <utility>

namespace klatch::sockets {

namespace {

using std::chrono::milliseconds;

} // namespace

TEST_CASE("a drain with nobody connected is over at once") {
  running_service server;
  CHECK(server.drain(std::chrono::hours{1}).get() == 0);
}

TEST_CASE("a drain closes everyone with 1012, registered or not") {
  running_service server;
  auto registered = ws_client::registered(server.endpoint(), "7");
  ws_client unregistered{server.endpoint()};
  unregistered.push("nonsense"); // its answer shows that the server has seen it
  unregistered.expect_error("bad_json");
  auto drained = server.drain(std::chrono::hours{1});
  registered.expect_close(1012);
  unregistered.expect_close(1012);
  CHECK(drained.get() == 0);
}

TEST_CASE("a drain closes a client that has just been accepted with 1012 too") {
  for (int round = 0; round < 100; ++round) {
    running_service server;
    ws_client on_first_worker{server.endpoint()};
    ws_client on_second_worker{server.endpoint()};
    auto drained = server.drain(std::chrono::seconds{5});
    on_first_worker.expect_close(1012);
    on_second_worker.expect_close(1012);
    CHECK(drained.get() == 0);
  }
}

TEST_CASE("a drain sends what is queued before 1012") {
  running_service server;
  auto reader = ws_client::registered(server.endpoint(), "7", "mks", 2048);
  auto sender = ws_client::registered(server.endpoint(), "5");
  const std::string padding(4096, 'x');
  constexpr int count = 200; // 800 KiB: more than the sockets hold, less than may wait
  for (int number = 0; number < count; ++number)
    sender.push(message_to("7", std::to_string(number) + padding));
  sender.expect_nothing_until_echo("5");
  auto drained = server.drain(std::chrono::hours{1});
  sender.expect_close(1012);
  for (int number = 0; number < count; ++number)
    reader.expect_push(usermsg("5", "7", std::to_string(number) + padding));
  reader.expect_close(1012);
  CHECK(drained.get() == 0);
}

TEST_CASE("a drain counts and cuts off a client that does not take its close") {
  auto options = usual_options();
  options.network.times.close = std::chrono::seconds{60};
  running_service server{options};
  auto deaf = ws_client::registered(server.endpoint(), "5");
  auto registered = ws_client::registered(server.endpoint(), "7");
  auto drained = server.drain(milliseconds{200});
  registered.expect_close(1012);
  CHECK(drained.get() == 1);
}

TEST_CASE("a client that upgrades while the service stops is told when to come back") {
  auto options = usual_options();
  options.network.times.close = std::chrono::seconds{60};
  running_service server{options};
  raw_client half{server.endpoint()};
  half.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(half.read_reply().status == 200);
  ws_client registered = ws_client::registered(server.endpoint(), "7");
  auto drained = server.drain(milliseconds{300});
  CHECK(registered.raw().read_frame().payload.substr(0, 2) == close_payload(1012));
  half.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(half.read_reply().status == 200);
  half.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto ready = half.read_reply();
  CHECK(ready.status == 503);
  CHECK(ready.fields.at("retry-after") == "1");
  half.write(upgrade_request());
  const auto refusal = half.read_reply();
  CHECK(refusal.status == 503);
  const auto wait = std::stoi(refusal.fields.at("retry-after"));
  CHECK((wait >= 1 && wait <= 5));
  half.expect_end();
  CHECK(drained.get() >= 1);
}

} // namespace klatch::sockets
