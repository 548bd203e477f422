// What nodes tell each other arrives as it was, or not at all, whatever the bytes are.
#include "messages/bus/bus_frame.hpp"
#include "messages/partition.hpp"
#include "tests/catch.hpp"
#include "tests/messages/bus_records.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace klatch {

namespace {

using namespace std::string_literals;

constexpr std::uint64_t incarnation = 0x0102030405060708;

bus_frame_writer writer_of(std::size_t max_bytes = max_bus_frame_bytes) {
  return {bus_version, incarnation, max_bytes};
}

bus_push receipt_for(const user_key& user) {
  return {user, frame{R"({"type":"receipt","with":"boris","read":3})", frame_type::receipt}};
}

std::vector<bus_record> one_of_each() {
  return {bus_message("see you at six"), bus_hint{bus_user("shop", "boris"), 300},
          receipt_for(bus_user("shop", "anna"))};
}

std::vector<bus_record> all_kinds() {
  auto all = one_of_each();
  for (auto& each : node_records())
    all.push_back(std::move(each));
  return all;
}

std::string frame_of(const std::vector<bus_record>& records, std::uint64_t count = 1) {
  auto writer = writer_of();
  for (const auto& each : records)
    REQUIRE(add_to(writer, each));
  return writer.finish(count);
}

/// What a frame says; the test fails where it is none.
std::vector<bus_record> records_of(const std::string& bytes) {
  return records_in(read_bus_frame(bytes).value());
}

/// A record of any kind as bytes, shorter than 128.
std::string record_bytes(char kind, const std::string& payload) {
  return kind + std::string(1, static_cast<char>(payload.size())) + payload;
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  return bytes;
}

std::string golden_frame(const std::string& name) {
  std::ifstream file{std::string{KLATCH_GOLDEN_DIR} + "/bus_frames.json"};
  REQUIRE(file.is_open());
  for (const auto& each : nlohmann::json::parse(file))
    if (each.at("name") == name)
      return bytes_of(each.at("hex").get<std::string>());
  FAIL("no golden frame has the name " + name);
  return {};
}

/// Reads a copy that ends where its memory does, so that a sanitizer sees who reads on. Returns
/// how many records could be decoded.
std::size_t read_exactly(std::string_view bytes) {
  const std::unique_ptr<char[]> copy{new char[bytes.size()]};
  bytes.copy(copy.get(), bytes.size());
  const auto frame = read_bus_frame({copy.get(), bytes.size()});
  std::size_t decoded = 0;
  if (frame)
    for (const auto& each : records_in(*frame))
      decoded += each.index() != 0 ? 1U : 0U;
  return decoded;
}

} // namespace

TEST_CASE("what is written is read", "[bus]") {
  const auto records = all_kinds();
  const auto bytes = frame_of(records, 42);
  const auto frame = read_bus_frame(bytes);
  REQUIRE(frame);
  CHECK(frame->version() == 1);
  CHECK(frame->incarnation() == incarnation);
  CHECK(frame->count() == 42);
  CHECK_FALSE(frame->is_heartbeat());
  CHECK(records_in(*frame) == records);
}

TEST_CASE("a message arrives whatever its texts and numbers are", "[bus]") {
  auto message = bus_message("a\0b \xF0\x9F\x98\x80"s, "юзер", std::string(max_id_bytes, 'x'));
  message.content.cid.clear();
  message.content.name = std::string(300, 'n');
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  message.numbers = {.mid = most, .n = most, .from_seq = 0, .to_seq = most, .ts = 0};
  message.numbers.ts = GENERATE(std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                std::int64_t{0}, std::numeric_limits<std::int64_t>::max());
  CHECK(records_of(frame_of({message})) == std::vector<bus_record>{message});
}

TEST_CASE("a message to oneself arrives", "[bus]") {
  const auto message = bus_message("do not forget", "anna", "anna");
  CHECK(records_of(frame_of({message})) == std::vector<bus_record>{message});
}

TEST_CASE("whose a record is can be seen without decoding it", "[bus]") {
  const auto bytes = frame_of(one_of_each());
  std::vector<std::uint64_t> seen;
  const auto frame = read_bus_frame(bytes).value();
  for (const auto record : frame)
    if (const auto* stored = std::get_if<stored_record_view>(&record))
      seen.insert(seen.end(), {stored->from_hash(), stored->to_hash()});
    else if (const auto* hint = std::get_if<hint_record_view>(&record))
      seen.push_back(hint->owner_hash());
    else
      seen.push_back(std::get<push_record_view>(record).owner_hash());
  const auto anna = hash_of(bus_user("shop", "anna")), boris = hash_of(bus_user("shop", "boris"));
  CHECK(seen == std::vector{anna, boris, boris, anna});
}

