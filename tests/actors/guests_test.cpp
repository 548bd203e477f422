// Visitors without a token: the service gives them one, by which they are known when they come
// back.
#include "actors/connection/guest_limit.hpp"
#include "messages/auth/token.hpp"
#include "tests/actors/guest_world.hpp"

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

constexpr const char* unauthorized = R"({"type":"error","code":"unauthorized","guests":true})";

} // namespace

// -- who they are ---------------------------------------------------------------------------------

TEST_CASE("a visitor gets an id, a token and the role of a guest", "[guests]") {
  guest_world around;
  auto& visitor = around.connect();
  visitor.push(asks);
  const auto welcome = welcome_of(visitor);
  CHECK(is_guest_id(welcome.at("id").get<std::string>()));
  CHECK(welcome.at("project") == "p");
  CHECK(welcome.at("name") == "Visitor");
  CHECK(welcome.at("role") == "guest");
  CHECK(welcome.at("exp") == token_time + 3600);
  CHECK_FALSE(welcome.contains("insecure"));
  CHECK(around.counted().new_guests.all()[0].value() == 1);
  CHECK(around.counted().guests.value() == 1);
  visitor.push_close();
  around.run();
  CHECK(around.counted().guests.value() == 0);
}

TEST_CASE("two visitors are two guests, and their tokens are theirs alone", "[guests]") {
  guest_world around;
  const auto one = arrive(around);
  const auto other = arrive(around);
  CHECK(one.id != other.id);
  const auto claims = std::get<token_claims>(verify(one.token, rules_with_guests(), token_time));
  CHECK(claims.user == one.id);
  CHECK(claims.as == role::guest);
}

TEST_CASE("with its token a guest is the same one", "[guests]") {
  guest_world around;
  const auto before = arrive(around);
  before.device.push_close();
  auto& again = around.connect();
  again.push(with_token(before.token));
  const auto welcome = welcome_of(again);
  CHECK(welcome.at("id") == before.id);
  CHECK(welcome.at("role") == "guest");
  CHECK_FALSE(welcome.contains("token"));
}

TEST_CASE("a guest of another service is refused", "[guests]") {
  guest_world around;
  const auto before = arrive(around);
  auto rules = rules_with_guests();
  rules.guests->key.material.front() = 'x';
  around.set_access(rules);
  auto& again = around.connect();
  again.push(with_token(before.token));
  again.expect_members(unauthorized);
  again.expect_close(close_code::not_registered);
}

TEST_CASE("over half of its life a token is followed by the next one", "[guests]") {
  guest_world around;
  const auto before = arrive(around);
  before.device.push_close();
  const auto welcome_after = [&](std::chrono::minutes time) {
    around.pass(time);
    auto& again = around.connect();
    again.push(with_token(before.token));
    auto welcome = welcome_of(again);
    CHECK(welcome.at("id") == before.id);
    return welcome;
  };
  const auto early = welcome_after(29min);
  CHECK_FALSE(early.contains("token"));
  CHECK(early.at("exp") == token_time + 3600);
  const auto late = welcome_after(2min);
  CHECK(late.contains("token"));
  CHECK(late.at("exp") == token_time + 31 * 60 + 3600);
}

TEST_CASE("each refresh brings the next token", "[guests]") {
  guest_world around;
  const auto visitor = arrive(around);
  around.pass(1min);
  visitor.device.push(R"({"type":"refresh","ref":"r","token":")" + visitor.token + "\"}");
  const auto answer = nlohmann::json::parse(visitor.device.next());
  CHECK(answer.at("type") == "refreshed");
  CHECK(answer.at("exp") == token_time + 60 + 3600);
  around.pass(3599s);
  auto& again = around.connect();
  again.push(with_token(answer.at("token")));
  CHECK(welcome_of(again).at("id") == visitor.id);
}

TEST_CASE("a guest who does not come back in time is another one", "[guests]") {
  guest_world around;
  const auto before = arrive(around);
  before.device.push_close();
  around.pass(3631s);
  auto& again = around.connect();
  again.push(with_token(before.token));
  again.expect_members(R"({"type":"error","code":"token_expired","guests":true})");
}

TEST_CASE("a visitor has a project, and no id of its own", "[guests]") {
  guest_world around;
  auto& visitor = around.connect();
  visitor.push(R"({"type":"system","v":2,"guest":true,"projectId":"p","id":"7"})");
  visitor.expect_members(R"({"type":"error","code":"forbidden"})");
  visitor.push(R"({"type":"system","v":2,"guest":true,"name":"Visitor"})");
  visitor.expect_error(error_code::bad_frame); // It may be mended, in whichever dialect.
  visitor.push(asks);
  visitor.expect_members(R"({"type":"welcome","role":"guest"})");
}

TEST_CASE("guests are of projects that there are keys for", "[guests]") {
  auto chosen = letting_guests_in();
  chosen.access.keys.front().projects = {"shop", "p"};
  guest_world around{chosen};
  arrive(around);
  auto& visitor = around.connect();
  visitor.push(R"({"type":"system","v":2,"guest":true,"projectId":"q"})");
  visitor.expect_members(R"({"type":"error","code":"forbidden"})");
}

TEST_CASE("in open mode nobody registers with a guest's id", "[guests]") {
  world around;
  auto& visitor = around.join_extended("g-0123456789abcdefghij_-");
  visitor.expect_members(R"({"type":"error","code":"forbidden"})");
  visitor.push(R"({"type":"system","id":"g-of-another-form","projectId":"p"})");
  visitor.expect_acknowledgement();
}

TEST_CASE("in open mode there are no guests", "[guests]") {
  world around;
  auto& visitor = around.connect();
  visitor.push(asks);
  visitor.expect_error(error_code::bad_frame);
}

