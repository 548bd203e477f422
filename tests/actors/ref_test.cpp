// The `ref` of an extended frame is in what answers it, error or not.
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"
#include "tests/store/forwarding_store.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace klatch::test {

namespace {

constexpr auto registration =
    R"({"type":"system","v":2,"projectId":"p","id":"anna","name":"anna","ref":"r1"})";

class full_store final : public forwarding_store {
public:
  full_store() : forwarding_store(store::make_memory_store("e")) {}

  std::vector<store::outcome> append(std::span<const store::operation> /*batch*/,
                                     std::int64_t /*now*/) override {
    throw store::unavailable("the disk is full");
  }
};

/// Refuses the message with the cid "refused".
class refusing_store final : public forwarding_store {
public:
  refusing_store() : forwarding_store(store::make_memory_store("e")) {}

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    std::vector<store::outcome> result;
    for (const auto& each : batch)
      if (std::get<store::new_message>(each).content.cid == "refused")
        result.push_back(store::outcome::refuses(error_code::forbidden));
      else
        result.push_back(forwarding_store::append({&each, 1}, now).front());
    return result;
  }
};

std::string send(std::string_view cid, std::string_view ref) {
  return R"({"type":"user","to_id":"boris","message":"hi","cid":")" + std::string{cid} +
         R"(","ref":")" + std::string{ref} + "\"}";
}

} // namespace

TEST_CASE("a welcome has the ref of its registration, and only of that one", "[ref]") {
  for (const bool stored : {true, false}) {
    world around{stored ? with_store() : world_options{}};
    auto& anna = around.connect();
    anna.push(registration);
    anna.expect_members(R"({"type":"welcome","ref":"r1"})");
    anna.push(R"({"type":"system","projectId":"p","id":"anna","ref":"r2"})");
    anna.expect_members(R"({"type":"welcome","ref":"r2"})");
    anna.push(R"({"type":"system","projectId":"p","id":"anna"})");
    anna.expect_members(R"({"type":"welcome","ref":null})");
  }
}

TEST_CASE("a refused registration has the ref", "[ref]") {
  auto chosen = with_store();
  chosen.max_devices = 1;
  world around{chosen};
  joined(around, "anna");
  auto& second = around.connect();
  second.push(registration);
  second.expect_members(R"({"type":"error","code":"too_many_devices","ref":"r1"})");
  second.expect_close(close_code::too_many_devices);
}

TEST_CASE("answers have the ref of their frame", "[ref]") {
  for (const bool stored : {true, false}) {
    world around{stored ? with_store() : world_options{}};
    auto& anna = around.join_extended("anna");
    anna.expect_members(R"({"type":"welcome","ref":null})");
    anna.push(R"({"type":"history","with":"boris","ref":"r1"})");
    anna.expect_members(R"({"type":"history","with":"boris","ref":"r1"})");
    anna.push(R"({"type":"history","with":"boris"})");
    anna.expect_members(R"({"type":"history","with":"boris","ref":null})");
    anna.push(R"({"type":"conversations","ref":"r2"})");
    anna.expect_members(R"({"type":"conversations","ref":"r2"})");
    anna.push(R"({"type":"ping","ref":"r3"})");
    anna.expect_push(R"({"type":"pong","ref":"r3"})");
  }
}

TEST_CASE("an ack has the ref of its send where nothing is stored", "[ref]") {
  world around{world_options{}};
  auto& anna = around.join_extended("anna");
  anna.expect_members(R"({"type":"welcome"})");
  anna.push(R"({"type":"user","to_id":"boris","message":"hi","cid":"c1","ref":"r1"})");
  anna.expect_members(R"({"code":"not_connected","cid":"c1","ref":"r1"})");
  auto& boris = around.join("boris");
  for (const auto* ref : {"r2", "r3"}) { // looked up, and then by a cached route
    anna.push(R"({"type":"user","to_id":"boris","message":"hi","ref":")" + std::string{ref} +
              "\"}");
    anna.expect_members(R"({"type":"ack","ref":")" + std::string{ref} + "\"}");
    boris.expect_message("anna", "hi");
  }
}

