#include "messages/wire/readable_key.hpp"

#include "messages/limits.hpp"
#include "messages/wire/reference_parser.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace klatch {

namespace {

constexpr std::string_view spaces = " \t\r\n";
constexpr std::array<std::string_view, 2> wanted{"cid", "ref"};
constexpr std::size_t wanted_size = 3;
/// The quotes, and what escapes make of the longest string that is looked at.
constexpr std::size_t max_token = 2 + max_escaped_byte * max_key_bytes;

/// Walks over brackets and strings, whatever stands between them.
class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {
    skip("\xEF\xBB\xBF"); // A byte order mark, of which no byte stands before a frame otherwise.
    skip(spaces);
  }

  owned_key key() {
    if (at_ == text_.size() || text_[at_] != '{')
      return {};
    std::array<std::string_view, wanted.size()> last;
    while (at_ < text_.size()) {
      const auto name = next_string();
      const bool is_member = depth_ == 1 && next_is(':');
      const auto which = is_member ? index_of(name) : wanted.size();
      if (which == wanted.size())
        continue;
      ++at_;
      last[which] = next_is('"') ? next_string() : std::string_view{};
    }
    return {short_text(last[0]), short_text(last[1])};
  }

private:
  void skip(std::string_view what) {
    at_ = std::min(text_.find_first_not_of(what, at_), text_.size());
  }

  bool next_is(char wanted_one) {
    skip(spaces);
    return at_ < text_.size() && text_[at_] == wanted_one;
  }

  /// The next string, in its quotes; what stands before it is passed over. Empty at the end.
  std::string_view next_string() {
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_)
      count(text_[at_]);
    const auto begin = at_;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\')
        ++at_;
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return {};
    }
    ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void count(char bracket) {
    if (bracket == '{' || bracket == '[')
      ++depth_;
    else if ((bracket == '}' || bracket == ']') && depth_ > 0)
      --depth_;
  }

  /// Returns the place in `wanted` of a member's name in its quotes; its size: none of them.
  static std::size_t index_of(std::string_view name) {
    if (name.size() < wanted_size + 2 || name.size() > 2 + max_escaped_byte * wanted_size)
      return wanted.size();
    const bool escaped = name.find('\\') != std::string_view::npos;
    const auto text = escaped ? decoded(name) : std::string{name.substr(1, name.size() - 2)};
    return static_cast<std::size_t>(std::find(wanted.begin(), wanted.end(), text) - wanted.begin());
  }

  static std::string short_text(std::string_view token) {
    auto found = decoded(token);
    return found.size() <= max_key_bytes ? found : std::string{};
  }

  /// Returns the text of a string in its quotes; empty if it cannot be read or is too long to
  /// count.
  static std::string decoded(std::string_view token) {
    if (token.empty() || token.size() > max_token)
      return {};
    return text_of_json_string(token).value_or(std::string{});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

} // namespace

owned_key readable_key(std::string_view text) { return scanner{text}.key(); }

} // namespace klatch
