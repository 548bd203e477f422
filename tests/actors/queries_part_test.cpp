// The queries of one client: side by side for the client, one at a time for the reader.
#include "actors/connection/queries.hpp"
#include "tests/actors/fake_core.hpp"
#include "tests/catch.hpp"

#include <string>

namespace klatch::test {

namespace {

struct asking {
  void history(const std::string& ref) {
    part.ask(core, history_query{*user_id::parse("boris"), {}, {}}, {"", ref});
  }
  void conversations(const std::string& ref) { part.ask(core, conversations_query{}, {"", ref}); }
  void answer(const std::string& ref) {
    part.on_result(core, query_result{frame{R"({"type":"history","ref":")" + ref + "\"}",
                                            frame_type::history}});
  }

  fake_core core;
  actors::queries part;
};

} // namespace

TEST_CASE_METHOD(asking, "the reader is asked one query at a time, in order", "[part]") {
  history("r1");
  conversations("r2");
  history("r3");
  CHECK(core.done() == lines{"read history with boris r1"});
  answer("r1");
  CHECK(core.done() == lines{"send history r1", "read conversations r2"});
  answer("r2");
  CHECK(core.done() == lines{"send history r2", "read history with boris r3"});
  CHECK_FALSE(part.unused());
  answer("r3");
  CHECK(core.done() == lines{"send history r3"});
  CHECK(part.unused());
}

TEST_CASE_METHOD(asking, "the ninth query pauses reading until one is answered", "[part]") {
  for (int number = 1; number <= 8; ++number)
    history("r");
  CHECK(core.done() == lines{"read history with boris r"});
  CHECK(core.reading());
  history("r9");
  CHECK(core.done() == lines{"pause"});
  answer("r");
  CHECK(core.done() == lines{"send history r", "resume", "read history with boris r"});
}

TEST_CASE_METHOD(asking, "the next answer is read when the last one has gone out", "[part]") {
  history("r1");
  history("r2");
  core.done();
  core.is_drained = false;
  answer("r1");
  CHECK(core.done() == lines{"send history r1", "call when drained"});
  history("r3");
  CHECK(core.done().empty());
  core.is_drained = true;
  part.on_drained(core);
  CHECK(core.done() == lines{"read history with boris r2"});
  part.on_drained(core);
  CHECK(core.done().empty());
}

TEST_CASE_METHOD(asking, "a query that fails is refused with its ref, and the next one asked",
                 "[part]") {
  history("r1");
  history("r2");
  core.done();
  part.on_failed(core);
  CHECK(core.done() == lines{"send error unavailable r1", "read history with boris r2"});
}

TEST_CASE_METHOD(asking, "all queries are refused when the reader is lost", "[part]") {
  for (int number = 1; number <= 9; ++number)
    history("r" + std::to_string(number));
  core.done();
  part.give_up(core);
  auto expected = lines{"send error unavailable r1", "resume"};
  for (int number = 2; number <= 9; ++number)
    expected.push_back("send error unavailable r" + std::to_string(number));
  CHECK(core.done() == expected);
  CHECK(part.unused());

  SECTION("an answer that comes nevertheless goes nowhere") {
    answer("r1");
    part.on_failed(core);
    CHECK(core.done().empty());
  }
}

TEST_CASE_METHOD(asking, "no query is read for a client that is closing", "[part]") {
  history("r1");
  history("r2");
  core.done();
  core.at = actors::stage::closing;
  answer("r1");
  CHECK(core.done() == lines{"send history r1"});
}

} // namespace klatch::test
