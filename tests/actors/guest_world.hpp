#pragma once
/// Visitors without a token, under virtual time.
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"
#include "tests/messages/signed_tokens.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace klatch::test {

inline world_options letting_guests_in(world_options chosen = {}) {
  chosen.access = rules_with_guests("anna");
  return chosen;
}

/// A world in which guests may write to anna first, and whose tokens last an hour.
class guest_world : public world {
public:
  explicit guest_world(const world_options& chosen = letting_guests_in()) : world(chosen) {
    wall_clock() = token_time * 1000;
  }

  /// Time passes, on both clocks.
  void pass(std::chrono::milliseconds time) {
    wall_clock() += time.count();
    advance(time);
  }
};

struct guest {
  client& device;
  std::string id;
  std::string token;
};

constexpr const char* asks =
    R"({"type":"system","v":2,"guest":true,"projectId":"p","name":"Visitor"})";

inline nlohmann::json welcome_of(client& device) {
  auto welcome = nlohmann::json::parse(device.next());
  REQUIRE(welcome.at("type") == "welcome");
  return welcome;
}

inline guest arrive(guest_world& around, const std::string& peer = "192.0.2.1") {
  auto& device = around.connect(peer);
  device.push(asks);
  const auto welcome = welcome_of(device);
  return {device, welcome.at("id"), welcome.at("token")};
}

inline std::string with_token(const std::string& token, const std::string& more = {}) {
  return R"({"type":"system","v":2,"name":"Visitor","token":")" + token + '"' + more + '}';
}

inline std::string site_token(const std::string& user) {
  return signed_by(secret_key(), R"({"sub":")" + user + R"(","project":"p","exp":1763803600})");
}

inline client& join_user(guest_world& around, const std::string& user) {
  auto& device = around.connect();
  device.push(R"({"type":"system","v":2,"token":")" + site_token(user) + "\"}");
  device.expect_members(R"({"type":"welcome","role":"user","token":null})");
  return device;
}

inline client& join_plain_user(guest_world& around, const std::string& user) {
  auto& device = around.connect();
  device.push(R"({"type":"system","token":")" + site_token(user) + "\"}");
  device.expect_acknowledgement();
  return device;
}

} // namespace klatch::test
