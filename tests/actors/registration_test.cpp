// Who a connection is, and what happens before that is known.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <chrono>

namespace klatch::test {

using namespace std::chrono_literals;

TEST_CASE("a registration is acknowledged to the letter, once", "[registration]") {
  world around;
  auto& anna = around.connect();
  anna.push(R"({"type":"system","id":7,"projectId":2424,"name":"mks"})");
  anna.expect_push(R"({"type":"system","message":"Initial message received"})");
  anna.expect_nothing();
}

TEST_CASE("a message goes out with the registered name and colour", "[registration]") {
  world around;
  auto& anna = around.connect();
  auto& boris = around.join("boris");
  anna.push(R"({"type":"system","id":"anna","projectId":"p","name":"Anna K.","color":"#F00"})");
  anna.expect_acknowledgement();
  anna.push_message("boris", "hi");
  boris.expect_push(
      R"({"type":"usermsg","name":"Anna K.","message":"hi","color":"#F00","from":"anna","to":"boris"})");

  SECTION("and registering again changes both") {
    anna.push(R"({"type":"system","id":"anna","projectId":"p","name":"Anna","color":"#0F0"})");
    anna.expect_acknowledgement();
    anna.push_message("boris", "hi");
    boris.expect_push(
        R"({"type":"usermsg","name":"Anna","message":"hi","color":"#0F0","from":"anna","to":"boris"})");
    boris.expect_nothing();
  }
  SECTION("but those of the frame come first") {
    anna.push(
        R"({"type":"user","to_id":"boris","message":"hi","name":"A.","color":"blue","id":"anna"})");
    boris.expect_push(
        R"({"type":"usermsg","name":"A.","message":"hi","color":"blue","from":"anna","to":"boris"})");
  }
}

TEST_CASE("a message before the registration's answer is kept until then", "[registration]") {
  world around;
  auto& boris = around.join("boris");
  auto& anna = around.connect();
  anna.push_registration("anna", "p");
  anna.push_message("boris", "at once");
  anna.expect_acknowledgement();
  boris.expect_message("anna", "at once");
}

TEST_CASE("the ids 7 and \"7\" are one user", "[registration]") {
  world around;
  auto& first = around.connect();
  auto& second = around.connect();
  auto& other = around.join("other");
  first.push(R"({"type":"system","id":7,"projectId":2424})");
  first.expect_acknowledgement();
  second.push(R"({"type":"system","id":"7","projectId":"2424"})");
  second.expect_acknowledgement();
  auto& writer = around.join("8", "2424");
  writer.push(R"({"type":"user","to_id":7,"message":"digits"})");
  writer.push(R"({"type":"user","to_id":"7","message":"text"})");
  for (auto* device : {&first, &second}) {
    device->expect_message("8", "digits");
    device->expect_message("8", "text");
    device->expect_nothing();
  }
  first.push(R"({"type":"user","to_id":"8","message":"m","id":"7","projectId":"2424"})");
  first.push(R"({"type":"user","to_id":"8","message":"n","id":7,"projectId":2424})");
  writer.expect_message("7", "m");
  writer.expect_message("7", "n");
  other.expect_nothing();
}

TEST_CASE("another id or project on the same connection is refused", "[registration]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  const auto refused =
      GENERATE(as<std::string>{}, R"({"type":"system","id":"boris","projectId":"p"})",
               R"({"type":"system","id":"anna","projectId":"q"})");
  anna.push(refused);
  anna.expect_error(error_code::forbidden);
  anna.push_message("boris", "still anna");
  boris.expect_message("anna", "still anna");
  anna.expect_nothing();
}

TEST_CASE("a frame that claims another id or project is refused", "[registration]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  const auto claim =
      GENERATE(as<std::string>{}, R"({"type":"user","to_id":"boris","message":"m","id":"boris"})",
               R"({"type":"user","to_id":"boris","message":"m","id":"anna","projectId":"q"})");
  anna.push(claim);
  anna.expect_error(error_code::forbidden);
  anna.expect_nothing();
  boris.expect_nothing();
}

TEST_CASE("a message before registering closes the connection", "[registration]") {
  world around;
  auto& boris = around.join("boris");
  auto& anna = around.connect();
  const auto first = GENERATE(as<std::string>{}, R"({"type":"user","to_id":"boris","message":"m"})",
                              R"({"type":"user"})", R"({"type":"nonsense"})");
  anna.push(first);
  anna.push_registration("anna", "p");
  anna.expect_error(error_code::not_registered);
  anna.expect_close(close_code::not_registered);
  boris.expect_nothing();
  boris.push_message("anna", "m");
  boris.expect_not_connected("anna");
}

TEST_CASE("a broken frame before registering leaves another try", "[registration]") {
  world around;
  auto& anna = around.connect();
  anna.push("{");
  anna.expect_error(error_code::bad_json);
  anna.push(R"({"type":"system","id":true,"projectId":"p"})");
  anna.expect_error(error_code::bad_frame);
  anna.push_registration("anna", "p");
  anna.expect_acknowledgement();
  anna.expect_nothing();
}

TEST_CASE("a client that does not register within 10 s is closed", "[registration]") {
  world around;
  auto& silent = around.connect();
  auto& broken = around.connect();
  around.advance(9'999ms);
  broken.push("{");
  broken.expect_error(error_code::bad_json);
  silent.expect_nothing();
  around.advance(1ms);
  silent.expect_error(error_code::not_registered);
  silent.expect_close(close_code::not_registered);
  broken.expect_error(error_code::not_registered);
  broken.expect_close(close_code::not_registered);
  CHECK(is_forgotten(silent.connection()));
}

TEST_CASE("a client that has registered is not closed after 10 s", "[registration]") {
  world around;
  auto& anna = around.connect();
  around.advance(9'999ms);
  anna.push_registration("anna", "p");
  anna.expect_acknowledgement();
  around.advance(1ms);
  around.advance(1h);
  anna.expect_nothing();
}

TEST_CASE("a connection that goes before it has registered is forgotten", "[registration]") {
  world around;
  auto& anna = around.connect();
  anna.lose();
  around.advance(10s);
  CHECK(anna.transport().waiting().empty());
  CHECK(is_forgotten(anna.connection()));
}

TEST_CASE("a connection that goes before its registration is answered is forgotten",
          "[registration]") {
  world around;
  auto& boris = around.join("boris");
  auto& anna = around.connect();
  anna.push_registration("anna", "p");
  anna.lose();
  around.run();
  boris.push_message("anna", "m");
  boris.expect_not_connected("anna");
  around.advance(10s);
  CHECK(is_forgotten(anna.connection()));
}

} // namespace klatch::test