TEST_CASE("of a record about a user it can be seen whom it is for without decoding it", "[bus]") {
  const auto bytes = frame_of(node_records());
  std::vector<bool> for_all;
  std::vector<std::uint64_t> answers;
  const auto frame = read_bus_frame(bytes).value();
  for (const auto record : frame) {
    const auto& view = std::get<node_record_view>(record);
    for_all.push_back(view.is_for_all());
    answers.push_back(view.answers().value_or(0));
    CHECK(view.owner_hash() == hash_of(user_of(*view.decode())));
  }
  CHECK(for_all == std::vector{true, false, true, false, false, false});
  CHECK(answers == std::vector<std::uint64_t>{0, incarnation, 0, 0, 0, 0});
}

TEST_CASE("what a newer node may say of a user is not decoded", "[bus]") {
  const auto anna = bus_user("shop", "anna");
  auto bytes =
      frame_of({bus_question{anna, 1, question_reason{3}}, bus_presence{anna, presence{4}}});
  CHECK(records_of(bytes) == std::vector<bus_record>(2));
}

TEST_CASE("a frame without records is a heartbeat", "[bus]") {
  auto writer = writer_of(bus_header_bytes);
  REQUIRE(writer.empty());
  const auto bytes = writer.finish(7);
  CHECK(bytes.size() == bus_header_bytes);
  const auto frame = read_bus_frame(bytes);
  REQUIRE(frame);
  CHECK(frame->is_heartbeat());
  CHECK(frame->count() == 7);
  CHECK(records_in(*frame).empty());
}

TEST_CASE("a writer writes one frame after the other", "[bus]") {
  auto writer = writer_of();
  REQUIRE(writer.add(bus_message("one")));
  CHECK_FALSE(writer.empty());
  const auto first = writer.finish(1);
  CHECK(writer.empty());
  REQUIRE(writer.add(bus_message("two")));
  const auto second = writer.finish(2);
  CHECK(records_of(first) == std::vector<bus_record>{bus_message("one")});
  CHECK(records_of(second) == std::vector<bus_record>{bus_message("two")});
  CHECK(read_bus_frame(second)->count() == 2);
}

// Nodes of different versions read each other's frames: bytes that change here part them.
TEST_CASE("the bytes of version 1 never change", "[bus]") {
  CHECK(frame_of(one_of_each()) == golden_frame("one record of each kind"));
  CHECK(frame_of(node_records()) == golden_frame("one record of each kind about users"));
  CHECK(frame_of({bus_message("a\0b \xF0\x9F\x98\x80"s, "юзер", "7")}, 300) ==
        golden_frame("a message with a zero byte"));
  CHECK(writer_of().finish(2) == golden_frame("a heartbeat"));
}

TEST_CASE("what newer nodes add to version 1 is skipped", "[bus]") {
  const auto golden = golden_frame("records with what is not known");
  CHECK(records_of(golden) ==
        std::vector<bus_record>{bus_hint{bus_user("shop", "boris"), 300}, std::monostate{}});
  auto unknown = writer_of().finish(1) + record_bytes(99, "whatever") + record_bytes(100, "");
  CHECK(records_of(unknown).empty());
  CHECK_FALSE(read_bus_frame(unknown)->is_heartbeat());
}

TEST_CASE("of a higher version it is known whose frame it is", "[bus]") {
  auto bytes = frame_of(one_of_each(), 5);
  bytes[1] = GENERATE('\x02', '\xFF');
  const auto frame = read_bus_frame(bytes);
  REQUIRE(frame);
  CHECK_FALSE(frame->readable());
  CHECK_FALSE(frame->is_heartbeat());
  CHECK(frame->version() == static_cast<unsigned char>(bytes[1]));
  CHECK(frame->incarnation() == incarnation);
  CHECK(frame->count() == 5);
  CHECK(frame->begin() == frame->end());
}

TEST_CASE("what is no frame is none", "[bus]") {
  const auto header = writer_of().finish(1);
  const auto changed = [&](std::size_t at, char byte) {
    auto bytes = header;
    bytes[at] = byte;
    return bytes;
  };
  CHECK_FALSE(read_bus_frame(""));
  CHECK_FALSE(read_bus_frame(R"({"type":"receipt","with":"boris"})"));
  CHECK_FALSE(read_bus_frame(changed(1, 0)));
  CHECK_FALSE(read_bus_frame(header + '\x02'));
  CHECK_FALSE(read_bus_frame(header + record_bytes(0, "")));
  CHECK_FALSE(read_bus_frame(header + record_bytes(2, "short")));
  CHECK_FALSE(read_bus_frame(header + '\x63' + std::string(9, '\xFF') + '\x02'));
  CHECK_FALSE(read_bus_frame(header + '\x63' + std::string(10, '\xFF') + '\x01'));
}

