// An inbox on its way out: replayed, then live, without a gap; and sends on their way in.
#include "actors/connection/inbox.hpp"
#include "tests/actors/fake_core.hpp"
#include "tests/catch.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::test {

namespace {

frame text_of(std::uint64_t seq) {
  return frame{R"({"type":"usermsg","message":")" + std::to_string(seq) + "\"}",
               frame_type::usermsg};
}

struct reading {
  explicit reading(dialect speaks = dialect::extended) : core(speaks) {}

  /// Asks where the inbox stands, and hears that; without `since` nothing is resumed.
  void open(std::uint64_t head, std::optional<std::uint64_t> since = std::nullopt,
            std::uint64_t legacy_delivered = 0) {
    core.at = actors::stage::opening;
    if (since)
      core.cold().get().resume = std::make_unique<const resume_point>(resume_point{"e", *since});
    part.open(core);
    part.on_opened(
        core, {.head = head, .floor = 1, .legacy_delivered = legacy_delivered, .continues = true});
  }
  void entry(std::uint64_t seq, bool own = false, const std::string& cid = {}) {
    const auto anna = user_id::parse("anna").value();
    const auto boris = user_id::parse("boris").value();
    part.on_entry(core, {std::make_shared<const stored_message>(
                             stored_message{{.project = project_id::parse("p").value(),
                                             .from = own ? anna : boris,
                                             .conversation = conversation_id::dialogue(anna, boris),
                                             .cid = cid,
                                             .name = {},
                                             .color = {},
                                             .text = std::to_string(seq)},
                                            {.from_seq = seq, .to_seq = seq}}),
                         seq, own, own ? std::nullopt : std::optional{text_of(seq)}});
  }
  void page(std::initializer_list<std::uint64_t> seqs) {
    inbox_page read;
    for (const auto seq : seqs)
      read.entries.push_back({seq, text_of(seq), true});
    part.on_page(core, read);
  }
  void message(const std::string& text, std::string_view to = "boris") {
    part.store(core, {to, text, {}, {}, {}, {}, "c"}, {"c", "r"});
  }

  fake_core core;
  actors::inbox part;
};

struct plain_reading : reading {
  plain_reading() : reading(dialect::plain) {}
};

} // namespace

TEST_CASE_METHOD(reading, "a client without a cursor gets what comes from then on", "[part]") {
  open(3);
  CHECK(core.done() == lines{"open inbox", "welcome anew 3"});
  entry(4);
  entry(5);
  CHECK(core.done() == lines{"send usermsg 4", "send usermsg 5"});
}

TEST_CASE_METHOD(reading, "a client that resumes gets pages, and live entries in their place",
                 "[part]") {
  open(3, 1);
  CHECK(core.done() ==
        lines{"open inbox", "welcome recovered 3", "received 1", "read inbox after 1"});
  entry(4);
  CHECK(core.done().empty());
  page({2, 3});
  CHECK(core.done() == lines{"send usermsg 2", "send usermsg 3", "read inbox after 3"});
  page({4});
  CHECK(core.done() == lines{"send usermsg 4"});
  entry(4); // late, and known
  CHECK(core.done().empty());
  entry(5);
  CHECK(core.done() == lines{"send usermsg 5"});
}

TEST_CASE_METHOD(reading, "a live entry that is missing is read from the store", "[part]") {
  open(3);
  core.done();
  entry(5);
  CHECK(core.done() == lines{"read inbox after 3"});
  page({4, 5});
  CHECK(core.done() == lines{"send usermsg 4", "send usermsg 5"});
}

TEST_CASE_METHOD(reading, "entries that cross on their way wait for each other", "[part]") {
  core.may_cross = true;
  open(3);
  core.done();
  entry(5);
  entry(6);
  CHECK(core.done() == lines{"release in 20 ms"});
  entry(4);
  CHECK(core.done() == lines{"send usermsg 4", "send usermsg 5", "send usermsg 6"});
  part.on_held_due(core);
  CHECK(core.done().empty());
}

