#include "messages/bus/bus_frame.hpp"

#include "messages/bus/byte_cursor.hpp"
#include "messages/partition.hpp"

#include <algorithm>
#include <utility>

namespace klatch {

namespace {

constexpr char bus_mark = 'K';

std::string_view type_name(const frame& text) noexcept {
  return frame_type_names.at(static_cast<std::size_t>(text.type()));
}

std::optional<frame_type> type_named(std::string_view name) noexcept {
  const auto* const found = std::find(frame_type_names.begin(), frame_type_names.end(), name);
  if (found == frame_type_names.end())
    return std::nullopt;
  return static_cast<frame_type>(found - frame_type_names.begin());
}

// -- payloads -------------------------------------------------------------------------------------

std::size_t payload_of(const stored_message& record) noexcept {
  const auto& content = record.content;
  const auto& numbers = record.numbers;
  return 2 * fixed_bytes + varint_bytes(numbers.mid) + varint_bytes(numbers.n) +
         varint_bytes(numbers.from_seq) + varint_bytes(numbers.to_seq) +
         varint_bytes(to_zigzag(numbers.ts)) +
         texts_bytes({content.project.str(), content.from.str(), content.to().str(), content.cid,
                      content.name, content.color, content.text});
}

std::size_t payload_of(const bus_hint& record) noexcept {
  return fixed_bytes + varint_bytes(record.head) +
         texts_bytes({record.owner.project.str(), record.owner.user.str()});
}

std::size_t payload_of(const bus_push& record) noexcept {
  return fixed_bytes + texts_bytes({record.user.project.str(), record.user.user.str(),
                                    type_name(record.text), record.text.text()});
}

std::size_t with_prefix(std::size_t payload) noexcept {
  return 1 + varint_bytes(payload) + payload;
}

/// The fewest bytes that a view of such a record reads; 0: the kind is not known.
std::size_t least_payload(std::uint8_t kind) noexcept {
  switch (static_cast<bus_record_kind>(kind)) {
  case bus_record_kind::stored:
  case bus_record_kind::answer:
    return 2 * fixed_bytes;
  case bus_record_kind::hint:
  case bus_record_kind::push:
    return fixed_bytes;
  case bus_record_kind::question:
  case bus_record_kind::notice:
  case bus_record_kind::presence:
  case bus_record_kind::delivery:
  case bus_record_kind::introduction:
    return node_record_view::least_bytes;
  }
  return 0;
}

/// Of the first of `node_record`.
constexpr auto first_node_kind = static_cast<std::size_t>(bus_record_kind::question);
static_assert(static_cast<std::size_t>(bus_record_kind::introduction) ==
              first_node_kind + std::variant_size_v<node_record> - 1);

std::optional<user_key> key_of(std::string_view project, std::string_view user) {
  auto in = project_id::parse(project);
  auto who = user_id::parse(user);
  if (!in || !who)
    return std::nullopt;
  return user_key{std::move(*in), std::move(*who)};
}

} // namespace

std::size_t size_of(const stored_message& record) noexcept {
  return with_prefix(payload_of(record));
}
std::size_t size_of(const bus_hint& record) noexcept { return with_prefix(payload_of(record)); }
std::size_t size_of(const bus_push& record) noexcept { return with_prefix(payload_of(record)); }
std::size_t size_of(const node_record& record) noexcept { return with_prefix(payload_of(record)); }

// -- writing --------------------------------------------------------------------------------------

bus_frame_writer::bus_frame_writer(unsigned version, std::uint64_t incarnation,
                                   std::size_t max_bytes)
    : version_(version), incarnation_(incarnation), max_bytes_(max_bytes) {
  assert(version >= 1 && version <= bus_version);
  assert(max_bytes >= bus_header_bytes && max_bytes <= max_bus_frame_bytes);
}

bool bus_frame_writer::begin_record(bus_record_kind kind, std::size_t payload) {
  const auto before = std::max(bytes_.size(), bus_header_bytes);
  if (with_prefix(payload) > max_bytes_ - before)
    return false;
  bytes_.resize(before);
  bytes_.push_back(static_cast<char>(kind));
  put_varint(bytes_, payload);
  return true;
}

bool bus_frame_writer::add(const stored_message& record) {
  if (!begin_record(bus_record_kind::stored, payload_of(record)))
    return false;
  const auto& content = record.content;
  const auto& numbers = record.numbers;
  put_fixed(bytes_, hash_of(content.project, content.from));
  put_fixed(bytes_, hash_of(content.project, content.to()));
  for (const auto number : {numbers.mid, numbers.n, numbers.from_seq, numbers.to_seq})
    put_varint(bytes_, number);
  put_varint(bytes_, to_zigzag(numbers.ts));
  put_texts(bytes_, {content.project.str(), content.from.str(), content.to().str(), content.cid,
                     content.name, content.color, content.text});
  return true;
}

bool bus_frame_writer::add(const bus_hint& record) {
  if (!begin_record(bus_record_kind::hint, payload_of(record)))
    return false;
  put_fixed(bytes_, hash_of(record.owner));
  put_varint(bytes_, record.head);
  put_texts(bytes_, {record.owner.project.str(), record.owner.user.str()});
  return true;
}

bool bus_frame_writer::add(const bus_push& record) {
  assert(!record.text.error() && !record.text.is_of_guest());
  if (!begin_record(bus_record_kind::push, payload_of(record)))
    return false;
  put_fixed(bytes_, hash_of(record.user));
  put_texts(bytes_, {record.user.project.str(), record.user.user.str(), type_name(record.text),
                     record.text.text()});
  return true;
}

bool bus_frame_writer::add(const node_record& record) {
  if (!begin_record(static_cast<bus_record_kind>(first_node_kind + record.index()),
                    payload_of(record)))
    return false;
  put_payload(bytes_, record);
  return true;
}

std::string bus_frame_writer::finish(std::uint64_t count) {
  std::string header;
  header.reserve(bus_header_bytes);
  header.push_back(bus_mark);
  header.push_back(static_cast<char>(version_));
  put_fixed(header, incarnation_);
  put_fixed(header, count);
  auto finished = std::exchange(bytes_, {});
  finished.resize(std::max(finished.size(), bus_header_bytes));
  std::copy(header.begin(), header.end(), finished.begin());
  return finished;
}

// -- reading --------------------------------------------------------------------------------------

stored_record_view::stored_record_view(std::string_view payload) noexcept {
  byte_cursor bytes{payload};
  from_hash_ = bytes.fixed();
  to_hash_ = bytes.fixed();
  rest_ = bytes.rest();
}

std::optional<stored_message> stored_record_view::decode() const {
  byte_cursor bytes{rest_};
  message_numbers numbers;
  for (auto* const number : {&numbers.mid, &numbers.n, &numbers.from_seq, &numbers.to_seq})
    *number = bytes.varint();
  numbers.ts = from_zigzag(bytes.varint());
  const auto [project, from, to, cid, name, color, text] = bytes.texts<7>();
  if (bytes.failed())
    return std::nullopt;
  auto in = project_id::parse(project);
  auto sender = user_id::parse(from);
  auto recipient = user_id::parse(to);
  if (!in || !sender || !recipient || hash_of(*in, *sender) != from_hash_ ||
      hash_of(*in, *recipient) != to_hash_)
    return std::nullopt;
  auto conversation = conversation_id::dialogue(*sender, std::move(*recipient));
  return stored_message{{std::move(*in), std::move(*sender), std::move(conversation),
                         std::string{cid}, std::string{name}, std::string{color},
                         std::string{text}},
                        numbers};
}

hint_record_view::hint_record_view(std::string_view payload) noexcept {
  byte_cursor bytes{payload};
  owner_hash_ = bytes.fixed();
  rest_ = bytes.rest();
}

std::optional<bus_hint> hint_record_view::decode() const {
  byte_cursor bytes{rest_};
  const auto head = bytes.varint();
  const auto [project, user] = bytes.texts<2>();
  if (bytes.failed())
    return std::nullopt;
  auto owner = key_of(project, user);
  if (!owner || hash_of(*owner) != owner_hash_)
    return std::nullopt;
  return bus_hint{std::move(*owner), head};
}

push_record_view::push_record_view(std::string_view payload) noexcept {
  byte_cursor bytes{payload};
  owner_hash_ = bytes.fixed();
  rest_ = bytes.rest();
}

std::optional<bus_push> push_record_view::decode() const {
  byte_cursor bytes{rest_};
  const auto [project, user, type, text] = bytes.texts<4>();
  if (bytes.failed())
    return std::nullopt;
  auto owner = key_of(project, user);
  const auto known = type_named(type);
  if (!owner || hash_of(*owner) != owner_hash_ || !known)
    return std::nullopt;
  return bus_push{std::move(*owner), frame{std::string{text}, *known}};
}

void bus_frame_view::iterator::find() noexcept {
  byte_cursor bytes{rest_};
  payload_ = {};
  while (!bytes.at_end() && !bytes.failed()) {
    const auto kind = bytes.byte();
    const auto payload = bytes.take(bytes.varint());
    if (least_payload(kind) == 0)
      continue;
    kind_ = static_cast<bus_record_kind>(kind);
    payload_ = payload;
    break;
  }
  rest_ = bytes.rest();
}

bus_record_view bus_frame_view::view_of(bus_record_kind kind, std::string_view payload) noexcept {
  switch (kind) {
  case bus_record_kind::stored:
    return stored_record_view{payload};
  case bus_record_kind::hint:
    return hint_record_view{payload};
  case bus_record_kind::push:
    return push_record_view{payload};
  default:
    return node_record_view{static_cast<std::size_t>(kind) - first_node_kind, payload};
  }
}

std::optional<bus_frame_view> read_bus_frame(std::string_view bytes) noexcept {
  if (bytes.size() < bus_header_bytes || bytes.size() > max_bus_frame_bytes)
    return std::nullopt;
  byte_cursor header{bytes};
  bus_frame_view found;
  const auto mark = static_cast<char>(header.byte());
  found.version_ = header.byte();
  found.incarnation_ = header.fixed();
  found.count_ = header.fixed();
  if (mark != bus_mark || found.version_ == 0)
    return std::nullopt;
  if (!found.readable())
    return found;
  found.records_ = header.rest();
  byte_cursor records{found.records_};
  while (!records.at_end()) {
    const auto kind = records.byte();
    const auto payload = records.take(records.varint());
    if (kind == 0 || records.failed() || payload.size() < least_payload(kind))
      return std::nullopt;
  }
  if (found.count_ == 0 && !found.records_.empty())
    return std::nullopt;
  return found;
}

} // namespace klatch
