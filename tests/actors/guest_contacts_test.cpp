// To whom visitors without a token may write, and what of them is stored.
#include "actors/connection/introductions.hpp"
#include "tests/actors/guest_world.hpp"
#include "tests/store/forwarding_store.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace klatch::test {

using namespace std::chrono_literals;

namespace {

/// Counts what it is asked to write.
class counting_store final : public forwarding_store {
public:
  counting_store() : forwarding_store(store::make_memory_store("e")) {}

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    ++appends;
    return forwarding_store::append(batch, now);
  }
  void note_profile(const user_key& user, const store::profile& now) override {
    profiles.push_back(user.user.str() + ' ' + now.name);
    forwarding_store::note_profile(user, now);
  }

  int appends = 0;
  std::vector<std::string> profiles;
};

constexpr const char* forbidden = R"({"type":"error","code":"forbidden","cid":"c1"})";

} // namespace

TEST_CASE("a guest writes to a contact, and others see that it is one", "[guests]") {
  guest_world around;
  auto& anna = join_user(around, "anna");
  auto& plain = join_plain_user(around, "anna");
  const auto visitor = arrive(around);
  visitor.device.push_message("anna", "hi", "c1");
  visitor.device.expect_members(R"({"type":"ack","cid":"c1"})");
  anna.expect_members(R"({"type":"usermsg","name":"Visitor","role":"guest","message":"hi"})");
  plain.expect_members(R"({"type":"usermsg","name":"~Visitor","message":"hi"})");
  anna.push_message(visitor.id, "hello", "c2");
  visitor.device.expect_members(R"({"type":"usermsg","name":"anna","role":null})");
}

TEST_CASE("without a store a guest answers who has written since it came", "[guests]") {
  guest_world around;
  auto& boris = join_user(around, "boris");
  const auto visitor = arrive(around);
  visitor.device.push_message("boris", "hi", "c1");
  visitor.device.expect_members(forbidden);
  boris.push_message(visitor.id, "hello", "c2");
  visitor.device.expect_members(R"({"type":"usermsg","from":"boris"})");
  visitor.device.push_message("boris", "hi", "c1");
  visitor.device.expect_members(R"({"type":"ack"})");
  visitor.device.push_message("clara", "hi", "c1");
  visitor.device.expect_members(forbidden);
  // And so does one that comes back, once there is a message for it.
  auto& again = around.connect();
  again.push(with_token(visitor.token));
  again.expect_members(R"({"type":"welcome"})");
  again.push_message("boris", "hi", "c1");
  again.expect_members(forbidden);
  boris.push_message(visitor.id, "still there?", "c3");
  again.expect_members(R"({"type":"usermsg"})");
  again.push_message("boris", "yes", "c1");
  again.expect_members(R"({"type":"ack"})");
}

TEST_CASE("of those who have written the last are known", "[guests]") {
  actors::introductions known;
  for (std::size_t number = 0; number <= actors::introductions::most; ++number)
    known.add("user-" + std::to_string(number));
  CHECK_FALSE(known.has("user-0"));
  CHECK(known.has("user-1"));
  CHECK(known.has("user-64"));
}

TEST_CASE("what is stored of a guest says that it is one", "[guests]") {
  guest_world around{letting_guests_in(with_store())};
  const auto visitor = arrive(around);
  visitor.device.push_message("anna", "hi", "c1");
  visitor.device.expect_members(R"({"type":"ack","n":1,"seq":1})");
  auto& plain = join_plain_user(around, "anna");
  plain.expect_members(R"({"type":"usermsg","name":"~Visitor"})");
  auto& anna = join_user(around, "anna");
  visitor.device.push_message("anna", "there", "c2");
  anna.expect_members(R"({"type":"usermsg","name":"Visitor","role":"guest","n":2})");
  plain.expect_members(R"({"type":"usermsg","name":"~Visitor"})");
  anna.push(R"({"type":"conversations"})");
  const auto page = nlohmann::json::parse(anna.next());
  const auto& row = page.at("conversations").at(0);
  CHECK(row.at("peer") == nlohmann::json({{"name", "Visitor"}, {"color", ""}, {"role", "guest"}}));
  CHECK(row.at("last").at("role") == "guest");
  anna.push(R"({"type":"history","with":")" + visitor.id + "\"}");
  CHECK(nlohmann::json::parse(anna.next()).at("messages").at(0).at("role") == "guest");
}