TEST_CASE_METHOD(reading,
                 "an entry that waits in vain comes with a page, acknowledged in its place",
                 "[part]") {
  core.may_cross = true;
  open(3);
  message("mine");
  core.done();
  entry(5, true, "c");
  CHECK(core.done() == lines{"release in 20 ms"});
  SECTION("when the time is over") { part.on_held_due(core); }
  SECTION("when it is known that it will not come") { part.on_grown(core, 5); }
  CHECK(core.done() == lines{"read inbox after 3"});
  page({4, 5});
  CHECK(core.done() == lines{"send usermsg 4", "send ack c"});
}

TEST_CASE_METHOD(reading, "no more than a few entries wait", "[part]") {
  core.may_cross = true;
  open(3);
  core.done();
  for (std::uint64_t seq = 5; seq < 5 + store::held_entries; ++seq)
    entry(seq);
  CHECK(core.done() == lines{"release in 20 ms"});
  entry(5 + store::held_entries);
  CHECK(core.done() == lines{"read inbox after 3"});
}

TEST_CASE_METHOD(reading, "an inbox that has grown is read up to there", "[part]") {
  open(3);
  core.done();
  part.on_grown(core, 3);
  CHECK(core.done().empty());
  part.on_grown(core, 5);
  CHECK(core.done() == lines{"read inbox after 3"});
  page({4, 5});
  CHECK(core.done() == lines{"send usermsg 4", "send usermsg 5"});
}

TEST_CASE_METHOD(reading, "a reader that cannot answer is asked again for ten seconds", "[part]") {
  core.at = actors::stage::opening;
  part.open(core);
  core.done();
  for (int second = 0; second < 10; ++second) {
    CHECK(part.on_read_failed(core, read_failed::part::inbox));
    CHECK(core.done() == lines{"read again in 1 s"});
    part.on_read_again(core);
    CHECK(core.done() == lines{"open inbox"});
    core.time += std::chrono::seconds{1};
  }
  CHECK_FALSE(part.on_read_failed(core, read_failed::part::inbox));
}

TEST_CASE_METHOD(reading, "a page that could not be read is asked for again", "[part]") {
  open(3, 1);
  core.done();
  CHECK(part.on_read_failed(core, read_failed::part::page));
  part.on_read_again(core);
  CHECK(core.done() == lines{"read again in 1 s", "read inbox after 1"});
  page({2, 3});
  CHECK(core.done() == lines{"send usermsg 2", "send usermsg 3"});
  core.time += std::chrono::seconds{20};
  part.on_grown(core, 4);
  CHECK(part.on_read_failed(core, read_failed::part::page)); // The patience is new each time.
}

TEST_CASE_METHOD(reading, "what could not be read is asked for again, and nothing else", "[part]") {
  open(3, 1); // A page is asked for.
  part.open(core);
  CHECK(part.on_read_failed(core, read_failed::part::inbox));
  part.open(core); // Another shard has it now.
  part.on_opened(core, {.head = 3, .floor = 1, .legacy_delivered = 0, .continues = true});
  core.done();
  part.on_read_again(core);
  CHECK(core.done().empty());
  page({2, 3});
  CHECK(core.done() == lines{"send usermsg 2", "send usermsg 3"});
  CHECK_FALSE(part.waits_for_reader());
}

TEST_CASE_METHOD(reading, "a page is read when all before it has gone out", "[part]") {
  core.is_drained = false;
  open(3, 1);
  CHECK(core.done() ==
        lines{"open inbox", "welcome recovered 3", "received 1", "call when drained"});
  CHECK(part.waits_for_reader());
  core.is_drained = true;
  part.on_drained(core);
  CHECK(core.done() == lines{"read inbox after 1"});
  part.on_drained(core);
  CHECK(core.done().empty());
}

