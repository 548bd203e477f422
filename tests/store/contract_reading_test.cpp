// What every store says to who reads, and takes note of for them; run on each of them.
#include "tests/catch.hpp"
#include "tests/store/every_store.hpp"

#include <utility>

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

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
