#include "messages/wire/decoder.hpp"

#include "messages/wire/interpret.hpp"
#include "messages/wire/readable_key.hpp"
#include "messages/wire/reference_parser.hpp"

#include <simdjson.h>

#include <charconv>
#include <optional>
#include <variant>

namespace klatch {

namespace {

/// Reads by simdjson: one pass that validates all of the text.
///
/// The parser's buffers are about 15 times as large as the text, and almost all of that is for
/// fields. So room for the largest frame is taken once, 6 MiB of addresses: what is written of it,
/// and so resident, is little more than the text. Buffers that grow and go cost more of both memory
/// and time.
class fast_reader {
public:
  /// Takes texts of up to `room` bytes, and larger ones at the cost of allocations.
  explicit fast_reader(std::size_t room) noexcept : room_(room) {}

  /// Returns the frame, or nothing if `reference_parser` has to read the text. The frame's views
  /// stay valid until the next call.
  std::optional<raw_frame> read(std::string_view text) {
    // Newer versions of simdjson skip a byte order mark.
    if (text.empty() || text.starts_with('\xEF') || !has_room())
      return std::nullopt;
    simdjson::dom::element root;
    if (parser_.parse_into_document(document_, text.data(), text.size()).get(root) !=
        simdjson::SUCCESS)
      return std::nullopt;
    raw_frame result;
    simdjson::dom::object members;
    if (root.get(members) != simdjson::SUCCESS)
      return result;
    result.is_object = true;
    for (const auto member : members) {
      const auto which = field_named(member.key);
      if (!which)
        continue;
      result[*which] = value_of(*which, member.value);
      if (*which == field::resume)
        read_resume(member.value, result);
    }
    return result;
  }

private:
  void read_resume(simdjson::dom::element value, raw_frame& result) {
    result[field::epoch] = result[field::since] = {};
    simdjson::dom::object members;
    if (value.get(members) != simdjson::SUCCESS)
      return;
    for (const auto member : members)
      if (const auto which = field_of_resume(member.key))
        result[*which] = value_of(*which, member.value);
  }

  /// Returns false if memory is short.
  bool has_room() {
    return parser_.capacity() != 0 || (document_.allocate(room_) == simdjson::SUCCESS &&
                                       parser_.allocate(room_) == simdjson::SUCCESS);
  }

  raw_value value_of(field which, simdjson::dom::element value) {
    switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return {value_kind::text, value.get_string().value_unsafe()};
    case simdjson::dom::element_type::INT64:
      return {value_kind::integer, digits(which, value.get_int64().value_unsafe())};
    case simdjson::dom::element_type::UINT64:
      return {value_kind::integer, digits(which, value.get_uint64().value_unsafe())};
    case simdjson::dom::element_type::BOOL:
      return {value_kind::boolean, boolean_text(value.get_bool().value_unsafe())};
    case simdjson::dom::element_type::NULL_VALUE:
      return {value_kind::null, {}};
    default:
      return {value_kind::other, {}};
    }
  }

  template<class Integer>
  std::string_view digits(field which, Integer value) {
    auto& place = digits_[static_cast<std::size_t>(which)];
    const auto end = std::to_chars(place.data(), place.data() + place.size(), value).ptr;
    return {place.data(), static_cast<std::size_t>(end - place.data())};
  }

  std::size_t room_;
  simdjson::dom::document document_;
  simdjson::dom::parser parser_;
  /// Room for the longest integers, -9223372036854775808 and 18446744073709551615.
  std::array<std::array<char, 20>, field_count> digits_{};
};

} // namespace

struct decoder::implementation {
  limits allowed;
  fast_reader fast;
  made_texts made;                      ///< the last result has views into them
  std::optional<reference_parser> slow; ///< there while the last result has views into it
  owned_key readable;                   ///< of a text that is not JSON
};

decoder::decoder(const limits& allowed)
    : self_(std::make_unique<implementation>(
          implementation{allowed, fast_reader{allowed.frame_bytes}, {}, {}, {}})) {}
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;
decoder::~decoder() = default;

decoded_frame decoder::decode(std::string_view text, dialect speaks,
                              std::optional<as_written> known) {
  if (auto decoded = decode_fast(text, speaks, known))
    return *std::move(decoded);
  return decode_slowly(text, speaks, known);
}

std::optional<decoded_frame> decoder::decode_fast(std::string_view text, dialect speaks,
                                                  std::optional<as_written> known) {
  self_->slow.reset();
  if (const auto frame = self_->fast.read(text))
    return interpret(*frame, speaks, self_->allowed, self_->made, known);
  return std::nullopt;
}

decoded_frame decoder::decode_slowly(std::string_view text, dialect speaks,
                                     std::optional<as_written> known) {
  auto read = self_->slow.emplace().read(text);
  if (const auto* frame = std::get_if<raw_frame>(&read))
    return interpret(*frame, speaks, self_->allowed, self_->made, known);
  decoded_frame result{std::get<fault>(std::move(read)), {}};
  if (speaks == dialect::extended) {
    self_->readable = readable_key(text);
    result.key = self_->readable.view();
  }
  return result;
}

} // namespace klatch
