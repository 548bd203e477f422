// Messages that are stored: acknowledged, delivered, read.
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch::test {

TEST_CASE("the welcome says where the inbox stands", "[stored]") {
  world around{with_store()};
  auto& anna = around.join_extended("anna");
  anna.expect_push(
      R"({"type":"welcome","v":2,"id":"anna","project":"p","name":"anna","role":"user","insecure":true,"epoch":"e","head":0,"floor":1,"recovered":false,"ping_s":25,"limits":{"frame_bytes":401408,"message_bytes":65536,"waiting_bytes":1048576,"send_rate":0,"byte_rate":0}})");
  anna.push_message("boris", "hi", "c1");
  anna.expect_members(R"({"type":"ack"})");
  around.join_extended("anna").expect_members(R"({"head":1,"floor":1,"recovered":false})");
  around.join_extended("boris", resume_from(0)).expect_members(R"({"head":1,"recovered":true})");
}

TEST_CASE("a message is acknowledged with its numbers and delivered with them", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  anna.push_message("boris", "hi", "c1");
  anna.expect_push(R"({"type":"ack","cid":"c1","mid":"1","n":1,"seq":1,"ts":1000000})");
  boris.expect_push(
      R"({"type":"usermsg","name":"anna","message":"hi","color":"","from":"anna","to":"boris","mid":"1","n":1,"seq":1,"ts":1000000})");
  boris.push_message("anna", "there", "c1"); // another sender's cid is another one
  boris.expect_push(R"({"type":"ack","cid":"c1","mid":"2","n":2,"seq":2,"ts":1000000})");
  anna.expect_members(R"({"type":"usermsg","from":"boris","message":"there","n":2,"seq":2})");
  anna.expect_nothing();
  boris.expect_nothing();
}

TEST_CASE("nothing is told of a message before it is stored", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  anna.push_message("boris", "hi", "c1");
  CHECK(anna.transport().waiting().empty());
  CHECK(boris.transport().waiting().empty());
  around.run_next(around.archive().writers.front()); // takes it
  CHECK(anna.transport().waiting().empty());
  around.run_next(around.archive().writers.front()); // stores it
  anna.expect_members(R"({"type":"ack"})");
  boris.expect_members(R"({"message":"hi"})");
}

TEST_CASE("the same cid again: the first acknowledgement again, and no second message",
          "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  const std::string ack = R"({"type":"ack","cid":"c1","mid":"1","n":1,"seq":1,"ts":1000000})";
  anna.push_message("boris", "hi", "c1");
  anna.expect_push(ack);
  anna.push_message("boris", "hi", "c2");
  anna.expect_members(R"({"cid":"c2","n":2})");
  around.wall_clock() += 1000;
  SECTION("on the same connection") {
    anna.push_message("boris", "hi", "c1");
    anna.expect_push(ack);
  }
  SECTION("twice at once") {
    anna.push_message("boris", "new", "c3");
    anna.push_message("boris", "new", "c3");
    anna.expect_members(R"({"cid":"c3","n":3})");
    anna.expect_members(R"({"cid":"c3","n":3})");
  }
  SECTION("on another connection, and with another text") {
    auto& again = joined(around, "anna");
    again.push_message("boris", "another text", "c1");
    again.expect_push(ack);
    again.expect_nothing();
  }
  anna.expect_nothing();
  boris.expect_members(R"({"message":"hi","n":1})");
  boris.expect_members(R"({"message":"hi","n":2})");
}

TEST_CASE("every send without a cid is a message", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "hi");
  anna.push_message("boris", "hi");
  anna.expect_push(R"({"type":"ack","mid":"1","n":1,"seq":1,"ts":1000000})");
  anna.expect_push(R"({"type":"ack","mid":"2","n":2,"seq":2,"ts":1000000})");
}