TEST_CASE("nothing is stored of a guest before there is a message", "[guests]") {
  const auto store = std::make_shared<counting_store>();
  world_options with_that;
  with_that.store = store;
  guest_world around{letting_guests_in(with_that)};
  auto& boris = join_user(around, "boris");
  around.run();
  store->profiles.clear();
  for (int i = 0; i < 200; ++i)
    arrive(around);
  const auto visitor = arrive(around);
  visitor.device.push_message("boris", "hi", "c1");
  visitor.device.expect_members(R"({"code":"forbidden"})");
  around.pass(30s);
  CHECK(store->profiles.empty());
  SECTION("of its own") {
    visitor.device.push_message("anna", "hi", "c2");
    visitor.device.expect_members(R"({"type":"ack"})");
    visitor.device.push_message("anna", "there", "c3");
    visitor.device.expect_members(R"({"type":"ack"})");
    CHECK(store->profiles == std::vector{visitor.id + " Visitor"});
    // From then on it is as everybody's.
    auto& again = around.connect();
    again.push(R"({"type":"system","v":2,"name":"Mia","token":")" + visitor.token + "\"}");
    again.expect_members(R"({"type":"welcome","name":"Mia"})");
    CHECK(store->profiles.back() == visitor.id + " Mia");
  }
  SECTION("or to it") {
    boris.push_message(visitor.id, "hello", "c2");
    boris.expect_members(R"({"type":"ack"})");
    CHECK(store->profiles == std::vector{visitor.id + " Visitor"});
  }
}

TEST_CASE("a guest answers whoever has written, whenever that was", "[guests]") {
  auto chosen = letting_guests_in(with_store());
  guest_world around{chosen};
  auto& boris = join_user(around, "boris");
  const auto visitor = arrive(around);
  visitor.device.push_message("boris", "hi", "c1");
  visitor.device.expect_members(
      R"({"code":"forbidden","cid":"c1","message":"a guest may write to the contacts of this service, and to whoever has written to them"})");
  boris.expect_nothing();
  visitor.device.push_message(visitor.id, "note", "c2");
  visitor.device.expect_members(R"({"code":"forbidden","cid":"c2"})");
  boris.push_message(visitor.id, "hello", "c3");
  boris.expect_members(R"({"type":"ack"})");
  visitor.device.expect_members(R"({"type":"usermsg","from":"boris"})");
  visitor.device.push_close();
  around.run();
  guest_world later{chosen}; // of the same store
  auto& again = later.connect();
  again.push(with_token(visitor.token));
  again.expect_members(R"({"type":"welcome"})");
  again.push_message("boris", "hi", "c4");
  again.expect_members(R"({"type":"ack","n":2})");
  again.push_message("clara", "hi", "c5");
  again.expect_members(R"({"code":"forbidden","cid":"c5"})");
}

TEST_CASE("what a guest had stored is acknowledged again, whoever is a contact now", "[guests]") {
  guest_world around{letting_guests_in(with_store())};
  const auto visitor = arrive(around);
  visitor.device.push_message("anna", "hi", "c1");
  visitor.device.expect_members(R"({"type":"ack","mid":"1"})");
  around.set_access(rules_with_guests("boris"));
  visitor.device.push_message("anna", "hi", "c1");
  visitor.device.expect_members(R"({"type":"ack","mid":"1"})");
  visitor.device.push_message("anna", "hi", "c2");
  visitor.device.expect_members(R"({"code":"forbidden","cid":"c2"})");
}

// -- what they are told ---------------------------------------------------------------------------

TEST_CASE("guests are not told who leaves, and when one leaves its name is marked", "[guests]") {
  auto chosen = letting_guests_in();
  chosen.announces = departure_notices::name;
  guest_world around{chosen};
  const auto visitor = arrive(around);
  auto& anna = join_user(around, "anna");
  join_user(around, "boris").push_close();
  around.pass(6s);
  around.pass(6s);
  anna.expect_notice("boris disconnected", "boris");
  visitor.device.expect_nothing();
  const auto id = visitor.id;
  visitor.device.push_close();
  around.pass(6s);
  around.pass(6s);
  anna.expect_notice("~Visitor disconnected", id);
}

} // namespace klatch::test
