// What every store does; run on each of them.
#include "store/postgres/postgres_cluster.hpp"
#include "tests/catch.hpp"
#include "tests/store/forwarding_store.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <algorithm>
#include <concepts>
#include <utility>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

struct in_memory {
  std::unique_ptr<message_store> store = make_memory_store();
};

/// All in the tail, none in the indexes.
struct in_tail {
  temporary_folder folder;
  std::unique_ptr<message_store> store = open_sqlite_store(folder.path());
};

/// Moved into the indexes a message at a time, whenever there is anything to do.
class tidying final : public klatch::test::forwarding_store {
public:
  using forwarding_store::forwarding_store;

  std::vector<outcome> append(std::span<const operation> batch, std::int64_t now) override {
    auto result = forwarding_store::append(batch, now);
    finish_upkeep(*this);
    return result;
  }
  void note_profile(const user_key& user, const profile& now) override {
    forwarding_store::note_profile(user, now);
    finish_upkeep(*this);
  }
};

struct in_indexes {
  static sqlite_options at_once() {
    auto result = small_steps();
    result.tail_limit = 1;
    return result;
  }
  temporary_folder folder;
  std::unique_ptr<message_store> store =
      std::make_unique<tidying>(open_sqlite_store(folder.path(), at_once()));
};

/// Stamped by the tests' clock. What is noted of users is written at once.
struct in_postgres {
  static postgres_options at_once(const std::string& url) {
    return {.url = url, .profiles_interval = {}, .callers_time = true};
  }
  test_database database{apart::in_schema};
  postgres_cluster cluster = open_postgres_cluster(at_once(database.url()));
  std::unique_ptr<message_store> store = std::make_unique<tidying>(cluster.make_store());
};

template<class Kind>
bool is_there() {
  if constexpr (std::same_as<Kind, in_postgres>)
    return has_postgres();
  else
    return true;
}

/// A store of one kind and words to use it with.
template<class Kind>
struct fixture : Kind {
  message_store& store = *Kind::store;
  std::unique_ptr<message_reader> reader = store.make_reader();
  std::int64_t now = 1000;
  std::vector<std::uint64_t> mids; ///< that were given, in their order

  /// With mids as they follow each other: 1, 2, 3 … In PostgreSQL there are others between them.
  message_numbers counted(message_numbers numbers) {
    if (numbers.mid == 0)
      return numbers;
    auto found = std::find(mids.begin(), mids.end(), numbers.mid);
    if (found == mids.end()) {
      CHECK((mids.empty() || mids.back() < numbers.mid));
      found = mids.insert(mids.end(), numbers.mid);
    }
    const auto place = static_cast<std::uint64_t>(found - mids.begin()) + 1;
    if constexpr (!std::same_as<Kind, in_postgres>)
      CHECK(numbers.mid == place);
    numbers.mid = place;
    return numbers;
  }
  stored_message counted(stored_message what) {
    what.numbers = counted(what.numbers);
    return what;
  }
  /// The one that was given so many mids after the first one.
  std::uint64_t mid(std::size_t place) const { return mids.at(place - 1); }

  std::vector<outcome> append(std::span<const operation> batch) {
    auto result = store.append(batch, now);
    for (auto& each : result)
      each.numbers = counted(each.numbers);
    return result;
  }
  outcome keep(const operation& one) { return append({&one, 1}).front(); }
  message_numbers write(std::string_view from, std::string_view to, std::string_view text) {
    return keep(note(from, to, text)).numbers;
  }
  strings inbox(std::string_view user, std::uint64_t after = 0) {
    return texts(reader->read_inbox(key(user), after, all));
  }
  conversation_page conversation(std::string_view user, std::string_view with, range wanted = {},
                                 bound most = all) {
    return reader->read_conversation(usual_project(), dialogue(user, with), wanted, most);
  }
  conversations_page conversations(std::string_view user, std::optional<std::uint64_t> before = {},
                                   bound most = all) {
    return reader->read_conversations(key(user), before, most);
  }
};

operation answer(std::string_view from, std::string_view to, std::string_view cid = {}) {
  auto one = std::get<new_message>(note(from, to, "answer", cid));
  one.only_in_answer = true;
  return one;
}

} // namespace

