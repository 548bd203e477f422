#include "messages/codec.hpp"

#include "messages/decode_slow.hpp"
#include "messages/raw_frame.hpp"

#include <simdjson.h>

#include <charconv>
#include <optional>
#include <variant>

namespace klatch {

namespace {

/// The fast parser's buffers take about 15 times the memory of the text: room for texts of this
/// size, in bytes, is there from the start, and room for larger ones than `most_kept` only until a
/// smaller one comes.
constexpr std::size_t usual_bytes = 8UL * 1024;
constexpr std::size_t most_kept = 2 * usual_bytes;

/// Reads by simdjson: one pass that validates all of the text.
class fast_reader {
public:
  /// The frame, or nothing where `slow_reader` has to say what is there. The frame's views stay
  /// valid until the next call.
  std::optional<raw_frame> read(std::string_view text) {
    // Newer versions of simdjson skip a byte order mark.
    if (text.empty() || text.starts_with('\xEF') || !make_room(text.size()))
      return std::nullopt;
    simdjson::dom::element root;
    if (parser_.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS)
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

  /// False where memory is short.
  bool make_room(std::size_t bytes) {
    const auto room = parser_.capacity();
    if (room != 0 && (room <= most_kept || bytes > most_kept))
      return true;
    parser_ = simdjson::dom::parser{};
    return parser_.allocate(usual_bytes) == simdjson::SUCCESS;
  }

  raw_value value_of(field which, simdjson::dom::element value) {
    switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return {value_kind::text, value.get_string().value_unsafe()};
    case simdjson::dom::element_type::INT64:
      return {value_kind::integer, digits(which, value.get_int64().value_unsafe())};
    case simdjson::dom::element_type::UINT64:
      return {value_kind::integer, digits(which, value.get_uint64().value_unsafe())};
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

  simdjson::dom::parser parser_;
  /// Room for the longest integers, -9223372036854775808 and 18446744073709551615.
  std::array<std::array<char, 20>, field_count> digits_{};
};

} // namespace

struct decoder::implementation {
  limits allowed;
  fast_reader fast;
  std::optional<slow_reader> slow; ///< there while the last result has views into it
};

decoder::decoder(const limits& allowed)
    : self_(std::make_unique<implementation>(implementation{allowed, {}, {}})) {}
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;
decoder::~decoder() = default;

command decoder::decode(std::string_view text, dialect speaks) {
  self_->slow.reset();
  if (const auto frame = self_->fast.read(text))
    return interpret(*frame, speaks, self_->allowed);
  auto read = self_->slow.emplace().read(text);
  if (auto* failure = std::get_if<fault>(&read))
    return std::move(*failure);
  return interpret(std::get<raw_frame>(read), speaks, self_->allowed);
}

} // namespace klatch
