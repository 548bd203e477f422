#include "messages/wire/readable_cid.hpp"

#include "messages/wire/commands.hpp"
#include "messages/wire/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>

namespace klatch {

namespace {

constexpr std::string_view spaces = " \t\r\n";
constexpr std::string_view wanted = "cid";
/// The quotes, and what escapes make of the longest string that is looked at.
constexpr std::size_t max_token = 2 + max_escaped_byte * max_cid_bytes;

/// Walks over brackets and strings, whatever stands between them.
class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {
    skip("\xEF\xBB\xBF"); // A byte order mark, of which no byte stands before a frame otherwise.
    skip(spaces);
  }

  std::string cid() {
    if (at_ == text_.size() || text_[at_] != '{')
      return {};
    std::string_view last;
    while (at_ < text_.size()) {
      const auto key = next_string();
      const bool is_member = depth_ == 1 && next_is(':');
      if (!is_member || !is_wanted(key))
        continue;
      ++at_;
      last = next_is('"') ? next_string() : std::string_view{};
    }
    auto found = decoded(last);
    return found.size() <= max_cid_bytes ? found : std::string{};
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

  static bool is_wanted(std::string_view key) {
    if (key.find('\\') == std::string_view::npos)
      return key.size() == wanted.size() + 2 && key.substr(1, wanted.size()) == wanted;
    return key.size() <= 2 + max_escaped_byte * wanted.size() && decoded(key) == wanted;
  }

  /// What `token` says; nothing where that cannot be read or is too long to count.
  static std::string decoded(std::string_view token) {
    if (token.empty() || token.size() > max_token)
      return {};
    const auto value = nlohmann::json::parse(token, nullptr, false);
    return value.is_string() ? value.get<std::string>() : std::string{};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

} // namespace

std::string readable_cid(std::string_view text) { return scanner{text}.cid(); }

} // namespace klatch
