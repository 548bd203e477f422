/// Messages that are stored, over real sockets and on real threads.
#include "store/memory/memory_store.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

namespace {

using nlohmann::json;

/// Extended, in project p, back from `since` where that is not negative.
ws_client extended(const running_service& server, std::string_view id, int since = -1,
                   int receive_buffer = 0) {
  ws_client client{server.endpoint(), receive_buffer};
  json frame{{"type", "system"}, {"v", 2}, {"id", id}, {"projectId", "p"}};
  if (since >= 0)
    frame["resume"] = {{"epoch", "memory"}, {"since", since}};
  client.push(frame.dump());
  return client;
}

json next(ws_client& client) { return json::parse(client.raw().read_frame().payload); }

json next_of_type(ws_client& client, std::string_view type) {
  auto frame = next(client);
  INFO(frame);
  CHECK(frame.at("type") == type);
  return frame;
}

void push_message(ws_client& client, std::string_view to, std::string_view text, int number) {
  client.push(json{
      {"type", "user"}, {"to_id", to}, {"message", text}, {"cid", "c" + std::to_string(number)}}
                  .dump());
}

std::unique_ptr<store::message_store> memory() { return store::make_memory_store(); }

} // namespace

TEST_CASE("a stored message is acknowledged and delivered") {
  running_service server{memory()};
  auto anna = extended(server, "anna");
  auto boris = extended(server, "boris");
  CHECK(next_of_type(anna, "welcome").at("head") == 0);
  next_of_type(boris, "welcome");
  push_message(anna, "boris", "hi", 1);
  CHECK(next_of_type(anna, "ack").at("cid") == "c1");
  const auto got = next_of_type(boris, "usermsg");
  CHECK(got.at("message") == "hi");
  CHECK(got.at("seq") == 1);
}

TEST_CASE("two write to each other on two workers, and both inboxes are whole") {
  running_service server{memory()};
  auto anna = extended(server, "anna");
  auto boris = extended(server, "boris");
  next_of_type(anna, "welcome");
  next_of_type(boris, "welcome");
  constexpr int count = 2000;
  for (int number = 1; number <= count; ++number) {
    push_message(anna, "boris", std::to_string(number), number);
    push_message(boris, "anna", std::to_string(number), number);
  }
  for (auto* client : {&anna, &boris}) {
    int own = 0;
    int others = 0;
    bool in_order = true;
    for (std::uint64_t seq = 1; seq <= 2 * count; ++seq) {
      const auto frame = next(*client);
      in_order = in_order && frame.at("seq") == seq;
      if (frame.at("type") == "ack")
        in_order = in_order && frame.at("cid") == "c" + std::to_string(++own);
      else
        in_order = in_order && frame.at("message") == std::to_string(++others);
    }
    CHECK(in_order);
    CHECK(own == count);
  }
}

TEST_CASE("a backlog larger than what may wait is replayed to a slow reader") {
  running_service server{memory()};
  auto anna = extended(server, "anna");
  next_of_type(anna, "welcome");
  const std::string text(16 * kib, 'x');
  constexpr int count = 256; // 4 MiB, where 1 MiB may wait
  for (int number = 1; number <= count; ++number) {
    push_message(anna, "boris", text + std::to_string(number), number);
    next_of_type(anna, "ack");
  }
  auto boris = extended(server, "boris", 0, 2048);
  // Others are served while what was sent to the slow one waits.
  auto carla = extended(server, "carla");
  next_of_type(carla, "welcome");
  push_message(carla, "boris", "last", 1);
  next_of_type(carla, "ack");
  CHECK(next_of_type(boris, "welcome").at("recovered") == true);
  for (int number = 1; number <= count; ++number)
    CHECK(next_of_type(boris, "usermsg").at("message") == text + std::to_string(number));
  CHECK(next_of_type(boris, "usermsg").at("message") == "last");
}

TEST_CASE("a plain page gets what it missed") {
  running_service server{memory()};
  auto sender = ws_client::registered(server.endpoint(), "5");
  sender.push(message_to("7", "while you were away"));
  sender.push(message_to("7", "and again"));
  sender.expect_nothing_until_echo("5");
  auto page = ws_client::registered(server.endpoint(), "7");
  page.expect_push(usermsg("5", "7", "while you were away"));
  page.expect_push(usermsg("5", "7", "and again"));
}

TEST_CASE("with many sends under way the service stops in order") {
  running_service server{memory()};
  auto anna = extended(server, "anna");
  next_of_type(anna, "welcome");
  for (int number = 1; number <= 500; ++number)
    push_message(anna, "boris", "m", number);
  next_of_type(anna, "ack");
}

TEST_CASE("a plain client takes delivery by answering the ping behind it") {
  running_service server{memory()};
  const bool answers = GENERATE(true, false);
  auto sender = ws_client::registered(server.endpoint(), "7");
  auto boris = ws_client::registered(server.endpoint(), "5");
  sender.push(message_to("5", "hi"));
  boris.expect_push(usermsg("7", "5", "hi"));
  const auto ping = boris.raw().read_frame();
  CHECK(ping.kind == opcode::ping);
  CHECK(ping.payload == "1");
  if (answers)
    boris.push(wire_frame{.kind = opcode::pong, .payload = ping.payload});
  boris.push(message_to("5", "mark"));
  boris.expect_push(usermsg("5", "5", "mark"));
  boris.raw().disconnect(); // which the system took, and told nobody before
  auto again = ws_client::registered(server.endpoint(), "5");
  if (!answers)
    again.expect_push(usermsg("7", "5", "hi"));
  again.expect_push(usermsg("5", "5", "mark"));
}

} // namespace klatch::sockets
