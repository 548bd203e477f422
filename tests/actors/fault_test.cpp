// A connection of which a handler throws: it ends, and it alone.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

namespace klatch::test {

namespace {

/// `boris` is the one whose connection is to fail; `anna` has written to him, and so remembers him.
struct before_a_fault {
  explicit before_a_fault(const world_options& chosen = {.shards = 2})
      : around(chosen), anna(around.join("anna")), boris(around.join("boris")),
        carla(around.join("carla")) {
    anna.push_message("boris", "before");
    boris.expect_message("anna", "before");
  }

  /// Nobody has noticed but those who write to boris.
  void expect_others_unharmed() {
    anna.expect_nothing();
    anna.push_message("carla", "how are you?");
    carla.expect_message("anna", "how are you?");
    carla.push_message("anna", "well");
    anna.expect_message("carla", "well");
    carla.expect_nothing();
  }

  world around;
  client& anna;
  client& boris;
  client& carla;
};

void expect_ended(client& failed) {
  failed.expect_close(close_code::internal_error);
  CHECK(failed.transport().gone());
}

} // namespace

TEST_CASE_METHOD(before_a_fault, "a connection whose handler throws is closed and forgotten",
                 "[fault]") {
  STATIC_REQUIRE(static_cast<int>(close_code::internal_error) == 1011);
  boris.transport().break_down();
  SECTION("with an answer to its own client") { boris.push_message("nobody", "hi"); }
  SECTION("before it has asked anybody") { boris.push_message("boris", "note to myself"); }
  SECTION("with what another has sent") {
    auto& dora = around.join("dora");
    dora.push_message("boris", "hi");
    dora.expect_not_connected("boris");
  }
  expect_ended(boris);
  CHECK(is_forgotten(boris.connection()));
  anna.push_message("boris", "still there?");
  anna.expect_not_connected("boris");
  carla.push_message("boris", "and now?");
  carla.expect_not_connected("boris");
  expect_others_unharmed();

  auto& again = around.join("boris");
  anna.push_message("boris", "welcome back");
  again.expect_message("anna", "welcome back");
  expect_others_unharmed();
}

TEST_CASE_METHOD(before_a_fault, "messages behind the one at which a connection throws come back",
                 "[fault]") {
  boris.transport().break_down();
  boris.push_message("nobody", "hi");
  around.run_next(around.shards().shard_of(key_of("nobody"))); // the answer is on its way
  anna.push_message("boris", "one");
  anna.push_message("boris", "two");
  anna.expect_not_connected("boris");
  anna.expect_not_connected("boris");
  expect_ended(boris);
  expect_others_unharmed();
}

TEST_CASE_METHOD(before_a_fault, "a connection that fails as it registers is not in the directory",
                 "[fault]") {
  auto& dora = around.connect();
  dora.transport().break_down();
  dora.push_registration("dora", "p");
  expect_ended(dora);
  CHECK(is_forgotten(dora.connection()));
  anna.push_message("dora", "there?");
  anna.expect_not_connected("dora");
  expect_others_unharmed();
}

TEST_CASE_METHOD(before_a_fault, "a user's other device goes on when one fails", "[fault]") {
  auto& laptop = around.join("boris");
  boris.transport().break_down();
  anna.push_message("boris", "both of you");
  expect_ended(boris);
  laptop.expect_message("anna", "both of you");
  anna.push_message("boris", "you");
  laptop.expect_message("anna", "you");
  laptop.expect_nothing();
  expect_others_unharmed();
}

TEST_CASE("messages stored for a user whose connection failed are there on the return", "[fault]") {
  before_a_fault stage{{.shards = 2, .store = store::make_memory_store("e")}};
  stage.around.advance(std::chrono::seconds{1}); // what came before is noted as delivered
  stage.boris.transport().break_down();
  stage.anna.push_message("boris", "lost on the way");
  expect_ended(stage.boris);
  stage.around.advance(std::chrono::seconds{1});
  CHECK(is_forgotten(stage.boris.connection()));
  stage.anna.push_message("boris", "while away");
  stage.expect_others_unharmed();

  auto& again = stage.around.join("boris");
  again.expect_message("anna", "lost on the way");
  again.expect_message("anna", "while away");
  again.expect_nothing();
  stage.expect_others_unharmed();
}

} // namespace klatch::test
