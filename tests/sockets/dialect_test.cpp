/// The plain dialect from socket to socket.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <optional>

namespace klatch::sockets {

TEST_CASE("a registration is acknowledged to the letter") {
  running_service server;
  ws_client client{server.endpoint()};
  client.push(R"({"type":"system","id":7,"projectId":2424,"name":"mks"})");
  client.expect_push(R"({"type":"system","message":"Initial message received"})");
}

TEST_CASE("a message arrives to the letter, with extra fields at the end only") {
  running_service server;
  auto sender = ws_client::registered(server.endpoint(), "7");
  auto recipient = ws_client::registered(server.endpoint(), "5");
  sender.push(
      R"({"type":"user","to_id":5,"message":"hi","name":"mks","id":7,"projectId":2424,"color":"#F00"})");
  recipient.expect_push(
      R"({"type":"usermsg","name":"mks","message":"hi","color":"#F00","from":"7","to":"5"})");
  sender.expect_nothing_until_echo("7"); // a plain sender is sent nothing back
}

TEST_CASE("the ids 7 and \"7\" are one user") {
  running_service server;
  auto number = ws_client::registered(server.endpoint(), "7");
  auto text = ws_client::registered(server.endpoint(), R"("7")");
  auto other = ws_client::registered(server.endpoint(), R"("5")");
  other.push(R"({"type":"user","to_id":7,"message":"a"})");
  other.push(R"({"type":"user","to_id":"7","message":"b"})");
  for (auto* device : {&number, &text}) {
    device->expect_push(usermsg("5", "7", "a"));
    device->expect_push(usermsg("5", "7", "b"));
  }
}

TEST_CASE("users of different projects do not meet") {
  running_service server;
  auto here = ws_client::registered(server.endpoint(), "7");
  ws_client there{server.endpoint()};
  there.push(R"({"type":"system","id":5,"projectId":"other"})");
  there.expect_push(acknowledged);
  here.push(message_to("5", "hello?"));
  here.expect_push(not_connected("5"));
  there.push(message_to("5", "only me"));
  there.expect_push(usermsg("5", "5", "only me", "5", ""));
}

TEST_CASE("a thousand messages each way arrive whole and in order") {
  running_service server;
  auto one = ws_client::registered(server.endpoint(), "1");
  auto two = ws_client::registered(server.endpoint(), "2");
  constexpr int count = 1000;
  std::string from_one;
  std::string from_two;
  for (int number = 0; number < count; ++number) {
    from_one += wire_frame{.payload = message_to("2", "a" + std::to_string(number))}.bytes();
    from_two += wire_frame{.payload = message_to("1", "b" + std::to_string(number))}.bytes();
  }
  one.raw().write(from_one);
  two.raw().write(from_two);
  for (int number = 0; number < count; ++number) {
    two.expect_push(usermsg("1", "2", "a" + std::to_string(number)));
    one.expect_push(usermsg("2", "1", "b" + std::to_string(number)));
  }
}

TEST_CASE("all devices of both users are sent a message, but for the one that sent it") {
  running_service server;
  auto sender = ws_client::registered(server.endpoint(), "7");
  auto sender_phone = ws_client::registered(server.endpoint(), "7");
  auto recipient = ws_client::registered(server.endpoint(), "5");
  auto recipient_phone = ws_client::registered(server.endpoint(), "5");
  sender_phone.expect_nothing_until_echo("7");
  sender.expect_push(usermsg("7", "7", "echo 1"));

  sender.push(message_to("5", "hi"));
  for (auto* device : {&recipient, &recipient_phone, &sender_phone})
    device->expect_push(usermsg("7", "5", "hi"));

  recipient_phone.push_close(1000);
  recipient_phone.expect_close(1000);
  sender.push(message_to("5", "still there?"));
  for (auto* device : {&recipient, &sender_phone})
    device->expect_push(usermsg("7", "5", "still there?"));
  sender.push(message_to("7", "note"));
  sender.expect_push(usermsg("7", "7", "note"));
  sender_phone.expect_push(usermsg("7", "7", "note"));
}

TEST_CASE("a message to oneself comes back") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  client.push(message_to("7", "note"));
  client.expect_push(usermsg("7", "7", "note"));
}

TEST_CASE("a sender is told who is not connected, to the letter") {
  running_service server;
  auto sender = ws_client::registered(server.endpoint(), "7");
  sender.push(message_to("5", "hi"));
  sender.expect_push(
      R"({"type":"system","message":"5 is not connected","error":"not_connected","to":"5"})");
  auto recipient = ws_client::registered(server.endpoint(), "5");
  sender.push(message_to("5", "now?"));
  recipient.expect_push(usermsg("7", "5", "now?"));
}

TEST_CASE("a user who has closed is not connected, and one who comes back is") {
  running_service server;
  auto sender = ws_client::registered(server.endpoint(), "7");
  for (int round = 0; round < 20; ++round) {
    auto recipient = ws_client::registered(server.endpoint(), "5");
    sender.push(message_to("5", "hi"));
    recipient.expect_push(usermsg("7", "5", "hi"));
    recipient.push_close(1000);
    recipient.expect_close(1000);
    sender.push(message_to("5", "bye"));
    sender.expect_push(not_connected("5"));
  }
}

TEST_CASE("a sender is told once that someone has vanished, and nothing breaks") {
  auto options = usual_options();
  options.threads = GENERATE(std::size_t{1}, std::size_t{2});
  running_service server{options};
  auto sender = ws_client::registered(server.endpoint(), "7");
  std::string many;
  for (int number = 0; number < 200; ++number)
    many += wire_frame{.payload = message_to("5", std::to_string(number))}.bytes();
  for (int round = 0; round < 50; ++round) {
    std::optional recipient{ws_client::registered(server.endpoint(), "5")};
    sender.raw().write(many);
    recipient.reset(); // without a closing handshake, and a reset where data waits to be read
    // What was on its way to the socket is lost without an answer; what comes later is answered.
    bool told = false;
    while (!told) {
      sender.push(message_to("7", "mark"));
      for (auto text = sender.raw().read_frame().payload; text != usermsg("7", "7", "mark");
           text = sender.raw().read_frame().payload) {
        REQUIRE(text == not_connected("5"));
        told = true;
      }
      sender.push(message_to("5", "gone?"));
    }
    sender.expect_push(not_connected("5"));
  }
}

TEST_CASE("both ends of a conversation may vanish in the middle of it, and nothing breaks") {
  running_service server;
  for (int round = 0; round < 200; ++round) {
    // Users of their own each time: what is under way still reaches devices that come later.
    const auto first = std::to_string(2 * round);
    const auto second = std::to_string(2 * round + 1);
    auto one = ws_client::registered(server.endpoint(), first);
    auto two = ws_client::registered(server.endpoint(), second);
    one.push(message_to(second, "hi"));
    two.expect_push(usermsg(first, second, "hi"));
    std::string to_one;
    std::string to_two;
    for (int number = 0; number < 50; ++number) {
      to_one += wire_frame{.payload = message_to(first, "b")}.bytes();
      to_two += wire_frame{.payload = message_to(second, "a")}.bytes();
    }
    one.raw().write_until_refused(to_two);
    two.raw().write_until_refused(to_one);
    // In turn who goes first, so that either end meets what the other one left behind.
    (round % 2 == 0 ? one : two).raw().disconnect();
    (round % 2 == 0 ? two : one).raw().disconnect();
  }
  auto after = ws_client::registered(server.endpoint(), R"("after")");
  after.expect_nothing_until_echo("after");
}

} // namespace klatch::sockets
