// Any bytes are read as a frame of the bus without harm, and what was written is read as what it
// was.
#include "messages/text/utf8.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/messages/bus_records.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klatch {

namespace {

using fuzz::require;

std::string written(const std::vector<bus_record>& records) {
  bus_frame_writer writer{bus_version, 1, max_bus_frame_bytes};
  for (const auto& each : records)
    require(add_to(writer, each), "what is read fits where it was");
  return writer.finish(1);
}

void check_any_bytes(std::string_view bytes) {
  const auto frame = read_bus_frame(bytes);
  if (!frame)
    return;
  auto records = records_in(*frame);
  require(frame->readable() || records.empty(), "of a newer version nothing is read");
  require(records.size() <= bytes.size() / 2, "records are as many as there are bytes for");
  std::erase(records, bus_record{});
  const auto again = written(records);
  require(again.size() <= std::max(bytes.size(), bus_header_bytes), "nothing is made up");
  const auto second = read_bus_frame(again);
  require(second && records_in(*second) == records, "read(write(records)) == records");
}

/// Takes texts and numbers out of the bytes.
class choices {
public:
  explicit choices(std::string_view bytes) noexcept : rest_(bytes) {}

  bool done() const noexcept { return rest_.empty(); }

  std::uint8_t number() noexcept {
    if (rest_.empty())
      return 0;
    const auto found = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return found;
  }

  std::string text() {
    const auto length = std::min<std::size_t>(number(), rest_.size());
    std::string found{rest_.substr(0, length)};
    rest_.remove_prefix(length);
    return found;
  }

  /// A text that is none becomes another one.
  template<class Id>
  Id id() {
    const auto found = text();
    if (is_valid_utf8(found))
      if (auto made = Id::parse(found))
        return *made;
    return Id::parse("7").value();
  }

  std::uint64_t large_number() noexcept { return std::uint64_t{number()} << number() % 64U; }

private:
  std::string_view rest_;
};

stored_message chosen_message(choices& from) {
  const auto project = from.id<project_id>();
  const auto sender = from.id<user_id>();
  return {{project, sender, conversation_id::dialogue(sender, from.id<user_id>()), from.text(),
           from.text(), from.text(), from.text()},
          {from.large_number(), from.large_number(), from.large_number(), from.large_number(),
           static_cast<std::int64_t>(from.large_number())}};
}

bus_record chosen_node_record(choices& from, user_key user) {
  switch (from.number() % std::variant_size_v<node_record>) {
  case 0:
    return bus_question{std::move(user), from.large_number(),
                        from.number() % 2 == 0 ? question_reason::lookup
                                               : question_reason::departure};
  case 1:
    return bus_answer{std::move(user), from.large_number(), from.large_number(),
                      from.number() % 2 == 0, from.large_number()};
  case 2:
    return bus_notice{std::move(user), frame{from.text(), frame_type::system}};
  case 3:
    return bus_presence{std::move(user), static_cast<presence>(1 + from.number() % 3)};
  case 4:
    return bus_delivery{std::move(user),
                        frame{from.text(), frame_type::usermsg, {}, from.number() % 2 == 0}};
  default:
    return bus_introduction{std::move(user), from.id<user_id>()};
  }
}

bus_record chosen_record(choices& from) {
  const auto kind = from.number() % 4;
  if (kind == 0)
    return chosen_message(from);
  const auto project = from.id<project_id>();
  const user_key user{project, from.id<user_id>()};
  if (kind == 1)
    return bus_hint{user, from.large_number()};
  if (kind == 3)
    return chosen_node_record(from, user);
  const auto type = static_cast<frame_type>(from.number() % frame_types);
  return bus_push{user, frame{from.text(), type}};
}

bool is_text(const bus_record& record) {
  if (const auto* message = std::get_if<stored_message>(&record)) {
    const auto& what = message->content;
    return is_valid_utf8(what.cid) && is_valid_utf8(what.name) && is_valid_utf8(what.color) &&
           is_valid_utf8(what.text);
  }
  if (const auto* said = std::get_if<bus_notice>(&record))
    return is_valid_utf8(said->text.text());
  if (const auto* live = std::get_if<bus_delivery>(&record))
    return is_valid_utf8(live->text.text());
  const auto* push = std::get_if<bus_push>(&record);
  return push == nullptr || is_valid_utf8(push->text.text());
}

/// Records of any texts in a small frame: those arrive that fit and are text.
void check_written(choices from) {
  const auto limit = bus_header_bytes + 4U * from.number();
  bus_frame_writer writer{bus_version, 7, limit};
  std::vector<bus_record> expected;
  while (!from.done()) {
    const auto record = chosen_record(from);
    if (add_to(writer, record))
      expected.push_back(is_text(record) ? record : bus_record{});
  }
  const auto bytes = writer.finish(3);
  require(bytes.size() <= limit, "a frame has no more bytes than it may");
  const auto frame = read_bus_frame(bytes);
  require(frame && frame->incarnation() == 7 && frame->count() == 3, "a frame is read");
  require(frame->is_heartbeat() == expected.empty(), "without records it is a heartbeat");
  require(records_in(*frame) == expected, "read(write(records)) == records");
}

} // namespace

} // namespace klatch

// libFuzzer's name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  klatch::check_any_bytes(bytes);
  klatch::check_written(klatch::choices{bytes});
  return 0;
}
