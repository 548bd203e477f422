/// Tables of docs/protocol.md, to compare with the program's own.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace klatch {

inline std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos)
    return {};
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

/// The rows of the first table of docs/protocol.md whose head is `head`.
inline std::vector<std::vector<std::string>> table_headed(const std::string& head) {
  std::ifstream document{KLATCH_GOLDEN_DIR "/../../docs/protocol.md"};
  std::string line;
  while (std::getline(document, line) && line != head)
    continue;
  std::getline(document, line); // the rule below the head
  std::vector<std::vector<std::string>> rows;
  while (std::getline(document, line) && line.starts_with("|")) {
    auto& row = rows.emplace_back();
    std::istringstream cells{line.substr(1)};
    for (std::string cell; std::getline(cells, cell, '|');)
      row.push_back(trimmed(cell));
  }
  return rows;
}

/// `text` as a document marks what stands so in frames.
inline std::string in_backquotes(std::string_view text) {
  return std::string{"`"}.append(text) + '`';
}

} // namespace klatch
