// The archive's reader ends as if by a fault: nothing is read any more, and nobody waits for it.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <caf/send.hpp>

namespace klatch::test {

namespace {

struct readable {
  readable() : anna(around.join_extended("anna")) { anna.expect_members(R"({"type":"welcome"})"); }

  world around{{.store = store::make_memory_store("e")}};
  client& anna;
};

void kill(const archive_reader_actor& one) { caf::anon_send_exit(one, caf::exit_reason::kill); }

constexpr auto unavailable = R"({"type":"error","code":"unavailable","temporary":true})";

} // namespace

TEST_CASE_METHOD(readable, "queries are unavailable once the reader is lost", "[reader]") {
  around.kill_readers();
  anna.push(R"({"type":"history","with":"boris"})");
  anna.push(R"({"type":"conversations"})");
  anna.expect_members(unavailable);
  anna.expect_members(unavailable);
  for (const auto* query :
       {R"({"type":"conversations"})", R"({"type":"history","with":"boris"})"}) {
    anna.push(query);
    anna.expect_members(unavailable);
    CHECK_FALSE(anna.transport().paused());
  }
  anna.expect_nothing();

  SECTION("but messages are stored and delivered") {
    anna.push_message("anna", "note", "c1");
    anna.expect_members(R"({"type":"ack","cid":"c1"})");
  }
}

TEST_CASE_METHOD(readable, "answers that came before the reader was lost are given", "[reader]") {
  anna.push(R"({"type":"history","with":"boris"})");
  around.run_next(around.archive().queries);
  around.kill_readers();
  anna.expect_members(R"({"type":"history","with":"boris"})");
  anna.expect_nothing();
}

/// The two readers end one after the other, and what the one has answered last comes when all have
/// been told that nothing is read any more.
TEST_CASE_METHOD(readable, "the last answer of a lost reader is taken for no other question's",
                 "[reader]") {
  const auto& readers = around.archive().readers;
  const auto& queries = around.archive().queries;
  SECTION("of a query") {
    anna.push(R"({"type":"history","with":"boris","ref":"1"})");
    kill(readers.front());
    around.run_all_but(queries);
    around.run_next(queries);
    anna.push(R"({"type":"history","with":"carla","ref":"2"})");
    anna.expect_members(R"({"type":"error","code":"unavailable","ref":"1"})");
    anna.expect_members(R"({"type":"error","code":"unavailable","ref":"2"})");
  }
  SECTION("of whom a message is to") {
    // In Form D, as no new id is spelled: who is meant is looked up.
    anna.push_message("Rene\u0301", "first", "1");
    kill(queries);
    around.run_all_but(readers.front());
    around.run_next(readers.front());
    anna.push_message("Zoe\u0308", "second", "2");
    anna.expect_members(R"({"type":"error","code":"unavailable","cid":"1"})");
    anna.expect_members(R"({"type":"error","code":"unavailable","cid":"2"})");
  }
  anna.expect_nothing();
}

TEST_CASE_METHOD(readable, "a client that registers after the reader was lost is closed",
                 "[reader]") {
  auto& boris = around.connect();
  around.kill_readers();
  SECTION("with the registration under way") {
    boris.push(R"({"type":"system","v":2,"projectId":"p","id":"boris"})");
    boris.expect_members(unavailable);
    boris.expect_close(close_code::internal_error);
  }
  SECTION("afterwards") {
    around.run();
    boris.push_registration("boris", "p");
    boris.expect_error(error_code::unavailable);
    boris.expect_close(close_code::internal_error);
  }
  SECTION("and who connects afterwards too") {
    around.run();
    auto& late = around.join_extended("late");
    late.expect_members(unavailable);
    late.expect_close(close_code::internal_error);
  }
  anna.expect_nothing();
}

TEST_CASE_METHOD(readable, "a client that misses messages after the reader was lost is closed",
                 "[reader]") {
  anna.push_message("boris", "missed", "c1");
  anna.expect_members(R"({"type":"ack","cid":"c1"})");
  auto& boris = around.join_extended("boris", R"({"epoch":"e","since":0})");
  around.run_next(around.shards().shard_of(key_of("boris")));
  around.run_next(boris.connection());
  around.run_next(around.archive().readers.front()); // says where the inbox stands
  around.kill_readers();
  boris.expect_members(R"({"type":"welcome","head":1})");
  boris.expect_members(unavailable);
  boris.expect_close(close_code::internal_error);
}

} // namespace klatch::test
