// Who may come in where the service has keys.
#include "messages/auth/key_text.hpp"
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"
#include "tests/messages/signed_tokens.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

constexpr std::int64_t start_ms = token_time * 1000;

world_options with_keys() {
  world_options chosen;
  chosen.access = site_rules();
  return chosen;
}

/// A world in which the site's tokens are good.
class signing_world : public world {
public:
  explicit signing_world(const world_options& chosen = with_keys()) : world(chosen) {
    wall_clock() = start_ms;
  }

  /// Time passes, on both clocks.
  void pass(std::chrono::milliseconds time) {
    wall_clock() += time.count();
    advance(time);
  }
};

/// A token for an hour; `more` as it stands in the JSON, with a comma before it.
std::string token_of(const std::string& user, const std::string& more = {},
                     std::int64_t expires = token_time + 3600) {
  return signed_by(secret_key(), R"({"sub":")" + user +
                                     R"(","project":"p","iat":1763800000,"exp":)" +
                                     std::to_string(expires) + more + '}');
}

std::string registration_with(const std::string& token, const std::string& more = {}) {
  return R"({"type":"system","token":")" + token + '"' + more + '}';
}

std::string extended_with(const std::string& token, const std::string& more = {}) {
  return registration_with(token, R"(,"v":2)" + more);
}

std::string refresh_with(const std::string& token) {
  return R"({"type":"refresh","ref":"r","token":")" + token + "\"}";
}

constexpr const char* refused = R"({"type":"error","code":"unauthorized","temporary":false})";

} // namespace

TEST_CASE("a token registers, in both dialects", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna", R"(,"name":"Anna K.","role":"moderator")")));
  anna.expect_members(R"({"type":"welcome","id":"anna","project":"p","name":"Anna K.",)"
                      R"("role":"moderator","exp":1763803600,"insecure":null})");
  auto& boris = around.connect();
  boris.push(registration_with(token_of("boris")));
  boris.expect_acknowledgement();
  boris.push_message("anna", "hi");
  anna.expect_members(R"({"type":"usermsg","from":"boris","name":"boris"})");
}

TEST_CASE("without a token nobody comes in", "[sign_in]") {
  signing_world around;
  auto& plain = around.connect();
  plain.push_registration("anna", "p");
  plain.expect_error(error_code::unauthorized);
  plain.expect_close(close_code::not_registered);
  CHECK(plain.transport().reason() == "unauthorized");
  auto& extended = around.join_extended("anna");
  extended.expect_members(refused);
  extended.expect_close(close_code::not_registered);
}

TEST_CASE("a token that is refused says no more than that", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna") + 'x'));
  anna.expect_members(
      R"({"code":"unauthorized","message":"a token is needed that this server accepts"})");
  anna.expect_close(close_code::not_registered);
}

TEST_CASE("what the frame says besides has to be the token's", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  SECTION("the same") {
    anna.push(extended_with(token_of("7"), R"(,"id":7,"projectId":"p")"));
    anna.expect_members(R"({"type":"welcome","id":"7"})");
  }
  SECTION("another user") {
    anna.push(extended_with(token_of("7"), R"(,"id":8)"));
    anna.expect_members(R"({"type":"error","code":"forbidden"})");
    anna.expect_nothing();
  }
  SECTION("another project") {
    anna.push(extended_with(token_of("7"), R"(,"projectId":"q")"));
    anna.expect_members(R"({"type":"error","code":"forbidden"})");
  }
}