#define EVERY_STORE in_memory, in_tail, in_indexes, in_postgres

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

TEMPLATE_TEST_CASE("an inbox is read in pages", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  for (const auto* text : {"1111", "2222", "3333"})
    f.write("a", "b", text);
  const auto page = [&](std::uint64_t after, bound most) {
    return f.reader->read_inbox(key("b"), after, most);
  };
  CHECK(texts(page(1, all)) == strings{"2222", "3333"});
  CHECK_FALSE(page(1, all).more);
  CHECK(texts(page(0, {2, 1000})) == strings{"1111", "2222"});
  CHECK(page(0, {2, 1000}).more);
  CHECK_FALSE(page(1, {2, 1000}).more);
  CHECK(texts(page(0, {9, 8})) == strings{"1111", "2222"});
  CHECK(page(0, {9, 8}).more);
  CHECK(texts(page(0, {9, 1})) == strings{"1111"}); // one comes whatever its size
  CHECK(texts(page(0, {0, 0})) == strings{"1111"});
  CHECK(page(3, all).entries.empty());
  CHECK(page(UINT64_MAX, all).entries.empty());
  CHECK(page(0, {SIZE_MAX, SIZE_MAX}).entries.size() == 3);
}

TEMPLATE_TEST_CASE("a conversation is read from any place", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  for (const auto* text : {"1", "2", "3", "4", "5"})
    f.write("a", "b", text);
  const auto check = [&](range wanted, bound most, const strings& expected, bool more) {
    const auto page = f.conversation("b", "a", wanted, most);
    CHECK(texts(page) == expected);
    CHECK(page.more == more);
  };
  check({}, all, {"1", "2", "3", "4", "5"}, false);
  check({}, {2, 100}, {"4", "5"}, true);
  check({{4}, {}}, {2, 100}, {"2", "3"}, true);
  check({{3}, {}}, {2, 100}, {"1", "2"}, false);
  check({{1}, {}}, all, {}, false);
  check({{0}, {}}, all, {}, false);
  check({{UINT64_MAX}, {}}, {1, 100}, {"5"}, true);
  check({{}, {2}}, {2, 100}, {"3", "4"}, true);
  check({{}, {3}}, {2, 100}, {"4", "5"}, false);
  check({{}, {5}}, all, {}, false);
  check({{}, {UINT64_MAX}}, all, {}, false);
  check({{5}, {1}}, {2, 100}, {"2", "3"}, true);
  check({{4}, {1}}, {2, 100}, {"2", "3"}, false);
  CHECK(f.conversation("a", "nobody").messages.empty());
  CHECK(f.conversation("nobody", "a").messages.empty());
}

TEMPLATE_TEST_CASE("a conversation has what the other one last registered as", "[store]",
                   EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  const auto peer = [&](std::string_view user) {
    return f.conversations(user).conversations.at(0).peer;
  };
  f.store.note_profile(key("b"), {"Boris", "#00F"}); // who has never written, nor been written to
  f.store.note_profile(key("b", "other"), {"Bert", ""});
  f.write("a", "b", "1");
  CHECK(peer("a") == profile{"Boris", "#00F"});
  CHECK(peer("b") == profile{"a", ""}); // who has never registered
  f.store.note_profile(key("a"), {"Anna", ""});
  CHECK(peer("b") == profile{"Anna", ""});
  f.store.note_profile(key("b"), {"Boris II", ""});
  f.write("a", "b", "2");
  CHECK(peer("a") == profile{"Boris II", ""});
  f.store.note_profile(key("b"), {"b", ""}); // without a name
  CHECK(peer("a") == profile{"b", ""});
}

TEMPLATE_TEST_CASE("conversations are listed newest first", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.write("a", "b", "1");
  f.write("c", "a", "2");
  f.write("d", "a", "3");
  CHECK(summaries(f.conversations("a")) == strings{"d:3/1", "c:2/1", "b:1/0"});
  f.write("b", "a", "4");
  CHECK(summaries(f.conversations("a")) == strings{"b:4/1", "d:3/1", "c:2/1"});
  CHECK(summaries(f.conversations("a", f.mid(4))) == strings{"d:3/1", "c:2/1"});
  CHECK(summaries(f.conversations("a", {}, {2, 100})) == strings{"b:4/1", "d:3/1"});
  CHECK(f.conversations("a", {}, {2, 100}).more);
  CHECK_FALSE(f.conversations("a", f.mid(4), {2, 100}).more);
  CHECK(f.conversations("nobody").conversations.empty());
}