TEST_CASE("all devices of both get a message; the one that sent it gets the acknowledgement",
          "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& annas_other = joined(around, "anna");
  auto& boris = joined(around, "boris");
  auto& boris_other = joined(around, "boris");
  anna.push_message("boris", "hi", "c1");
  anna.expect_members(R"({"type":"ack","seq":1})");
  annas_other.expect_members(R"({"type":"usermsg","from":"anna","to":"boris","seq":1})");
  boris.expect_members(R"({"type":"usermsg","seq":1})");
  boris_other.expect_members(R"({"type":"usermsg","seq":1})");
  for (auto* each : {&anna, &annas_other, &boris, &boris_other})
    each->expect_nothing();
}

TEST_CASE("a message to oneself is one entry of the inbox", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& other = joined(around, "anna");
  anna.push_message("anna", "note", "c1");
  anna.expect_members(R"({"type":"ack","n":1,"seq":1})");
  other.expect_members(R"({"type":"usermsg","message":"note","n":1,"seq":1})");
  anna.push_message("anna", "note", "c2");
  anna.expect_members(R"({"type":"ack","n":2,"seq":2})");
  // Nobody is told that they have got, or have to read, what they wrote themselves.
  anna.push(R"({"type":"recv","seq":2})");
  anna.push(R"({"type":"conversations"})");
  const auto answer = anna.next();
  CHECK(answer.find(R"("with":"anna")") != std::string::npos);
  CHECK(answer.find(R"("unread":0)") != std::string::npos);
  anna.expect_nothing();
}

