#include "bench/load/frame_fields.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"

#include <charconv>
#include <string>

namespace load {

namespace {

/// A place in JSON that moves on. Everything throws `failure` at the end.
class cursor {
public:
  explicit cursor(std::string_view json) : json_(json) {}

  /// The next character that is no space.
  char peek() {
    at_ = json_.find_first_not_of(" \t\r\n", at_);
    if (at_ >= json_.size())
      fail();
    return json_[at_];
  }

  void expect(char wanted) {
    if (peek() != wanted)
      fail();
    ++at_;
  }

  /// The string that starts here, without its quotes.
  std::string_view string() {
    expect('"');
    const auto begin = at_;
    for (;;) {
      at_ = json_.find('"', at_);
      if (at_ == std::string_view::npos)
        fail();
      if (!is_escaped(begin))
        return json_.substr(begin, at_++ - begin);
      ++at_;
    }
  }

  /// The number, word, object or array that starts here.
  std::string_view other() {
    const auto begin = at_;
    for (std::size_t depth = 0;;) {
      const auto next = peek();
      if (depth == 0 && (next == ',' || next == '}'))
        return json_.substr(begin, at_ - begin);
      if (next == '"') {
        string();
        continue;
      }
      depth += next == '{' || next == '[' ? 1 : 0;
      depth -= next == '}' || next == ']' ? 1 : 0;
      ++at_;
    }
  }

  [[noreturn]] void fail() const {
    throw failure("the server sent what is no JSON object: " + shortened(json_));
  }

private:
  /// Returns true if an odd number of backslashes stands before the quote.
  bool is_escaped(std::size_t begin) const {
    std::size_t slashes = 0;
    while (at_ - slashes > begin && json_[at_ - slashes - 1] == '\\')
      ++slashes;
    return slashes % 2 == 1;
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

} // namespace

frame_fields::frame_fields(std::string_view json) : json_(json) {
  cursor place(json);
  place.expect('{');
  while (place.peek() != '}') {
    if (count_ == most_fields)
      throw failure("the server sent a frame with too many fields: " + shortened(json));
    if (count_ > 0)
      place.expect(',');
    auto& next = fields_[count_++];
    next.name = place.string();
    place.expect(':');
    next.is_string = place.peek() == '"';
    next.value = next.is_string ? place.string() : place.other();
  }
}

const frame_fields::field* frame_fields::find(std::string_view name) const {
  for (std::size_t i = 0; i < count_; ++i)
    if (fields_[i].name == name)
      return &fields_[i];
  return nullptr;
}

std::string_view frame_fields::text(std::string_view name) const {
  const auto* found = find(name);
  return found != nullptr && found->is_string ? found->value : std::string_view{};
}

std::uint64_t frame_fields::number(std::string_view name) const {
  const auto* found = find(name);
  std::uint64_t value = 0;
  if (found != nullptr && !found->is_string) {
    const auto* end = found->value.data() + found->value.size();
    const auto [stopped, error] = std::from_chars(found->value.data(), end, value);
    if (error == std::errc{} && stopped == end)
      return value;
  }
  throw failure("expected a frame with the number \"" + std::string(name) +
                "\", got: " + shortened(json_));
}

bool frame_fields::is_true(std::string_view name) const {
  const auto* found = find(name);
  return found != nullptr && !found->is_string && found->value == "true";
}

} // namespace load