TEMPLATE_TEST_CASE("messages that have been read are not unread", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  for (const auto* text : {"1", "2", "3"})
    f.write("a", "b", text);
  f.write("b", "a", "4");
  f.write("a", "b", "5");
  CHECK(f.conversations("b").conversations.at(0).unread == 4);
  CHECK(f.store.mark_read(key("b"), dialogue("b", "a"), 2) == 2U);
  CHECK(f.conversations("b").conversations.at(0).unread == 2);
  CHECK(f.store.mark_read(key("b"), dialogue("b", "a"), 2) == std::nullopt);
  CHECK(f.store.mark_read(key("b"), dialogue("b", "a"), 1) == std::nullopt);
  CHECK(f.store.mark_read(key("b"), dialogue("b", "a"), 4) == 4U);
  CHECK(f.conversations("b").conversations.at(0).unread == 1);
  CHECK(f.store.mark_read(key("b"), dialogue("b", "a"), 99) == 5U);
  CHECK(f.conversations("b").conversations.at(0).unread == 0);
  CHECK(f.conversations("b").conversations.at(0).read == 5);
  CHECK(f.conversations("a").conversations.at(0).peer_read == 5);
  CHECK(f.conversations("a").conversations.at(0).unread == 1);
  CHECK(f.store.mark_read(key("b"), dialogue("b", "nobody"), 1) == std::nullopt);
  CHECK(f.store.mark_read(key("nobody"), dialogue("nobody", "b"), 1) == std::nullopt);
  CHECK(f.store.mark_read(key("eve"), dialogue("a", "b"), 1) == std::nullopt);
}

TEMPLATE_TEST_CASE("taking delivery tells whose messages were new", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.write("a", "b", "1");
  f.write("b", "a", "2");
  f.write("c", "b", "3");
  f.write("a", "b", "4");
  const auto sorted = [](delivery_step step) {
    std::sort(step.senders.begin(), step.senders.end(),
              [](const auto& x, const auto& y) { return x.with < y.with; });
    return step.senders;
  };
  CHECK(sorted(f.store.mark_delivered(key("b"), 3, 10)) ==
        std::vector<progress>{{id("a"), 1}, {id("c"), 1}});
  CHECK(f.reader->inbox(key("b")).delivered == 3);
  CHECK(f.conversations("a").conversations.at(0).peer_delivered == 1);
  CHECK(sorted(f.store.mark_delivered(key("b"), 99, 10)) == std::vector<progress>{{id("a"), 3}});
  CHECK(f.reader->inbox(key("b")).delivered == 4);
  CHECK(sorted(f.store.mark_delivered(key("b"), 4, 10)).empty());
  CHECK(f.store.mark_delivered(key("nobody"), 4, 10).senders.empty());
}

TEMPLATE_TEST_CASE("taking delivery goes in bounded steps", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  for (const auto* text : {"1", "2", "3", "4"})
    f.write("a", "b", text);
  CHECK(f.store.mark_delivered(key("b"), 3, 2).more);
  CHECK(f.reader->inbox(key("b")).delivered == 2);
  const auto last = f.store.mark_delivered(key("b"), 3, 2);
  CHECK_FALSE(last.more);
  CHECK(last.senders == std::vector<progress>{{id("a"), 3}});
  CHECK(f.reader->inbox(key("b")).delivered == 3);
}

TEMPLATE_TEST_CASE("plain clients have a mark of their own", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.write("a", "b", "1");
  f.write("a", "b", "2");
  CHECK(f.reader->inbox(key("b")) == inbox_state{2, 1, 0, 0});
  f.store.mark_legacy_delivered(key("b"), 1);
  f.store.mark_legacy_delivered(key("nobody"), 1);
  CHECK(f.reader->inbox(key("b")) == inbox_state{2, 1, 0, 1});
  f.store.mark_legacy_delivered(key("b"), 9);
  f.store.mark_legacy_delivered(key("b"), 1);
  CHECK(f.reader->inbox(key("b")) == inbox_state{2, 1, 0, 2});
  CHECK(f.reader->inbox(key("nobody")) == inbox_state{});
}

