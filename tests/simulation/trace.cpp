#include "tests/simulation/trace.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace klatch::simulation {

namespace {

/// Longer texts are cut.
constexpr std::size_t widest = 240;

/// What a sentence calls a user, such as "u3", or a device of one, such as "u3/1".
std::set<std::string> names_in(std::string_view sentence) {
  const auto is_digit = [](char each) { return each >= '0' && each <= '9'; };
  std::set<std::string> result;
  for (std::size_t at = 0; at + 1 < sentence.size(); ++at) {
    const bool begins = at == 0 || sentence[at - 1] == ' ';
    if (!begins || sentence[at] != 'u' || !is_digit(sentence[at + 1]))
      continue;
    auto end = at + 1;
    while (end < sentence.size() && (is_digit(sentence[end]) || sentence[end] == '/'))
      ++end;
    result.insert(std::string{sentence.substr(at, end - at)});
  }
  return result;
}

bool names(const trace_line& line, const std::string& who) {
  const auto is = [&](const std::string& each) {
    return each == who || each.starts_with(who + '/') || who.starts_with(each + '/');
  };
  return is(line.from) || is(line.to);
}

/// What Mermaid takes for the end of a message, or of the diagram.
std::string without_syntax(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char each) { return each == ';' || each == '#'; }, ',');
  return text.substr(0, 120);
}

std::string participant(const std::string& name) {
  auto result = name;
  std::replace(result.begin(), result.end(), '/', '_');
  return result;
}

} // namespace

std::string as_text(const trace_line& line) {
  char time[32];
  std::snprintf(time, sizeof time, "%12.3f ms  ", static_cast<double>(line.at) / 1000); // NOLINT
  auto result = std::string{time};
  if (!line.from.empty())
    result += line.from + (line.to.empty() ? "  " : " -> " + line.to + "  ");
  result += line.what;
  if (result.size() > widest)
    result.resize(widest);
  return result;
}

std::string as_mermaid(const std::vector<trace_line>& lines) {
  std::string result = "sequenceDiagram\n";
  for (const auto& [at, from, to, what] : lines) {
    const auto text = std::to_string(at / 1000) + " ms " + without_syntax(what);
    if (!from.empty() && !to.empty())
      result += "  " + participant(from) + "->>" + participant(to) + ": " + text + '\n';
    else
      result += "  Note over " + (from.empty() ? "server" : participant(from)) + ": " + text + '\n';
  }
  return result;
}

std::vector<trace_line> about(std::string_view what, const std::vector<trace_line>& lines,
                              std::size_t most) {
  const auto wanted = names_in(what);
  std::vector<trace_line> result;
  for (auto each = lines.rbegin(); each != lines.rend() && result.size() < most; ++each) {
    const bool concerns = wanted.empty() || (each->from.empty() && each->to.empty()) ||
                          std::any_of(wanted.begin(), wanted.end(),
                                      [&](const auto& who) { return names(*each, who); });
    if (concerns)
      result.push_back(*each);
  }
  std::reverse(result.begin(), result.end());
  return result;
}

} // namespace klatch::simulation
