#include "bench/load/result_line.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <string_view>

namespace load {

namespace {

using json = nlohmann::ordered_json;

/// Where a number is found in the result, and how it is printed.
struct placeholder {
  json::json_pointer path;
  int digits;
  double factor;
};

/// `text`: what stands between the braces.
placeholder parsed(std::string_view text) {
  const auto colon = text.find(':');
  const auto unit = text.substr(colon + 2);
  return {json::json_pointer(std::string(text.substr(0, colon))), text[colon + 1] - '0',
          unit == "%"   ? 100.0
          : unit == "M" ? 1.0 / 1024
                        : 1.0};
}

std::string printed(const placeholder& value, const json& result) {
  std::array<char, 64> digits{};
  std::snprintf(digits.data(), digits.size(), "%.*f", value.digits,
                result.at(value.path).get<double>() * value.factor);
  return digits.data();
}

/// What stands between the first braces of `text`.
std::string_view first_in_braces(std::string_view text) {
  text.remove_prefix(text.find('{') + 1);
  return text.substr(0, text.find('}'));
}

std::string filled_in(std::string_view text, const json& result) {
  std::string line;
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    line.append(text.substr(0, open));
    line.append(printed(parsed(first_in_braces(text)), result));
    text.remove_prefix(text.find('}', open) + 1);
  }
  return line.append(text);
}

} // namespace

std::string text_of(const result_line& line, const std::string& name, const json& result) {
  auto text = (result.value("extended", false) ? "extended " : "") + name + ": ";
  text.append(filled_in(line.always, result));
  const std::string_view more = line.if_measured;
  if (!more.empty() && result.contains(parsed(first_in_braces(more)).path))
    text.append(filled_in(more, result));
  if (result.value("load_is_bottleneck", false))
    text.append("; THE LOAD PROGRAM IS THE BOTTLENECK");
  return text;
}

} // namespace load
