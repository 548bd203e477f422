// Who was away, or does not keep up, gets what is missing.
#include "tests/actors/stored_world.hpp"
#include "tests/catch.hpp"

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace klatch::test {

TEST_CASE("a client that was away gets what is missing, in order, then what is live", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  for (int number = 1; number <= 1200; ++number)
    anna.push_message("boris", std::to_string(number), "c" + std::to_string(number));
  around.run();
  auto& boris = joined(around, "boris", resume_from(3));
  anna.push_message("boris", "1201");
  for (int number = 4; number <= 1201; ++number)
    boris.expect_members(R"({"type":"usermsg","message":")" + std::to_string(number) +
                         R"(","seq":)" + std::to_string(number) + '}');
  boris.expect_nothing();
}

TEST_CASE("a recovery is whole, or says that it is none", "[stored]") {
  const auto chosen = with_store();
  world around{chosen};
  auto& anna = joined(around, "anna");
  for (int number = 1; number <= 5; ++number) {
    anna.push_message("boris", "m" + std::to_string(number));
    anna.expect_members(R"({"type":"ack"})");
  }
  SECTION("of another log") {
    auto& boris = around.join_extended("boris", resume_from(2, "other"));
    boris.expect_members(R"({"head":5,"floor":1,"recovered":false})");
    boris.expect_nothing();
  }
  SECTION("from beyond the end") {
    auto& boris = around.join_extended("boris", resume_from(6));
    boris.expect_members(R"({"head":5,"recovered":false})");
    boris.expect_nothing();
  }
  SECTION("from the end: nothing is missing") {
    auto& boris = around.join_extended("boris", resume_from(5));
    boris.expect_members(R"({"head":5,"recovered":true})");
    boris.expect_nothing();
  }
  SECTION("of what has been forgotten") {
    CHECK(chosen.store->upkeep(store::expiry{INT64_MAX, 3}).forgotten == 3);
    around.join_extended("boris", resume_from(2))
        .expect_members(R"({"head":5,"floor":4,"recovered":false})");
    auto& boris = around.join_extended("boris", resume_from(3));
    boris.expect_members(R"({"recovered":true})");
    boris.expect_members(R"({"message":"m4","seq":4})");
    boris.expect_members(R"({"message":"m5","seq":5})");
  }
}

TEST_CASE("a plain user who was away gets what waits, right after the acknowledgement",
          "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "one");
  anna.push_message("boris", "two");
  around.run();
  auto& boris = around.join("boris");
  boris.expect_message("anna", "one");
  boris.expect_message("anna", "two");
  boris.push_message("anna", "mine");
  around.run();
  SECTION("once: what has been taken does not come again") {
    around.advance(std::chrono::seconds{1});
    boris.push_close();
  }
  SECTION("nor where the connection went at once") { boris.push_close(); }
  around.run();
  anna.push_message("boris", "three");
  around.run();
  auto& again = around.join("boris");
  again.expect_message("anna", "three");
  again.expect_nothing();
}

TEST_CASE("what a plain client did not take comes again", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = around.join("boris");
  SECTION("since the system did not take it") { boris.transport().stall(); }
  SECTION("since the client was gone, which the system does not know") {
    boris.transport().fall_silent();
  }
  anna.push_message("boris", "lost on the way", "c1");
  around.advance(std::chrono::seconds{30});
  anna.expect_members(R"({"type":"ack","cid":"c1"})");
  anna.expect_nothing(); // It has not been delivered.
  boris.lose();
  around.join("boris").expect_message("anna", "lost on the way");
  anna.expect_members(R"({"type":"receipt","kind":"delivered","with":"boris","n":1})");
}

TEST_CASE("a plain client that answers pings is asked once a second at most, and not in vain",
          "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = around.join("boris");
  const auto& asked = boris.transport();
  around.advance(std::chrono::seconds{60});
  CHECK(asked.answered() == 0); // Nothing to ask for.
  for (int number = 1; number <= 50; ++number) {
    anna.push_message("boris", std::to_string(number), "c" + std::to_string(number));
    around.advance(std::chrono::milliseconds{100});
  }
  CHECK(asked.answered() >= 5);
  CHECK(asked.answered() <= 6);
  around.advance(std::chrono::seconds{60});
  CHECK(asked.answered() <= 7);
  boris.lose();
  around.join("boris").expect_nothing(); // All of it was taken.
}

TEST_CASE("a plain client that has stopped answering is not asked again until it does",
          "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = around.join("boris");
  boris.transport().stall();
  for (int number = 1; number <= 50; ++number) {
    anna.push_message("boris", std::to_string(number));
    around.advance(std::chrono::seconds{1});
  }
  boris.transport().unstall();
  around.advance(std::chrono::seconds{5});
  CHECK(boris.transport().answered() == 2); // for the first, then for all
  boris.lose();
  around.join("boris").expect_nothing();
}

TEST_CASE("what a plain client answers is no more than what it was sent", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = around.join("boris");
  boris.transport().fall_silent();
  anna.push_message("boris", "one");
  around.run();
  const auto answer =
      GENERATE(values<std::string>({"", "x", "-1", "0", "1x", "99999999999999999999"}));
  static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(boris.connection()))
      ->on_pong(answer);
  around.run();
  boris.lose();
  around.join("boris").expect_message("anna", "one");
}

TEST_CASE("a plain client's pong counts while the server stops", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  auto& boris = around.join("boris");
  anna.push_message("boris", "one");
  anna.push_message("boris", "two"); // within the second after it was asked for the first
  around.run();
  boris.keep_socket();
  caf::anon_send(boris.connection(), going_away{500, true});
  around.run();
  boris.lose();
  around.join("boris").expect_nothing();
}