TEMPLATE_TEST_CASE("old messages are forgotten, numbers are not", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  f.keep(note("a", "b", "1", "x"));
  f.write("b", "a", "2");
  f.now = 2000;
  f.write("a", "b", "3");
  CHECK(trim(f.store, {1000}, 10) == 0);
  CHECK(trim(f.store, {1001}, 1) == 1);
  CHECK(f.reader->inbox(key("a")) == inbox_state{3, 2, 0, 0});
  CHECK(f.inbox("b", 1) == strings{"2", "3"});
  CHECK(texts(f.conversation("b", "a")) == strings{"2", "3"});
  CHECK(trim(f.store, {1001}, 10) == 1);
  CHECK(summaries(f.conversations("b")) == strings{"a:3/1"});
  CHECK(trim(f.store, {9000}, 10) == 1);
  CHECK(f.reader->inbox(key("a")) == inbox_state{3, 4, 0, 0});
  CHECK(f.conversations("a").conversations.empty());
  CHECK(f.conversation("a", "b").messages.empty());
  CHECK_FALSE(f.conversation("a", "b").more);
  f.now = 1500;
  CHECK(f.keep(note("a", "b", "4", "x")).numbers == message_numbers{4, 4, 4, 4, 2000});
  CHECK(f.inbox("b", 3) == strings{"4"});
  CHECK(summaries(f.conversations("b")) == strings{"a:4/1"});
  CHECK(f.keep(note("a", "b", "5", "x")).repeated);
  CHECK(trim(f.store, {9000}, 1) == 1);
  CHECK(trim(f.store, {9000}, 1) == 0);
}

TEMPLATE_TEST_CASE("nothing beyond a mid is forgotten, however old", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  CHECK(f.store.last_mid() == 0);
  CHECK_FALSE(many_expired(f.store, {9000}, 10));
  for (const auto* text : {"1", "2", "3", "4"})
    f.write("a", "b", text);
  CHECK(f.store.last_mid() == f.mid(4));
  CHECK(many_expired(f.store, {9000}, 2));
  CHECK(many_expired(f.store, {9000, f.mid(3)}, 2));
  CHECK_FALSE(many_expired(f.store, {9000, f.mid(2)}, 2)); // that is half of them, and no more
  CHECK_FALSE(many_expired(f.store, {1000}, 2));
  CHECK(trim(f.store, {9000, f.mid(2)}, 10) == 2);
  CHECK(f.inbox("b", 2) == strings{"3", "4"});
  CHECK(trim(f.store, {9000, f.mid(2)}, 10) == 0);
  CHECK(trim(f.store, {9000}, 10) == 2);
  CHECK(f.store.last_mid() == f.mid(4));
}

TEMPLATE_TEST_CASE("forgotten messages are not unread, nor delivered", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  for (const auto* text : {"1", "2"})
    f.write("a", "b", text);
  f.write("b", "a", "3");
  f.write("a", "b", "4");
  f.store.mark_read(key("b"), dialogue("b", "a"), 1);
  trim(f.store, {9000}, 2);
  CHECK(summaries(f.conversations("b")) == strings{"a:4/1"});
  CHECK(f.store.mark_delivered(key("b"), 2, 10).senders.empty());
  CHECK(f.reader->inbox(key("b")).delivered == 2);
  CHECK(f.store.mark_delivered(key("b"), 4, 10).senders == std::vector<progress>{{id("a"), 4}});
}

TEMPLATE_TEST_CASE("nothing is kept of an empty batch", "[store]", EVERY_STORE) {
  if (!is_there<TestType>())
    return;
  fixture<TestType> f;
  CHECK(f.store.append({}, 1).empty());
  CHECK_FALSE(do_upkeep(f.store));
  CHECK_FALSE(f.store.epoch().empty());
}
