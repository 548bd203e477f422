#include "messages/wire/reference_parser.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace klatch {

namespace {

using json = nlohmann::json;

/// Takes nlohmann's events: keeps the fields of the outermost object and no more.
class frame_builder final : public nlohmann::json_sax<json> {
public:
  explicit frame_builder(std::array<std::string, field_count>& texts) : texts_(texts) {}

  const raw_frame& result() const noexcept { return frame_; }
  std::size_t error_byte() const noexcept { return error_byte_; }
  /// True if the parser gave up on a number beyond what a double holds, which may be valid JSON.
  bool number_overflowed() const noexcept { return number_overflowed_; }

  bool null() override { return put(value_kind::null); }
  bool boolean(bool value) override {
    return put(value_kind::boolean, [&] { return std::string{boolean_text(value)}; });
  }
  bool number_float(double /*value*/, const std::string& /*text*/) override {
    return put(value_kind::other);
  }
  bool number_integer(std::int64_t value) override {
    return put(value_kind::integer, [&] { return std::to_string(value); });
  }
  bool number_unsigned(std::uint64_t value) override {
    return put(value_kind::integer, [&] { return std::to_string(value); });
  }
  bool string(std::string& value) override {
    return put(value_kind::text, [&] { return std::move(value); });
  }
  bool binary(json::binary_t& /*value*/) override { return put(value_kind::other); }

  bool start_object(std::size_t /*elements*/) override {
    if (depth_ == 0)
      frame_.is_object = true;
    const bool is_resume = depth_ == 1 && current_ == field::resume;
    open();
    in_resume_ = in_resume_ || is_resume;
    return true;
  }
  bool key(std::string& name) override {
    if (depth_ == 1)
      begin_member(field_named(name));
    else if (depth_ == 2 && in_resume_)
      current_ = field_of_resume(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*elements*/) override { return open(); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const json::exception& error) override {
    constexpr int number_overflow = 406;
    error_byte_ = position;
    number_overflowed_ = error.id == number_overflow;
    return false;
  }

private:
  void begin_member(std::optional<field> which) {
    current_ = which;
    if (which == field::resume)
      frame_[field::epoch] = frame_[field::since] = {};
  }

  bool open() {
    put(value_kind::other);
    ++depth_;
    current_.reset();
    return true;
  }

  bool close() {
    --depth_;
    current_.reset();
    in_resume_ = in_resume_ && depth_ > 1;
    return true;
  }

  /// The current value is of the given kind; `make` is called for its text if that is wanted.
  template<class Make>
  bool put(value_kind kind, Make make) {
    if (!current_)
      return true;
    auto& text = texts_[static_cast<std::size_t>(*current_)];
    text = make();
    frame_[*current_] = raw_value{kind, text};
    return true;
  }

  bool put(value_kind kind) {
    return put(kind, [] { return std::string{}; });
  }

  std::array<std::string, field_count>& texts_;
  raw_frame frame_;
  std::optional<field> current_; ///< whose value comes next
  bool in_resume_ = false;
  std::size_t depth_ = 0;
  std::size_t error_byte_ = 0;
  bool number_overflowed_ = false;
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Returns `text` with its numbers cut to what a double holds: 30 digits in a row, or 2 of an
/// exponent. That changes neither whether the text is JSON nor, since an integer of 64 bits has at
/// most 20 digits, any value that counts.
std::string with_shorter_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  std::size_t allowed = 30;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      out += c;
      if (c == '\\' && at + 1 < text.size())
        out += text[++at];
      in_string = c != '"';
      continue;
    }
    if (is_digit(c)) {
      if (allowed > 0) {
        out += c;
        --allowed;
      }
      continue;
    }
    const bool in_exponent = c == 'e' || c == 'E' || c == '+' || (c == '-' && allowed == 2);
    allowed = in_exponent ? 2 : 30;
    in_string = c == '"';
    out += c;
  }
  return out;
}

fault not_json(std::string_view reason) {
  return fault{error_code::bad_json,
               std::string{describe(error_code::bad_json).text}.append(": ").append(reason)};
}

} // namespace

std::variant<raw_frame, fault> reference_parser::read(std::string_view text) {
  // The parser would skip the one and take the other for the end.
  if (text.starts_with("\xEF\xBB\xBF"))
    return not_json("it starts with a byte order mark");
  if (text.find('\0') != std::string_view::npos)
    return not_json("it holds a NUL byte");
  frame_builder builder{texts_};
  if (json::sax_parse(text.begin(), text.end(), &builder))
    return builder.result();
  if (builder.number_overflowed()) {
    const auto shorter = with_shorter_numbers(text);
    frame_builder again{texts_};
    if (json::sax_parse(shorter.begin(), shorter.end(), &again))
      return again.result();
    return not_json("see what follows byte " + std::to_string(builder.error_byte()));
  }
  return not_json("see byte " + std::to_string(builder.error_byte()));
}

std::optional<std::string> text_of_json_string(std::string_view token) {
  const auto value = json::parse(token, nullptr, false);
  return value.is_string() ? std::optional{value.get<std::string>()} : std::nullopt;
}

} // namespace klatch