TEST_CASE("a replay waits for a client that does not read", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  for (int number = 1; number <= 2000; ++number)
    anna.push_message("boris", std::to_string(number));
  around.run();
  auto& boris = around.join_extended("boris", resume_from(0));
  boris.transport().stall();
  boris.expect_members(R"({"type":"welcome"})");
  around.run();
  const auto first_part = boris.transport().waiting().size();
  CHECK(first_part < 2000);
  anna.push_message("boris", "2001");
  around.run();
  CHECK(boris.transport().waiting().size() == first_part);
  boris.transport().unstall();
  for (int number = 1; number <= 2001; ++number)
    boris.expect_members(R"({"message":")" + std::to_string(number) + R"("})");
  boris.expect_nothing();
}

TEST_CASE("an acknowledgement keeps its place in the inbox, also during a replay", "[stored]") {
  world around{with_store()};
  auto& anna = joined(around, "anna");
  anna.push_message("boris", "1");
  around.run();
  auto& boris = around.join_extended("boris", resume_from(0));
  boris.transport().stall();
  boris.expect_members(R"({"type":"welcome","head":1})");
  boris.push_message("anna", "2", "c2");
  anna.push_message("boris", "3");
  around.run();
  boris.transport().unstall();
  boris.expect_members(R"({"type":"usermsg","seq":1})");
  boris.expect_members(R"({"type":"ack","cid":"c2","seq":2})");
  boris.expect_members(R"({"type":"usermsg","seq":3})");
  boris.expect_nothing();
}

TEST_CASE("a shard is replaced: nothing that was stored meanwhile is missed", "[stored]") {
  world around{with_store(1)};
  auto& anna = joined(around, "anna");
  auto& boris = joined(around, "boris");
  anna.push_message("boris", "one", "c1");
  anna.expect_members(R"({"type":"ack"})");
  boris.expect_members(R"({"message":"one"})");
  SECTION("without sends under way nobody notices") {
    around.kill_shard(0);
    around.run();
    anna.push_message("boris", "two", "c2");
    anna.expect_members(R"({"type":"ack","cid":"c2"})");
    boris.expect_members(R"({"message":"two","seq":2})");
    anna.expect_nothing();
    boris.expect_nothing();
  }
  SECTION("who waits for an acknowledgement comes back for it") {
    anna.push_message("boris", "two", "c2");
    around.kill_shard(0);
    anna.expect_close(close_code::internal_error);
    boris.expect_members(R"({"message":"two","seq":2})");
    auto& back = joined(around, "anna", resume_from(1));
    back.expect_members(R"({"type":"usermsg","message":"two","seq":2})");
    back.push_message("boris", "two", "c2");
    back.expect_members(R"({"type":"ack","cid":"c2","seq":2})");
  }
}

TEST_CASE("a send that is under way while its device registers again is acknowledged once",
          "[stored]") {
  world around{with_store(1)};
  auto& anna = joined(around, "anna");
  joined(around, "boris");
  anna.push_message("boris", "hi", "c1");
  anna.push(R"({"type":"system","v":2,"projectId":"p","id":"anna","name":"Anna"})");
  around.run_next(around.shards().shards[0]);        // registered
  around.run_next(anna.connection());                // asks where the inbox stands
  around.run_next(around.archive().writers.front()); // has the message
  around.run_next(around.archive().writers.front()); // and what she has registered as
  around.run_next(around.archive().writers.front()); // and stores it
  around.run_next(around.archive().readers.front()); // the inbox stands there
  around.run_next(anna.connection());                // asks for a page
  around.run_next(around.archive().readers.front());
  around.run_next(anna.connection()); // has the page before the entry comes live
  anna.expect_members(R"({"type":"welcome","head":0})");
  anna.expect_members(R"({"type":"usermsg","message":"hi","seq":1})");
  anna.expect_members(R"({"type":"ack","cid":"c1","seq":1})");
  anna.expect_nothing();
  anna.push_message("boris", "there", "c2");
  anna.expect_members(R"({"type":"ack","cid":"c2","seq":2})");
  anna.expect_nothing();
}

TEST_CASE("a page of what was missed stays below what may wait, whatever is escaped in it",
          "[stored]") {
  world around{with_store()};
  const std::string sender(64, '"');
  const std::string recipient(64, '\\');
  auto& anna = around.join(sender);
  const std::string escaped(64UL * 1024, '\x01');
  const std::string name(128, '\\');
  for (int number = 0; number < 500; ++number)
    anna.push(nlohmann::json{{"type", "user"},
                             {"to_id", recipient},
                             {"name", name},
                             {"message", number < 2 ? "x" + escaped.substr(500) : "x"}}
                  .dump());
  around.run();
  auto& boris = around.join_extended(recipient + recipient, resume_from(0));
  boris.transport().stall();
  around.run();
  boris.transport().unstall(); // The first page is asked for, and comes when nothing more is taken.
  boris.transport().stall();
  around.run();
  std::size_t waiting = 0;
  for (const auto& each : boris.transport().waiting())
    waiting += each.size();
  CHECK(waiting > 512UL * 1024);
  CHECK(waiting <= limits{}.waiting_bytes);
  boris.transport().unstall();
  boris.expect_members(R"({"type":"welcome"})");
  for (int number = 1; number <= 500; ++number)
    boris.expect_members(R"({"type":"usermsg","seq":)" + std::to_string(number) + '}');
  boris.expect_nothing();
}

} // namespace klatch::test
