#include "app/config_file.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace klatch::app {

namespace {

constexpr std::string_view blanks = " \t\r";

/// Far more than all settings take; what is larger is another file, or has no end.
constexpr std::size_t max_file_bytes = 1024UL * 1024;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Joins the lines of an array and takes comments away, so that what is left is one `key = value`
/// after the other.
class statement_reader {
public:
  explicit statement_reader(std::istream& input) : input_(input) {}

  /// The next statement, empty at the end of the file. Throws `config_error`.
  std::string next() {
    text_.clear();
    depth_ = 0;
    closed_ = false;
    for (std::string line; std::getline(input_, line);) {
      ++line_;
      if (text_.empty())
        first_line_ = line_;
      add(trimmed(line));
      if (depth_ == 0 && !text_.empty())
        return std::exchange(text_, {});
    }
    if (depth_ > 0)
      throw config_error("the array is never closed with ]");
    return {};
  }

  /// The line in which the statement that `next` gave, or gave up on, begins.
  std::size_t first_line() const noexcept { return first_line_; }

private:
  void add(std::string_view line) {
    const auto control = [](unsigned char byte) {
      return (byte < 0x20 && byte != '\t') || byte == 0x7F;
    };
    if (std::any_of(line.begin(), line.end(), control))
      throw config_error("a control character cannot stand in this file");
    char quote = '\0';
    if (depth_ > 0)
      text_ += ' ';
    for (const char letter : line) {
      if (quote != '\0') {
        closed_ = letter == quote;
        quote = closed_ ? '\0' : quote;
        text_ += letter;
      } else if (letter == '#') {
        break;
      } else if (closed_ && std::string_view{" \t,]="}.find(letter) == std::string_view::npos) {
        throw config_error("strings stand in one line, with commas between them");
      } else if (letter != ' ' && letter != '\t') {
        closed_ = false;
        quote = letter == '"' || letter == '\'' ? letter : '\0';
        add_bare(letter);
      } else {
        text_ += ' ';
      }
    }
    if (quote != '\0')
      throw config_error(std::string{"a string is not closed with "} + quote);
    trim_end();
  }

  void add_bare(char letter) {
    if (letter == '[' && ++depth_ > 1)
      throw config_error("an array cannot hold another one");
    if (letter == ']' && --depth_ < 0)
      throw config_error("a ] has no [ before it");
    if (letter == ',' || letter == ']') {
      trim_end();
      if (letter == ']' && !text_.empty() && text_.back() == ',')
        text_.pop_back();
    }
    text_ += letter;
  }

  void trim_end() { text_.resize(text_.find_last_not_of(blanks) + 1); }

  std::istream& input_;
  std::string text_;
  int depth_ = 0;
  bool closed_ = false; // a string is over: a comma, a bracket or the end has to follow
  std::size_t line_ = 0;
  std::size_t first_line_ = 0;
};

/// Throws `config_error` for what CLI11's reader would take in another way than TOML has it.
void check_shape(std::string_view statement) {
  if (statement.front() == '[')
    throw config_error("sections such as " + in_quotes(statement) + " are not used here");
  const auto equals = statement.find('=');
  if (equals == std::string_view::npos || trimmed(statement.substr(0, equals)).empty() ||
      trimmed(statement.substr(equals + 1)).empty())
    throw config_error(in_quotes(statement) + " is not of the form key = value");
  const auto value = trimmed(statement.substr(equals + 1));
  if (value.find('\\') != std::string_view::npos)
    throw config_error("a backslash cannot stand in a value");
  if (value.front() == '[' && value.back() != ']')
    throw config_error("something follows the array: text has to stand in quotes");
}

file_setting read_statement(const std::string& statement, std::size_t line) {
  check_shape(statement);
  CLI::ConfigTOML reader;
  reader.comment('\n'); // comments are gone: what # is left is part of a string
  std::istringstream input{statement};
  auto items = reader.from_config(input);
  if (items.size() != 1)
    throw config_error(in_quotes(statement) + " is not of the form key = value");
  const bool empty = statement.ends_with("[]");
  return {items.front().fullname(), empty ? std::vector<std::string>{} : items.front().inputs,
          line};
}

std::string read_whole(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream input{file, std::ios::binary};
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() <= max_file_bytes &&
         (input.read(part.data(), part.size()), input.gcount() > 0))
    text.append(part.data(), static_cast<std::size_t>(input.gcount()));
  if (text.size() > max_file_bytes)
    throw unreadable_file("cannot read " + in_quotes(file.string()) +
                          ": it is larger than 1 MiB, which no configuration is");
  if (!input.is_open() || input.bad())
    throw unreadable_file("cannot read " + in_quotes(file.string()) + ": " +
                          std::generic_category().message(errno));
  static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark))
    text.erase(0, byte_order_mark.size());
  return text;
}

} // namespace

std::vector<file_setting> read_config_file(const std::filesystem::path& file) {
  std::istringstream input{read_whole(file)};
  statement_reader statements{input};
  std::vector<file_setting> result;
  try {
    for (auto text = statements.next(); !text.empty(); text = statements.next())
      result.push_back(read_statement(text, statements.first_line()));
  } catch (const config_error& error) {
    throw config_error(file.string() + ", line " + std::to_string(statements.first_line()) + ": " +
                       error.what());
  }
  return result;
}

} // namespace klatch::app
