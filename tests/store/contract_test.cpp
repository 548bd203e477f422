// What every store does with what is written; run on each of them.
#include "tests/catch.hpp"
#include "tests/store/every_store.hpp"

#include <utility>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

operation answer(std::string_view from, std::string_view to, std::string_view cid = {}) {
  auto one = std::get<new_message>(note(from, to, "answer", cid));
  one.only_in_answer = true;
  return one;
}

} // namespace

TEMPLATE_TEST_CASE("a project is known from its first message on", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  CHECK_FALSE(f.reader->knows_project(key("a").project));
  f.write("a", "b", "1");
  CHECK(f.reader->knows_project(key("a").project));
  CHECK_FALSE(f.reader->knows_project(key("a", "other").project));
  CHECK_FALSE(f.reader->knows_project(key("p", "a").project));
}

TEMPLATE_TEST_CASE("messages are numbered without gaps", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  CHECK(f.write("a", "b", "1") == message_numbers{1, 1, 1, 1, 1000});
  CHECK(f.write("b", "a", "2") == message_numbers{2, 2, 2, 2, 1000});
  CHECK(f.write("a", "c", "3") == message_numbers{3, 1, 3, 1, 1000});
  CHECK(f.write("c", "b", "4") == message_numbers{4, 1, 2, 3, 1000});
  CHECK(f.inbox("a") == strings{"1", "2", "3"});
  CHECK(f.inbox("b") == strings{"1", "2", "4"});
  CHECK(f.inbox("c") == strings{"3", "4"});
  CHECK(f.inbox("nobody").empty());
}

TEMPLATE_TEST_CASE("a message comes back as it was stored", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  const message_content content{.project = key("a").project,
                                .from = id("b"),
                                .conversation = conversation_id::dialogue(id("a"), id("b")),
                                .cid = "cid",
                                .name = "Ben",
                                .color = "#0F0",
                                .text = std::string{"zero \0 and ü", 12}};
  f.keep(new_message{content});
  const stored_message expected{content, {1, 1, 1, 1, 1000}};
  const auto entry = f.reader->read_inbox(key("a"), 0, all).entries.at(0);
  CHECK(entry.seq == 1);
  CHECK(f.counted(entry.what) == expected);
  CHECK(f.counted(f.conversation("a", "b").messages.at(0)) == expected);
  CHECK(f.counted(f.conversations("b").conversations.at(0).last) == expected);
}

TEMPLATE_TEST_CASE("an outcome names the inboxes that have a new entry", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  using places = std::vector<inbox_place>;
  f.write("b", "a", "before");
  CHECK(f.keep(note("a", "b", "hi", "c")).audience == places{{id("a"), 2}, {id("b"), 2}});
  CHECK(f.keep(note("a", "b", "hi", "c")).audience.empty()); // again
  CHECK(f.keep(note("a", "a", "memo")).audience == places{{id("a"), 3}});
}

TEMPLATE_TEST_CASE("a message to a conversation that its sender is not in is refused", "[store]",
                   EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  auto wrong = std::get<new_message>(note("a", "b", "hi", "c"));
  wrong.content.from = id("eve");
  const std::array<operation, 3> batch{note("a", "b", "1"), wrong, note("a", "b", "2")};
  const auto outcomes = f.append(batch);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[1] == outcome::refuses(error_code::forbidden));
  CHECK(outcomes[2].numbers == message_numbers{2, 2, 2, 2, 1000}); // it has taken no number
  CHECK(texts(f.conversation("a", "b")) == strings{"1", "2"});
  CHECK(f.reader->inbox(key("eve")) == inbox_state{});
}

TEMPLATE_TEST_CASE("an answer is stored only to who has written before", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  const auto refused = outcome::refuses(error_code::forbidden);
  CHECK(f.keep(answer("g", "b")) == refused); // nobody is known
  f.write("b", "c", "other");
  CHECK(f.keep(answer("g", "b")) == refused);
  f.write("g", "b", "to a contact");
  CHECK(f.keep(answer("g", "b")) == refused); // the sender's own do not count
  f.write("b", "g", "hello");
  CHECK(f.keep(answer("g", "b")).numbers.n == 3);
  CHECK(f.inbox("g") == strings{"to a contact", "hello", "answer"});
}