TEST_CASE_METHOD(reading, "an entry that has been forgotten closes the connection", "[part]") {
  open(3, 1);
  core.done();
  page({});
  CHECK(core.done() == lines{"close 1011"});
}

TEST_CASE_METHOD(reading, "an acknowledgement comes in the place of its entry", "[part]") {
  open(3, 1);
  message("hi");
  core.done();
  entry(4, true, "c");
  CHECK(core.done().empty());
  page({2, 3});
  page({4});
  CHECK(core.done() ==
        lines{"send usermsg 2", "send usermsg 3", "read inbox after 3", "send ack c"});
  CHECK(core.cold().get().acks.empty());
}

TEST_CASE_METHOD(reading, "a send that is known already is acknowledged again", "[part]") {
  open(3);
  message("hi");
  core.done();
  CHECK(part.has_sends_under_way());
  part.on_duplicate(core, 2, frame{R"({"type":"ack","cid":"c"})", frame_type::ack});
  CHECK(core.done() == lines{"send ack c"});
  CHECK_FALSE(part.has_sends_under_way());
}

TEST_CASE_METHOD(reading, "sends that are not stored are refused", "[part]") {
  open(3);
  core.done();
  message("hi", "");
  CHECK(core.done() == lines{"send error bad_frame c r"});
  core.has_room = false;
  message("hi");
  CHECK(core.done() == lines{"send error unavailable c r"});
  CHECK_FALSE(part.has_sends_under_way());
  core.has_room = true;
  message("hi");
  part.on_store_failed(core, error_code::unavailable, {}, {"c", "r"});
  CHECK(core.done() == lines{"store hi for boris", "send error unavailable c r"});
}

TEST_CASE_METHOD(reading, "reading pauses while 256 sends wait to be stored", "[part]") {
  open(0);
  for (int number = 1; number < actors::max_sends_under_way; ++number)
    message("hi");
  CHECK(core.reading());
  message("hi");
  CHECK_FALSE(core.reading());
  entry(1, true);
  CHECK(core.reading());
}

TEST_CASE_METHOD(reading, "a client's marks go no further than what it was sent", "[part]") {
  open(3);
  core.done();
  part.handle_received(core, 9, {});
  part.handle_have_read(core, {"boris", 2}, {});
  CHECK(core.done() == lines{"received 3", "read boris 2"});
  core.has_room = false;
  part.handle_received(core, 3, {"", "r"});
  CHECK(core.done() == lines{"send error unavailable r"});
}

TEST_CASE_METHOD(reading, "a closing client is sent no entries", "[part]") {
  open(3, 1);
  core.done();
  core.at = actors::stage::closing;
  page({2, 3});
  entry(4);
  CHECK(core.done().empty());
}

TEST_CASE_METHOD(plain_reading, "a plain client goes on behind what was delivered", "[part]") {
  open(3, std::nullopt, 2);
  CHECK(core.done() == lines{"open inbox", "welcome anew 3", "read inbox after 2"});
  page({3});
  CHECK(core.done() == lines{"send usermsg 3", "ping 3", "call in 1 s"});
}

TEST_CASE_METHOD(plain_reading, "a plain client is pinged until all is delivered", "[part]") {
  open(0);
  core.done();
  entry(1);
  CHECK(core.done() == lines{"send usermsg 1", "ping 1", "call in 1 s"});
  entry(2);
  CHECK(core.done() == lines{"send usermsg 2"});
  part.on_pong(core, "1");
  CHECK(core.done() == lines{"delivered 1"});
  part.on_delivery_due(core);
  CHECK(core.done() == lines{"ping 2", "call in 1 s"});
  part.on_pong(core, "nonsense");
  part.on_pong(core, "99"); // more than was sent
  CHECK(core.done() == lines{"delivered 2"});
  part.on_delivery_due(core);
  part.on_pong(core, "2");
  CHECK(core.done().empty());
}

} // namespace klatch::test