TEST_CASE("plain and extended users talk to each other", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = around.join("boris");
  anna.push_message("boris", "hi", "c1");
  anna.expect_members(R"({"type":"ack"})");
  boris.expect_push(
      R"({"type":"usermsg","name":"anna","message":"hi","color":"","from":"anna","to":"boris"})");
  anna.expect_members(R"({"type":"receipt","kind":"delivered","with":"boris","n":1})");
  boris.push(
      R"({"type":"user","to_id":"anna","message":"yo","name":"B","color":"#F00","cid":5,"id":"boris"})");
  anna.expect_members(R"({"type":"usermsg","name":"B","color":"#F00","message":"yo","n":2})");
  boris.expect_nothing();
  anna.push(R"({"type":"user","to_id":"boris","message":"x","name":"Other","color":"#0F0"})");
  anna.expect_members(R"({"type":"ack"})");
  boris.expect_members(R"({"name":"anna","color":""})"); // the registered ones
}

TEST_CASE("receipts: delivered when the first device has it, read when it was read", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  auto& boris_other = joined(around, "boris");
  anna.push_message("boris", "one", "c1");
  anna.push_message("boris", "two", "c2");
  anna.expect_members(R"({"type":"ack"})");
  anna.expect_members(R"({"type":"ack"})");
  for (auto* each : {&boris, &boris_other}) {
    each->expect_members(R"({"message":"one"})");
    each->expect_members(R"({"message":"two"})");
  }
  SECTION("delivered") {
    boris.push(R"({"type":"recv","seq":1})");
    anna.expect_push(R"({"type":"receipt","kind":"delivered","with":"boris","n":1,"by":"boris"})");
    boris_other.push(R"({"type":"recv","seq":1})");
    anna.expect_nothing();
    boris_other.push(R"({"type":"recv","seq":99})"); // no more than there is
    anna.expect_push(R"({"type":"receipt","kind":"delivered","with":"boris","n":2,"by":"boris"})");
    boris.push(R"({"type":"recv","seq":0})");
    boris.expect_nothing();
    boris_other.expect_nothing();
  }
  SECTION("read") {
    boris.push(R"({"type":"read","with":"anna","n":2})");
    anna.expect_push(R"({"type":"receipt","kind":"read","with":"boris","n":2,"by":"boris"})");
    boris_other.expect_push(R"({"type":"receipt","kind":"read","with":"anna","n":2,"by":"boris"})");
    boris.push(R"({"type":"read","with":"anna","n":1})"); // never back
    boris.expect_nothing();
  }
  SECTION("a resume says what the device has") {
    boris.push_close();
    boris_other.push_close();
    auto& back = joined(around, "boris", resume_from(2));
    back.expect_nothing();
    anna.expect_push(R"({"type":"receipt","kind":"delivered","with":"boris","n":2,"by":"boris"})");
  }
  SECTION("a plain client has taken it") {
    around.join("boris").expect_message("anna", "one");
    around.advance(std::chrono::seconds{1});
    anna.expect_members(R"({"type":"receipt","kind":"delivered","n":2})");
  }
  anna.expect_nothing();
}

TEST_CASE("history and conversations are answered from the store", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  for (int number = 1; number <= 5; ++number) {
    anna.push_message(number == 5 ? "carla" : "boris", "m" + std::to_string(number));
    anna.expect_members(R"({"type":"ack"})");
  }
  auto& boris = joined(around, "boris");
  boris.push(R"({"type":"history","with":"anna","before":4,"limit":2})");
  boris.expect_push(
      R"({"type":"history","with":"anna","before":4,"messages":[{"type":"usermsg","name":"anna","message":"m2","color":"","from":"anna","to":"boris","mid":"2","n":2,"ts":1000000},{"type":"usermsg","name":"anna","message":"m3","color":"","from":"anna","to":"boris","mid":"3","n":3,"ts":1000000}],"more":true})");
  boris.push(R"({"type":"history","with":"anna","after":3})");
  boris.expect_members(R"({"with":"anna","after":3,"more":false})");
  boris.push(R"({"type":"history","with":"nobody"})");
  boris.expect_push(R"({"type":"history","with":"nobody","messages":[],"more":false})");
  boris.push(R"({"type":"read","with":"anna","n":1})");
  boris.push(R"({"type":"conversations"})");
  boris.expect_push(
      R"({"type":"conversations","conversations":[{"with":"anna","peer":{"name":"anna","color":""},"last":{"type":"usermsg","name":"anna","message":"m4","color":"","from":"anna","to":"boris","mid":"4","n":4,"ts":1000000},"unread":3,"read":1,"peer_read":0,"peer_delivered":0}],"more":false})");
  anna.push(R"({"type":"conversations","limit":1})");
  anna.expect_members(R"({"type":"receipt","kind":"read"})");
  anna.expect_members(R"({"type":"conversations","more":true})");
  anna.push(R"({"type":"conversations","limit":1,"before":"5"})");
  anna.expect_members(R"({"type":"conversations","more":false})");
}

TEST_CASE("a conversation has the name and color that the other one last registered with",
          "[stored]") {
  world around{with_store()};
  const auto register_boris = [&](const std::string& name) {
    around.connect().push(R"({"type":"system","v":2,"projectId":"p","id":"boris","name":")" + name +
                          R"(","color":"#00F"})");
    around.run();
  };
  register_boris("Boris"); // who writes nothing
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "hi");
  anna.push_message("carla", "hi"); // who has never been here
  anna.expect_members(R"({"type":"ack"})");
  anna.expect_members(R"({"type":"ack"})");
  anna.push(R"({"type":"conversations"})");
  anna.expect_push(
      R"({"type":"conversations","conversations":[{"with":"carla","peer":{"name":"carla","color":""},"last":{"type":"usermsg","name":"anna","message":"hi","color":"","from":"anna","to":"carla","mid":"2","n":1,"ts":1000000},"unread":0,"read":0,"peer_read":0,"peer_delivered":0},{"with":"boris","peer":{"name":"Boris","color":"#00F"},"last":{"type":"usermsg","name":"anna","message":"hi","color":"","from":"anna","to":"boris","mid":"1","n":1,"ts":1000000},"unread":0,"read":0,"peer_read":0,"peer_delivered":0}],"more":false})");
  register_boris("Boris II");
  anna.push(R"({"type":"conversations","limit":1,"before":"2"})");
  anna.expect_push(
      R"({"type":"conversations","conversations":[{"with":"boris","peer":{"name":"Boris II","color":"#00F"},"last":{"type":"usermsg","name":"anna","message":"hi","color":"","from":"anna","to":"boris","mid":"1","n":1,"ts":1000000},"unread":0,"read":0,"peer_read":0,"peer_delivered":0}],"more":false})");
}

TEST_CASE("a ping is answered, and an unknown type refused", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  anna.push(R"({"type":"ping"})");
  anna.expect_push(R"({"type":"pong"})");
  anna.push(R"({"type":"nonsense","cid":"c1"})");
  anna.expect_members(R"({"type":"error","code":"unknown_type","cid":"c1","temporary":false})");
  anna.push(R"({"type":"user","to_id":"boris","message":"m","cid":"c2","id":"carla"})");
  anna.expect_members(R"({"type":"error","code":"forbidden","cid":"c2"})");
  auto& plain = around.join("plain");
  plain.push(R"({"type":"ping"})");
  plain.expect_error(error_code::unknown_type);
}

TEST_CASE("registering again on the same connection changes name and colour only", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  anna.push_message("boris", "one");
  anna.expect_members(R"({"type":"ack","seq":1})");
  boris.expect_members(R"({"name":"anna"})");
  anna.push(R"({"type":"system","id":"anna","projectId":"p","name":"Anna"})");
  anna.expect_members(R"({"type":"welcome","head":1,"recovered":true})");
  anna.push_message("boris", "two");
  anna.expect_members(R"({"type":"ack","seq":2})");
  boris.expect_members(R"({"name":"Anna"})");
}

TEST_CASE("many sends under way: the socket waits, and nothing is lost", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  for (int number = 1; number <= 600; ++number)
    anna.push_message("boris", "m", "c" + std::to_string(number));
  CHECK(anna.transport().paused());
  for (int number = 1; number <= 600; ++number)
    anna.expect_members(R"({"type":"ack","seq":)" + std::to_string(number) + '}');
  CHECK_FALSE(anna.transport().paused());
}

TEST_CASE("where too much waits to be stored, sends are refused and others go on", "[stored]") {
  auto chosen = with_store();
  chosen.may_wait = {.messages = 2, .bytes = 1000};
  world around{chosen};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "one", "c1");
  anna.push_message("boris", "two", "c2");
  anna.push_message("boris", "three", "c3");
  anna.expect_push(
      R"({"type":"error","code":"unavailable","message":"the server cannot take this now: try again later","cid":"c3","temporary":true})");
  anna.expect_members(R"({"type":"ack","cid":"c1"})");
  anna.expect_members(R"({"type":"ack","cid":"c2"})");
  anna.push_message("boris", std::string(1001, 'x'), "c4");
  anna.expect_members(R"({"type":"error","code":"unavailable","cid":"c4"})");
  anna.push_message("boris", "three", "c3");
  anna.expect_members(R"({"type":"ack","cid":"c3","n":3})");
}

TEST_CASE("ts never falls within a conversation", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "one");
  anna.expect_members(R"({"ts":1000000})");
  around.wall_clock() -= 500'000;
  anna.push_message("boris", "two");
  anna.expect_members(R"({"ts":1000000})");
}

TEST_CASE("extended clients learn that nothing is stored", "[stored]") {
  world around;
  auto& anna = around.join_extended("anna", resume_from(3));
  anna.expect_members(R"({"type":"welcome","epoch":"","head":0,"recovered":false})");
  auto& boris = around.join_extended("boris");
  boris.expect_members(R"({"type":"welcome"})");
  for (const auto* text : {"one", "two"}) {
    anna.push_message("boris", text, "c1");
    anna.expect_members(R"({"type":"ack","cid":"c1"})");
    boris.expect_message("anna", text);
  }
  anna.push_message("carla", "hi", "c2");
  anna.expect_push(
      R"({"type":"error","code":"not_connected","message":"carla is not connected","cid":"c2","temporary":true,"to":"carla"})");
  anna.push(R"({"type":"history","with":"boris"})");
  anna.expect_push(R"({"type":"history","with":"boris","messages":[],"more":false})");
  anna.push(R"({"type":"conversations"})");
  anna.expect_push(R"({"type":"conversations","conversations":[],"more":false})");
  anna.push(R"({"type":"recv","seq":1})");
  anna.push(R"({"type":"read","with":"boris","n":1})");
  anna.expect_nothing();
}

} // namespace klatch::test