TEMPLATE_TEST_CASE("what is no answer leaves nothing", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.write("b", "c", "other");
  const auto refused = outcome::refuses(error_code::forbidden);
  CHECK(f.keep(answer("g", "c")) == refused);
  CHECK(f.keep(answer("g", "g")) == refused);
  CHECK(f.inbox("g").empty());
  CHECK(f.inbox("c") == strings{"other"});
  CHECK(f.reader->inbox(key("g")) == inbox_state{});
}

TEMPLATE_TEST_CASE("an answer that was stored once is repeated", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.keep(note("g", "b", "to a contact", "c"));
  CHECK(f.keep(answer("g", "b", "c")).repeated);
  CHECK(f.keep(answer("g", "b", "d")).refused == error_code::forbidden);
}

TEMPLATE_TEST_CASE("an answer may come in the batch of what it answers", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  const std::vector<operation> batch{answer("g", "b"), note("b", "g", "hello"), answer("g", "b")};
  const auto outcomes = f.append(batch);
  CHECK(outcomes.at(0).refused == error_code::forbidden);
  CHECK(outcomes.at(2).numbers.n == 2);
  CHECK(f.inbox("g") == strings{"hello", "answer"});
}

TEMPLATE_TEST_CASE("a message to oneself is one entry", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  CHECK(f.write("a", "a", "memo") == message_numbers{1, 1, 1, 1, 1000});
  CHECK(f.write("a", "a", "again") == message_numbers{2, 2, 2, 2, 1000});
  CHECK(f.inbox("a") == strings{"memo", "again"});
  CHECK(texts(f.conversation("a", "a")) == strings{"memo", "again"});
  CHECK(summaries(f.conversations("a")) == strings{"a:again/2"});
  CHECK(f.store.mark_read(key("a"), dialogue("a", "a"), 1) == 1U);
  CHECK(summaries(f.conversations("a")) == strings{"a:again/1"});
  const auto step = f.store.mark_delivered(key("a"), 2, 10);
  CHECK(step.senders == std::vector<progress>{{id("a"), 2}});
  CHECK(f.conversations("a").conversations.at(0).peer_delivered == 2);
}

TEMPLATE_TEST_CASE("a store keeps projects apart", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.keep(note("a", "b", "here", "same", "p"));
  CHECK(f.keep(note("a", "b", "there", "same", "q")).numbers == message_numbers{2, 1, 1, 1, 1000});
  CHECK(f.inbox("b") == strings{"here"});
  CHECK(texts(f.reader->read_inbox(key("b", "q"), 0, all)) == strings{"there"});
}

TEMPLATE_TEST_CASE("a cid makes a message once for its sender", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  const auto first = f.keep(note("a", "b", "1", "x"));
  CHECK_FALSE(first.repeated);
  f.now = 2000;
  CHECK(f.keep(note("a", "c", "other", "x")) == outcome::repeats(first.numbers));
  CHECK_FALSE(f.keep(note("b", "a", "2", "x")).repeated);
  CHECK_FALSE(f.keep(note("a", "b", "3")).repeated);
  CHECK_FALSE(f.keep(note("a", "b", "4")).repeated);

  SECTION("also within a batch") {
    const std::vector<operation> batch{note("c", "d", "5", "y"), note("c", "d", "6", "y"),
                                       note("c", "d", "7", "z")};
    const auto outcomes = f.append(batch);
    CHECK(outcomes.at(1) == outcome::repeats(outcomes.at(0).numbers));
    CHECK_FALSE(outcomes.at(2).repeated);
    CHECK(f.inbox("d") == strings{"5", "7"});
  }
}

TEMPLATE_TEST_CASE("time never falls within a conversation", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.write("a", "b", "1");
  f.now = 500;
  CHECK(f.write("b", "a", "2").ts == 1000);
  CHECK(f.write("a", "c", "3").ts == 500);
}