TEST_CASE("an ack of a stored message has the ref of the frame it answers", "[ref]") {
  world around{with_store()};
  auto& phone = joined(around, "anna");
  auto& laptop = joined(around, "anna");
  phone.push(send("c1", "r1"));
  phone.expect_members(R"({"type":"ack","cid":"c1","ref":"r1","seq":1})");
  laptop.expect_members(R"({"type":"usermsg","seq":1,"ref":null})");

  SECTION("of the frame, not of the message: a repetition has its own") {
    phone.push(send("c1", "r2"));
    phone.expect_members(R"({"type":"ack","cid":"c1","ref":"r2","seq":1})");
    laptop.push(R"({"type":"user","to_id":"boris","message":"hi","cid":"c1"})");
    laptop.expect_members(R"({"type":"ack","cid":"c1","ref":null,"seq":1})");
  }
  SECTION("also without a cid") {
    phone.push(R"({"type":"user","to_id":"boris","message":"hi","ref":"r3"})");
    phone.expect_members(R"({"type":"ack","cid":null,"ref":"r3","seq":2})");
  }
}

TEST_CASE("the error of a message that cannot be stored has its ref", "[ref]") {
  auto chosen = with_store();
  chosen.store = std::make_shared<full_store>();
  world around{chosen};
  auto& anna = joined(around, "anna");
  anna.push(send("c1", "r1"));
  anna.expect_members(R"({"type":"error","code":"unavailable","cid":"c1","ref":"r1"})");
}

TEST_CASE("a message that the store refuses is answered with the store's code", "[ref]") {
  auto chosen = with_store();
  chosen.store = std::make_shared<refusing_store>();
  world around{chosen};
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  anna.push(send("c1", "r1"));
  anna.push(send("refused", "r2"));
  anna.push(send("c3", "r3"));
  anna.expect_members(R"({"type":"error","code":"forbidden","cid":"refused","ref":"r2"})");
  anna.expect_members(R"({"type":"ack","cid":"c1","ref":"r1","n":1})");
  anna.expect_members(R"({"type":"ack","cid":"c3","ref":"r3","n":2})");
  boris.expect_members(R"({"type":"usermsg","n":1})");
  boris.expect_members(R"({"type":"usermsg","n":2})");
  boris.expect_nothing();
}

TEST_CASE("errors have the ref of their frame", "[ref]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  anna.push(R"({"type":"nonsense","ref":"r1"})");
  anna.expect_members(R"({"code":"unknown_type","ref":"r1"})");
  anna.push(R"({"type":"recv","ref":"r2"})");
  anna.expect_members(R"({"code":"bad_frame","ref":"r2"})");
  anna.push(R"({"type":"user","to_id":"b","message":"m","id":"carla","cid":"c1","ref":"r3"})");
  anna.expect_members(R"({"code":"forbidden","cid":"c1","ref":"r3"})");
  anna.push(R"({"type":"ping","ref":"r4")");
  anna.expect_members(R"({"code":"bad_json","ref":"r4"})");
  around.kill_readers();
  anna.push(R"({"type":"history","with":"boris","ref":"r5"})");
  anna.expect_members(R"({"code":"unavailable","ref":"r5"})");
  anna.push(R"({"type":"conversations"})");
  anna.expect_members(R"({"code":"unavailable","ref":null})");
}

TEST_CASE("a plain client's ref is ignored", "[ref]") {
  world around{with_store()};
  auto& anna = around.connect();
  anna.push(R"({"type":"system","projectId":"p","id":"anna","ref":7})");
  anna.expect_acknowledgement();
  anna.push(R"({"type":"user","to_id":"","message":"hi","ref":"r1"})");
  anna.expect_members(R"({"type":"system","error":"bad_frame","ref":null})");
}

} // namespace klatch::test
