/// What a connection may say before, when and after it registers.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

using namespace std::string_literals;

namespace {

app::service_options with_time_to_register(std::chrono::milliseconds allowed) {
  auto options = usual_options();
  options.network.times.tick = std::chrono::milliseconds{10};
  options.network.times.registration = allowed;
  return options;
}

} // namespace

TEST_CASE("anything but a registration first is refused with 4401") {
  running_service server;
  ws_client client{server.endpoint()};
  SECTION("a user's message") { client.push(message_to("5", "hi")); }
  SECTION("a user's message that is wrong") { client.push(R"({"type":"user"})"); }
  SECTION("an unknown type") { client.push(R"({"type":"room","room":"lobby"})"); }
  client.expect_error("not_registered");
  client.expect_close(4401);
}

TEST_CASE("no frame that follows a 4401 is taken") {
  running_service server;
  auto other = ws_client::registered(server.endpoint(), "5");
  ws_client client{server.endpoint()};
  client.raw().write(wire_frame{.payload = message_to("5", "early")}.bytes() +
                     wire_frame{.payload = registration("7")}.bytes() +
                     wire_frame{.payload = message_to("5", "late")}.bytes());
  client.expect_error("not_registered");
  client.expect_close(4401);
  other.expect_nothing_until_echo("5");
}

TEST_CASE("a registration that is wrong can be put right") {
  running_service server;
  ws_client client{server.endpoint()};
  client.push(R"({"type":"system","id":7})");
  client.expect_error("bad_frame");
  client.push(R"({"type":"system","id":true,"projectId":2424})");
  client.expect_error("bad_frame");
  client.push(registration("7"));
  client.expect_push(acknowledged);
}

TEST_CASE("a client that does not register in time is closed with 4401") {
  running_service server{with_time_to_register(std::chrono::milliseconds{100})};
  ws_client client{server.endpoint()};
  SECTION("that says nothing") {}
  SECTION("that does not get it right") {
    client.push(R"({"type":"system"})");
    client.expect_error("bad_frame");
  }
  client.expect_error("not_registered");
  client.expect_close(4401);
}

TEST_CASE("a client that has registered is not closed for time") {
  running_service server{with_time_to_register(std::chrono::milliseconds{300})};
  auto early = ws_client::registered(server.endpoint(), "7");
  ws_client late{server.endpoint()};
  late.expect_error("not_registered"); // its time began later, so that of the first is over
  late.expect_close(4401);
  early.expect_nothing_until_echo("7");
}

TEST_CASE("a frame is signed with the registered id and project, or not at all") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  client.push(R"({"type":"user","to_id":5,"message":"forged","id":8})");
  client.expect_error("forbidden");
  client.push(R"({"type":"user","to_id":5,"message":"forged","id":7,"projectId":1})");
  client.expect_error("forbidden");
  client.push(R"({"type":"user","to_id":5,"message":"mine","id":"7","projectId":"2424"})");
  other.expect_push(usermsg("7", "5", "mine"));
}

TEST_CASE("registering again with the same id changes name and colour") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  client.push(registration(R"("7")", "Mikael", "#0F0"));
  client.expect_push(acknowledged);
  client.push(message_to("5", "hi"));
  other.expect_push(usermsg("7", "5", "hi", "Mikael", "#0F0"));
}

TEST_CASE("registering again with another id or project is refused, and nothing changes") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  SECTION("id") { client.push(registration("8", "impostor")); }
  SECTION("project") { client.push(R"({"type":"system","id":7,"projectId":1,"name":"impostor"})"); }
  client.expect_error("forbidden");
  client.push(message_to("5", "hi"));
  other.expect_push(usermsg("7", "5", "hi"));
}

TEST_CASE("a frame's own name and colour are shown with it, and with it only") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  client.push(R"({"type":"user","to_id":5,"message":"a","name":"M.","color":"blue"})");
  client.push(message_to("5", "b"));
  other.expect_push(usermsg("7", "5", "a", "M.", "blue"));
  other.expect_push(usermsg("7", "5", "b"));
}

TEST_CASE("a frame that is wrong is answered, and the connection goes on") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  const auto [text, code] = GENERATE(table<std::string, std::string>({
      {"", "bad_json"},
      {"hello", "bad_json"},
      {R"({"type":"user")", "bad_json"},
      {"{\"type\":\"user\",\"to_id\":7,\"message\":\"a\0b\"}"s, "bad_json"},
      {std::string(3, '\0'), "bad_json"},
      {R"({"type":"user","to_id":7,"message":"\ud800"})", "bad_json"},
      {std::string(50'000, '['), "bad_json"},
      {"7", "bad_frame"},
      {"[]", "bad_frame"},
      {"{}", "bad_frame"},
      {R"({"type":7})", "bad_frame"},
      {R"({"type":"user","to_id":7})", "bad_frame"},
      {R"({"type":"user","to_id":7.5,"message":"hi"})", "bad_frame"},
      {R"({"type":"user","to_id":7,"message":["hi"]})", "bad_frame"},
      {R"({"type":"typing","to_id":7})", "unknown_type"},
      {R"({"type":"user","to_id":7,"message":"hi","name":")" + std::string(129, 'x') + "\"}",
       "too_large"},
  }));
  INFO(text.substr(0, 100));
  client.push(text);
  client.expect_error(code);
  client.expect_nothing_until_echo("7");
}

} // namespace klatch::sockets