// -- who is told of the way in --------------------------------------------------------------------

TEST_CASE("who has no token is told that guests may come", "[guests]") {
  guest_world around;
  auto& extended = around.connect();
  extended.push(R"({"type":"system","v":2,"projectId":"p","id":"7"})");
  extended.expect_members(unauthorized);
  auto& plain = around.connect();
  plain.push_registration("7", "p");
  plain.expect_members(R"({"type":"system","error":"unauthorized","guests":true})");
}

TEST_CASE("where guests are not let in nobody is told that they are", "[guests]") {
  auto chosen = letting_guests_in();
  chosen.access.guests.reset();
  guest_world around{chosen};
  auto& visitor = around.connect();
  visitor.push(asks);
  visitor.expect_members(R"({"type":"error","code":"unauthorized","guests":null})");
  visitor.expect_close(close_code::not_registered);
}

TEST_CASE("a plain client cannot become a guest, and can be one", "[guests]") {
  guest_world around;
  auto& plain = around.connect();
  plain.push(R"({"type":"system","guest":true,"projectId":"p"})");
  plain.expect_error(error_code::unauthorized);
  const auto before = arrive(around);
  auto& again = around.connect();
  again.push(R"({"type":"system","token":")" + before.token + "\"}");
  again.expect_acknowledgement();
}

TEST_CASE("a token decides, and a cookie that is over does not keep a visitor out", "[guests]") {
  guest_world around;
  auto& user = around.connect("192.0.2.1", site_token("7"));
  user.push(asks);
  user.expect_members(R"({"type":"welcome","id":"7","role":"user"})");
  auto& visitor = around.connect("192.0.2.1", site_token("7") + 'x');
  visitor.push(asks);
  visitor.expect_members(R"({"type":"welcome","role":"guest"})");
  visitor.push(R"({"type":"system","v":2,"name":"Mia"})");
  visitor.expect_members(R"({"type":"welcome","role":"guest","name":"Mia"})");
}

// -- reloads --------------------------------------------------------------------------------------

TEST_CASE("a reload without guests lets those go on who are there, and nobody come back",
          "[guests]") {
  auto chosen = letting_guests_in();
  chosen.token_failures = 1;
  guest_world around{chosen};
  const auto visitor = arrive(around);
  around.set_access(site_rules());
  visitor.device.push(R"({"type":"ping"})");
  visitor.device.expect_members(R"({"type":"pong"})");
  for (int i = 0; i < 3; ++i) { // None of them counts as a token that nobody has signed.
    auto& again = around.connect();
    again.push(with_token(visitor.token));
    again.expect_members(R"({"type":"error","code":"unauthorized","guests":null})");
  }
  join_user(around, "7");
  visitor.device.push(R"({"type":"refresh","token":")" + visitor.token + "\"}");
  visitor.device.expect_members(R"({"type":"error","code":"unauthorized"})");
  visitor.device.expect_close(close_code::not_registered);
}

// -- how many -------------------------------------------------------------------------------------

TEST_CASE("of one address only so many guests come a minute", "[guests]") {
  auto chosen = letting_guests_in();
  chosen.new_guests = 5;
  guest_world around{chosen};
  for (int i = 0; i < 5; ++i)
    arrive(around, "192.0.2.66");
  auto& sixth = around.connect("192.0.2.66");
  sixth.push(R"({"type":"system","v":2,"guest":true,"projectId":"p","ref":"r0"})");
  sixth.expect_members(R"({"type":"error","code":"rate_limited","retry_ms":12000,"ref":"r0"})");
  CHECK(around.counted().new_guests.all()[1].value() == 1);
  arrive(around, "192.0.2.7");
  around.pass(9s);
  sixth.expect_nothing();
  around.pass(4s);
  sixth.expect_error(error_code::not_registered);
  arrive(around, "192.0.2.66");
}

TEST_CASE("who comes back is no new guest", "[guests]") {
  auto chosen = letting_guests_in();
  chosen.new_guests = 1;
  guest_world around{chosen};
  const auto before = arrive(around);
  for (int i = 0; i < 10; ++i) {
    auto& again = around.connect();
    again.push(with_token(before.token));
    again.expect_members(R"({"type":"welcome"})");
  }
}

TEST_CASE("addresses that are limited do not pile up", "[guests]") {
  actors::guest_limit limit{1};
  const auto now = actors::guest_limit::clock::time_point{1h};
  const auto address = [](std::size_t number) { return "2001:db8:" + std::to_string(number); };
  constexpr auto most = actors::recent_addresses<int>::max_addresses;
  for (std::size_t number = 0; number < most; ++number)
    limit.take(address(number), now);
  CHECK(limit.take(address(0), now) == 60s);
  CHECK(limit.take(address(most), now) == 0s);
  CHECK(limit.take(address(0), now) == 60s);
  CHECK(limit.take(address(1), now) == 0s); // it was forgotten
}

TEST_CASE("guests send a quarter as often as others", "[guests]") {
  auto chosen = letting_guests_in();
  chosen.allowed = limits{};
  guest_world around{chosen};
  join_user(around, "anna");
  auto& visitor = around.connect();
  visitor.push(asks);
  CHECK(welcome_of(visitor).at("limits").at("send_rate") == 5);
  for (int i = 0; i < 16; ++i)
    visitor.push_message("anna", "hi", "c1");
  for (int i = 0; i < 15; ++i)
    visitor.expect_members(R"({"type":"ack"})");
  visitor.expect_members(R"({"code":"rate_limited","retry_ms":200})");
  CHECK(send_rate_of_guests(0) == 0);
  CHECK(send_rate_of_guests(1) == 1);
}

} // namespace klatch::test
