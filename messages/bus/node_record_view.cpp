#include "messages/bus/node_record_view.hpp"

#include "messages/bus/byte_cursor.hpp"
#include "messages/partition.hpp"

#include <array>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace klatch {

namespace {

std::optional<user_key> user_named(std::string_view project, std::string_view user,
                                   std::uint64_t hash) {
  auto in = project_id::parse(project);
  auto who = user_id::parse(user);
  if (!in || !who || hash_of(*in, *who) != hash)
    return std::nullopt;
  return user_key{std::move(*in), std::move(*who)};
}

/// Writes a payload, or counts its bytes: both by the same description.
class byte_count {
public:
  void fixed(std::uint64_t /*number*/) noexcept { bytes_ += fixed_bytes; }
  void varint(std::uint64_t number) noexcept { bytes_ += varint_bytes(number); }
  void texts(std::initializer_list<std::string_view> all) noexcept { bytes_ += texts_bytes(all); }
  std::size_t bytes() const noexcept { return bytes_; }

private:
  std::size_t bytes_ = 0;
};

class byte_writer {
public:
  explicit byte_writer(std::string& to) noexcept : to_(to) {}

  void fixed(std::uint64_t number) { put_fixed(to_, number); }
  void varint(std::uint64_t number) { put_varint(to_, number); }
  void texts(std::initializer_list<std::string_view> all) { put_texts(to_, all); }

private:
  std::string& to_;
};

void describe(auto& to, const bus_question& record) {
  to.varint(record.number);
  to.varint(static_cast<std::uint64_t>(record.reason));
  to.texts({record.user.project.str(), record.user.user.str()});
}

void describe(auto& to, const bus_answer& record) {
  to.fixed(record.asker);
  to.varint(record.number);
  to.varint(record.has ? 1 : 0);
  to.varint(record.connected);
  to.texts({record.user.project.str(), record.user.user.str()});
}

void describe(auto& to, const bus_notice& record) {
  to.texts({record.user.project.str(), record.user.user.str(), record.text.text()});
}

void describe(auto& to, const bus_presence& record) {
  to.varint(static_cast<std::uint64_t>(record.what));
  to.texts({record.user.project.str(), record.user.user.str()});
}

void describe(auto& to, const bus_delivery& record) {
  to.varint(record.text.is_of_guest() ? 1 : 0);
  to.texts({record.user.project.str(), record.user.user.str(), record.text.text()});
}

void describe(auto& to, const bus_introduction& record) {
  to.texts({record.user.project.str(), record.user.user.str(), record.from.str()});
}

/// Every payload begins with the user's hash.
void describe_all(auto& to, const node_record& record) {
  to.fixed(hash_of(user_of(record)));
  std::visit([&to](const auto& each) { describe(to, each); }, record);
}

// -- reading --------------------------------------------------------------------------------------

std::optional<node_record> read_question(byte_cursor bytes, std::uint64_t hash) {
  const auto number = bytes.varint();
  const auto reason = bytes.varint();
  const auto [project, user] = bytes.texts<2>();
  auto who = user_named(project, user, hash);
  if (bytes.failed() || !who || reason < 1 || reason > 2)
    return std::nullopt;
  return bus_question{std::move(*who), number, static_cast<question_reason>(reason)};
}

std::optional<node_record> read_answer(byte_cursor bytes, std::uint64_t hash) {
  bus_answer found{{project_id::parse("-").value(), user_id::parse("-").value()}};
  found.asker = bytes.fixed();
  found.number = bytes.varint();
  found.has = bytes.varint() != 0;
  found.connected = bytes.varint();
  const auto [project, user] = bytes.texts<2>();
  auto who = user_named(project, user, hash);
  if (bytes.failed() || !who)
    return std::nullopt;
  found.user = std::move(*who);
  return found;
}

std::optional<node_record> read_notice(byte_cursor bytes, std::uint64_t hash) {
  const auto [project, user, text] = bytes.texts<3>();
  auto who = user_named(project, user, hash);
  if (bytes.failed() || !who)
    return std::nullopt;
  return bus_notice{std::move(*who), frame{std::string{text}, frame_type::system}};
}

std::optional<node_record> read_presence(byte_cursor bytes, std::uint64_t hash) {
  const auto what = bytes.varint();
  const auto [project, user] = bytes.texts<2>();
  auto who = user_named(project, user, hash);
  if (bytes.failed() || !who || what < 1 || what > 3)
    return std::nullopt;
  return bus_presence{std::move(*who), static_cast<presence>(what)};
}

std::optional<node_record> read_delivery(byte_cursor bytes, std::uint64_t hash) {
  const bool of_guest = bytes.varint() != 0;
  const auto [project, user, text] = bytes.texts<3>();
  auto who = user_named(project, user, hash);
  if (bytes.failed() || !who)
    return std::nullopt;
  return bus_delivery{std::move(*who), frame{std::string{text}, frame_type::usermsg, {}, of_guest}};
}

std::optional<node_record> read_introduction(byte_cursor bytes, std::uint64_t hash) {
  const auto [project, user, from] = bytes.texts<3>();
  auto who = user_named(project, user, hash);
  auto writer = user_id::parse(from);
  if (bytes.failed() || !who || !writer)
    return std::nullopt;
  return bus_introduction{std::move(*who), std::move(*writer)};
}

using reader = std::optional<node_record> (*)(byte_cursor, std::uint64_t);
constexpr std::size_t question_kind = 0, answer_kind = 1, notice_kind = 2;
constexpr std::array<reader, std::variant_size_v<node_record>> readers{
    read_question, read_answer, read_notice, read_presence, read_delivery, read_introduction};
static_assert(std::is_same_v<std::variant_alternative_t<answer_kind, node_record>, bus_answer>);
static_assert(std::is_same_v<std::variant_alternative_t<notice_kind, node_record>, bus_notice>);

} // namespace

std::size_t payload_of(const node_record& record) noexcept {
  byte_count count;
  describe_all(count, record);
  return count.bytes();
}

void put_payload(std::string& to, const node_record& record) {
  byte_writer writer{to};
  describe_all(writer, record);
}

node_record_view::node_record_view(std::size_t kind, std::string_view payload) noexcept
    : kind_(kind) {
  byte_cursor bytes{payload};
  owner_hash_ = bytes.fixed();
  rest_ = bytes.rest();
}

bool node_record_view::is_for_all() const noexcept {
  return kind_ == question_kind || kind_ == notice_kind;
}

std::optional<std::uint64_t> node_record_view::answers() const noexcept {
  if (kind_ != answer_kind)
    return std::nullopt;
  return byte_cursor{rest_}.fixed();
}

std::optional<node_record> node_record_view::decode() const {
  return readers.at(kind_)(byte_cursor{rest_}, owner_hash_);
}

} // namespace klatch