TEST_CASE("a record about a user has room for whose it is", "[bus]") {
  const auto header = writer_of().finish(1);
  CHECK_FALSE(read_bus_frame(header + record_bytes(9, "short")));
  CHECK_FALSE(read_bus_frame(header + record_bytes(5, "of one number")));
}

TEST_CASE("records without a count are none", "[bus]") {
  CHECK(read_bus_frame(writer_of().finish(0)));
  CHECK_FALSE(read_bus_frame(frame_of(one_of_each(), 0)));
}

TEST_CASE("a record that lies about whose it is is not decoded", "[bus]") {
  auto bytes = frame_of({bus_message("x"), bus_hint{bus_user("shop", "boris"), 300},
                         receipt_for(bus_user("site", "clara"))});
  bytes[bytes.find("anna")] = 'A';
  bytes[bytes.rfind("boris", bytes.rfind("site"))] = 'B';
  bytes[bytes.rfind("site")] = 'S';
  CHECK(records_of(bytes) == std::vector<bus_record>(3));
}

TEST_CASE("a record with a text that is not UTF-8 is not decoded", "[bus]") {
  const auto text = GENERATE("\xFF"s, "\xC3"s, "\xA9"s, "\xED\xA0\x80"s);
  const auto bytes = frame_of({bus_message(text), bus_message("fine")});
  CHECK(records_of(bytes) == std::vector<bus_record>{std::monostate{}, bus_message("fine")});
}

TEST_CASE("a character that two texts share makes neither UTF-8", "[bus]") {
  auto message = bus_message("\xA9");
  message.content.color = "\xC3";
  CHECK(records_of(frame_of({message})) == std::vector<bus_record>(1));
}

TEST_CASE("a frame that is cut off is none, or has fewer records", "[bus]") {
  const auto bytes = frame_of(all_kinds());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    INFO(length);
    REQUIRE(read_exactly(std::string_view{bytes}.substr(0, length)) < all_kinds().size());
  }
  CHECK(read_exactly(bytes) == all_kinds().size());
}

TEST_CASE("whichever bit is wrong, nothing else breaks", "[bus]") {
  const auto good = frame_of(all_kinds());
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) ^ 1U << bit % 8);
    INFO(bit);
    REQUIRE(read_exactly(bytes) <= all_kinds().size());
  }
}

TEST_CASE("a frame has no more bytes than it may", "[bus]") {
  const auto message = bus_message(std::string(100, 'x'));
  const auto size = size_of(message);
  auto writer = writer_of(bus_header_bytes + 2 * size);
  CHECK(writer.fits(2 * size));
  CHECK_FALSE(writer.fits(2 * size + 1));
  REQUIRE(writer.add(message));
  REQUIRE(writer.add(message));
  CHECK_FALSE(writer.add(message));
  CHECK_FALSE(writer.add(bus_hint{bus_user("p", "7"), 1}));
  const auto bytes = writer.finish(1);
  CHECK(bytes.size() == bus_header_bytes + 2 * size);
  CHECK(records_of(bytes) == std::vector<bus_record>{message, message});
}

TEST_CASE("size_of says what a record takes", "[bus]") {
  const auto text_bytes = GENERATE(0, 1, 60, 127, 128, 16384, 65536);
  const auto message = bus_message(std::string(static_cast<std::size_t>(text_bytes), 'x'));
  CHECK(frame_of({message}).size() == bus_header_bytes + size_of(message));
  const bus_hint hint{bus_user("shop", "boris"), static_cast<std::uint64_t>(text_bytes)};
  CHECK(frame_of({hint}).size() == bus_header_bytes + size_of(hint));
  const auto push = receipt_for(bus_user("shop", "anna"));
  CHECK(frame_of({push}).size() == bus_header_bytes + size_of(push));
  const bus_presence there{bus_user("shop", "anna"), presence::gone};
  CHECK(frame_of({there}).size() == bus_header_bytes + size_of(there));
}

TEST_CASE("a frame that is too large is none", "[bus]") {
  const auto filler = bus_message(std::string(max_bus_frame_bytes - 200, 'x'));
  auto bytes = frame_of({filler});
  while (bytes.size() + 2 <= max_bus_frame_bytes)
    bytes += record_bytes(99, "");
  CHECK(read_bus_frame(bytes));
  CHECK_FALSE(read_bus_frame(bytes + record_bytes(99, "")));
}

} // namespace klatch