TEST_CASE("a name that a token says is what others see", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(registration_with(token_of("anna", R"(,"name":"Anna K.","color":"#F00")"),
                              R"(,"name":"The Boss","color":"#0F0")"));
  anna.expect_acknowledgement();
  auto& boris = around.connect();
  boris.push(registration_with(token_of("boris"), R"(,"name":"Boris")"));
  boris.expect_acknowledgement();
  SECTION("whatever a frame says") {
    anna.push(R"({"type":"user","to_id":"boris","message":"hi","name":"The Boss","color":"blue"})");
    boris.expect_members(R"({"type":"usermsg","name":"Anna K.","color":"#F00"})");
  }
  SECTION("also after another registration") {
    anna.push(R"({"type":"system","id":"anna","projectId":"p","name":"The Boss"})");
    anna.expect_acknowledgement();
    anna.push_message("boris", "hi");
    boris.expect_members(R"({"type":"usermsg","name":"Anna K.","color":"#F00"})");
  }
  SECTION("and one that it does not say the user may choose") {
    boris.push(R"({"type":"system","id":"boris","projectId":"p","name":"B."})");
    boris.expect_acknowledgement();
    boris.push_message("anna", "hi");
    anna.expect_members(R"({"type":"usermsg","name":"B."})");
  }
}

TEST_CASE("a connection stays one user's", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna")));
  anna.expect_members(R"({"type":"welcome"})");
  SECTION("by a registration") {
    anna.push(extended_with(token_of("boris")));
    anna.expect_members(R"({"type":"error","code":"forbidden"})");
  }
  SECTION("by its own word") {
    anna.push(R"({"type":"system","v":2,"id":"boris","projectId":"p"})");
    anna.expect_members(R"({"type":"error","code":"forbidden"})");
  }
  SECTION("by a refresh") {
    anna.push(refresh_with(token_of("boris")));
    anna.expect_members(R"({"type":"error","code":"forbidden","ref":"r"})");
  }
  anna.push(R"({"type":"ping"})");
  anna.expect_members(R"({"type":"pong"})");
}

TEST_CASE("the token of the upgrade counts where the frame has none", "[sign_in]") {
  signing_world around;
  auto& page_of_2015 = around.connect("192.0.2.1", token_of("7"));
  page_of_2015.push(R"({"type":"system","id":7,"projectId":"p","name":"mks"})");
  page_of_2015.expect_acknowledgement();
  auto& other = around.connect("192.0.2.1", token_of("7"));
  other.push(registration_with(token_of("8")));
  other.expect_acknowledgement();
  other.push_message("7", "hi");
  page_of_2015.expect_members(R"({"type":"usermsg","from":"8"})");
}

TEST_CASE("a token is renewed before its end", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna", "", token_time + 60)));
  anna.expect_members(R"({"type":"welcome","exp":1763800060})");
  around.pass(34s);
  anna.expect_nothing();
  around.pass(2s);
  anna.expect_members(R"({"type":"expiring","in_ms":25000})");
  SECTION("and goes on") {
    anna.push(refresh_with(token_of("anna", "", token_time + 3600)));
    anna.expect_members(R"({"type":"refreshed","ref":"r","exp":1763803600})");
    around.pass(60s);
    anna.expect_nothing();
    around.pass(3480s);
    anna.expect_members(R"({"type":"expiring"})");
  }
  SECTION("or ends, 25 s after it") {
    around.pass(48s);
    anna.expect_nothing();
    around.pass(3s);
    anna.expect_members(R"({"type":"error","code":"token_expired"})");
    anna.expect_close(close_code::not_registered);
    CHECK(anna.transport().reason() == "token_expired");
  }
  SECTION("and a refresh that is refused ends it") {
    anna.push(refresh_with(token_of("anna", "", token_time - 60)));
    anna.expect_members(R"({"type":"error","code":"token_expired","ref":"r"})");
    anna.expect_close(close_code::not_registered);
  }
}

TEST_CASE("who comes with a token that is nearly over has little time", "[sign_in]") {
  struct sample {
    int left; ///< of the token, in seconds
    std::string expiring;
    std::chrono::seconds to_close; ///< from when it is told
  };
  // Within the leeway, over for as long as that, and with some seconds left.
  const auto [left, expiring, to_close] =
      GENERATE(sample{5, R"({"type":"expiring","in_ms":4000})", 29s},
               sample{-5, R"({"type":"expiring","in_ms":0})", 19s},
               sample{-29, R"({"type":"expiring","in_ms":0})", 15s});
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna", "", token_time + left)));
  anna.expect_members(R"({"type":"welcome"})");
  around.pass(2s); // a tick, and one more
  anna.expect_members(expiring);
  around.pass(to_close - 3s);
  anna.expect_nothing();
  around.pass(4s);
  anna.expect_members(R"({"type":"error","code":"token_expired"})");
  anna.expect_close(close_code::not_registered);
}

TEST_CASE("nothing is said of a token's end before the registration is answered", "[sign_in]") {
  signing_world around;
  const auto& busy = around.shards().shard_of(key_of("anna"));
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna", "", token_time - 5)));
  for (int seconds = 0; seconds < 3; ++seconds)
    around.advance_all_but(busy, 1s);
  anna.expect_members(R"({"type":"welcome"})");
  anna.expect_nothing();
  around.pass(2s);
  anna.expect_members(R"({"type":"expiring","in_ms":0})");
  around.pass(14s);
  anna.expect_nothing();
  around.pass(4s);
  anna.expect_members(R"({"type":"error","code":"token_expired"})");
}

TEST_CASE("a plain client is told nothing before its end", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(registration_with(token_of("anna", "", token_time + 60)));
  anna.expect_acknowledgement();
  around.pass(36s);
  around.pass(44s);
  anna.expect_nothing();
  around.pass(7s);
  anna.expect_error(error_code::token_expired);
  anna.expect_close(close_code::not_registered);
}

TEST_CASE("a clock that is set throws nobody out", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna", "", token_time + 600)));
  anna.expect_members(R"({"type":"welcome"})");
  around.wall_clock() += 3'600'000;
  around.advance(500s);
  anna.expect_nothing();
  around.wall_clock() -= 7'200'000;
  around.advance(80s);
  anna.expect_members(R"({"type":"expiring"})");
}

TEST_CASE("an expired token is another matter than a wrong one", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna", "", token_time - 31)));
  anna.expect_members(R"({"type":"error","code":"token_expired"})");
  anna.expect_close(close_code::not_registered);
}

TEST_CASE("a refresh leaves the name that the client has chosen", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna"), R"(,"name":"Anna K.","color":"#F00")"));
  anna.expect_members(R"({"type":"welcome","name":"Anna K."})");
  anna.push(refresh_with(token_of("anna")));
  anna.expect_members(R"({"type":"refreshed"})");
  auto& boris = around.connect();
  boris.push(extended_with(token_of("boris")));
  boris.expect_members(R"({"type":"welcome"})");
  anna.push_message("boris", "hi", "c1");
  boris.expect_members(R"({"type":"usermsg","name":"Anna K.","color":"#F00"})");
}

TEST_CASE("a refresh where keys are no longer asked for is refused", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna")));
  anna.expect_members(R"({"type":"welcome"})");
  around.set_access({});
  anna.push(refresh_with(token_of("anna")));
  anna.expect_members(R"({"type":"error","code":"bad_frame","ref":"r"})");
  anna.push(R"({"type":"ping"})");
  anna.expect_members(R"({"type":"pong"})");
}

TEST_CASE("refreshes count as sends", "[sign_in]") {
  auto chosen = with_keys();
  chosen.allowed = limits{};
  signing_world around{chosen};
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna")));
  anna.expect_members(R"({"type":"welcome"})");
  for (int i = 0; i < 100; ++i)
    anna.push(refresh_with(token_of("anna")));
  int limited = 0;
  for (int i = 0; i < 100; ++i)
    limited += anna.next().find("rate_limited") != std::string::npos ? 1 : 0;
  CHECK(limited > 30);
}

TEST_CASE("who fails too often is not looked at", "[sign_in]") {
  auto chosen = with_keys();
  chosen.token_failures = 3;
  signing_world around{chosen};
  const auto fail = [&] {
    auto& bad = around.connect("192.0.2.66");
    bad.push(extended_with(token_of("anna") + 'x'));
    bad.expect_members(refused);
  };
  for (int i = 0; i < 3; ++i)
    fail();
  auto& good = around.connect("192.0.2.66");
  good.push(extended_with(token_of("anna")));
  good.expect_members(R"({"type":"welcome"})");
  fail();
  auto& late = around.connect("192.0.2.66");
  late.push(extended_with(token_of("anna")));
  late.expect_members(refused);
  auto& other = around.connect("192.0.2.7");
  other.push(extended_with(token_of("anna")));
  other.expect_members(R"({"type":"welcome"})");
  around.pass(61s);
  auto& again = around.connect("192.0.2.66");
  again.push(extended_with(token_of("anna")));
  again.expect_members(R"({"type":"welcome"})");
}

TEST_CASE("tokens that the site has signed and that are over are no failures", "[sign_in]") {
  auto chosen = with_keys();
  chosen.token_failures = 3;
  signing_world around{chosen};
  for (int i = 0; i < 10; ++i) {
    auto& late = around.connect("192.0.2.66");
    late.push(extended_with(token_of("anna", "", token_time - 600)));
    late.expect_members(R"({"code":"token_expired"})");
  }
  auto& good = around.connect("192.0.2.66");
  good.push(extended_with(token_of("anna")));
  good.expect_members(R"({"type":"welcome"})");
}

TEST_CASE("a reload puts out whose tokens were revoked", "[sign_in]") {
  signing_world around;
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna")));
  anna.expect_members(R"({"type":"welcome"})");
  auto& boris = around.connect();
  boris.push(extended_with(token_of("boris")));
  boris.expect_members(R"({"type":"welcome"})");
  auto rules = site_rules();
  rules.not_before[key_of("anna")] = token_time + 10;
  around.set_access(rules);
  anna.expect_members(refused);
  anna.expect_close(close_code::not_registered);
  boris.expect_nothing();
  around.set_access(rules);
  boris.expect_nothing();
}

TEST_CASE("who came in open mode goes when there are keys", "[sign_in]") {
  world around;
  auto& anna = around.join_extended("anna");
  anna.expect_members(R"({"type":"welcome","insecure":true,"role":"user"})");
  around.set_access(site_rules());
  anna.expect_members(refused);
  anna.expect_close(close_code::not_registered);
}

namespace {

/// Keys come from elsewhere, and have not come yet.
world_options with_keys_to_come() {
  world_options chosen;
  chosen.access.awaits_keys = true;
  chosen.access.wanted = std::make_shared<wanted_keys>(wanted_keys::times{}, [] {});
  chosen.token_failures = 3;
  return chosen;
}

/// The provider's.
const key_pair& their_key() {
  static const auto made = make_ec_key();
  return made;
}

std::string their_token(const std::string& kid) {
  return signed_with(their_key(), R"({"sub":"anna","project":"p","exp":1763803600})", kid);
}

constexpr const char* told_to_wait =
    R"({"type":"error","code":"unavailable","temporary":true,)"
    R"("message":"The key of this token is looked for: try again in a moment"})";

} // namespace

TEST_CASE("whose token's key is looked for is told to come back", "[sign_in][jwks]") {
  const auto chosen = with_keys_to_come();
  signing_world around{chosen};
  auto& extended = around.connect();
  extended.push(extended_with(their_token("k")));
  extended.expect_members(told_to_wait);
  extended.expect_close(close_code::internal_error);
  auto& plain = around.connect();
  plain.push(registration_with(their_token("k")));
  plain.expect_error(error_code::unavailable);
  plain.expect_close(close_code::internal_error);
  auto rules = chosen.access;
  SECTION("the key comes") {
    rules.keys = parse_key_set(R"({"keys":[)" + jwk_of(their_key(), "k") + "]}");
    around.set_access(rules);
    auto& again = around.connect();
    again.push(extended_with(their_token("k")));
    again.expect_members(R"({"type":"welcome","id":"anna"})");
  }
  SECTION("it does not come") {
    rules.wanted->in_force(rules.wanted->begin_fetch({}));
    auto& again = around.connect();
    again.push(extended_with(their_token("k")));
    again.expect_members(refused);
    again.expect_close(close_code::not_registered);
  }
}

TEST_CASE("only a public key is looked for, and only where it may be", "[sign_in][jwks]") {
  signing_world around{with_keys_to_come()};
  const auto expect_refusal = [&](const std::string& token) {
    auto& client = around.connect("192.0.2." + std::to_string(token.size() % 200));
    client.push(extended_with(token));
    client.expect_members(refused);
  };
  expect_refusal(token_of("anna")); // HS256
  expect_refusal(signed_by(secret_key(), "{}", R"({"alg":"none","kid":"k"})"));
  expect_refusal(signed_by(secret_key(), "{}", R"({"alg":"HS512","kid":"k"})"));
  expect_refusal("x.y.z");
  expect_refusal(signed_with(their_key(), "{}", std::string(65, 'k')));
  around.set_access(site_rules());
  expect_refusal(their_token("k"));
}

TEST_CASE("who waits for a key is not counted as who fails", "[sign_in][jwks]") {
  signing_world around{with_keys_to_come()};
  for (int times = 0; times < 10; ++times) {
    auto& client = around.connect("192.0.2.66");
    client.push(extended_with(their_token("k" + std::to_string(times))));
    client.expect_members(told_to_wait);
  }
}

TEST_CASE("a refresh whose key is looked for may come again", "[sign_in][jwks]") {
  auto chosen = with_keys_to_come();
  chosen.access.keys = site_rules().keys;
  signing_world around{chosen};
  auto& anna = around.connect();
  anna.push(extended_with(token_of("anna")));
  anna.expect_members(R"({"type":"welcome"})");
  anna.push(refresh_with(their_token("k")));
  anna.expect_members(told_to_wait);
  anna.expect_nothing();
  auto rules = chosen.access;
  rules.keys = parse_key_set(R"({"keys":[)" + jwk_of(their_key(), "k") + "]}");
  around.set_access(rules);
  anna.push(refresh_with(their_token("k")));
  anna.expect_members(R"({"type":"refreshed","ref":"r"})");
}

} // namespace klatch::test
