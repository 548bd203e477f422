// Error codes, close codes and their advice: tests/golden/codes.json and docs/protocol.md say what
// messages/errors.cpp says. The SDK and the page are tested against the golden file.
#include "messages/errors.hpp"
#include "tests/catch.hpp"
#include "tests/messages/document_table.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace klatch {

namespace {

using ordered_json = nlohmann::ordered_json;

const std::string codes_file = KLATCH_GOLDEN_DIR "/codes.json";

ordered_json row_for(const error_row& row) {
  ordered_json closes_with = nullptr;
  if (row.closes_with)
    closes_with = static_cast<unsigned>(*row.closes_with);
  return {{"code", row.name},
          {"temporary", row.temporary},
          {"closes_with", closes_with},
          {"advice", name_of(row.what_to_do)}};
}

ordered_json row_for(const close_row& row) {
  return {{"code", static_cast<unsigned>(row.code)},
          {"reason", row.reason},
          {"advice", name_of(row.what_to_do)}};
}

template<class Rows>
std::string list_of(const Rows& rows) {
  std::string result;
  for (const auto& row : rows)
    result.append(result.empty() ? "\n    " : ",\n    ").append(row_for(row).dump());
  return result;
}

/// The golden file as the table has it, a row a line.
std::string made_from_the_table() {
  return "{\n  \"errors\": [" + list_of(all_errors()) + "\n  ],\n  \"closes\": [" +
         list_of(all_closes()) + "\n  ]\n}\n";
}

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

bool begins_with_advice(const std::string& cell, advice what) {
  const auto name = in_backquotes(name_of(what));
  return cell == name || cell.starts_with(name + ": ");
}

} // namespace

TEST_CASE("the golden file of codes is what the table says", "[codes]") {
  const auto expected = made_from_the_table();
  if (std::getenv("KLATCH_WRITE_GOLDEN") != nullptr)
    std::ofstream{codes_file} << expected;
  INFO("to write the file anew: KLATCH_WRITE_GOLDEN=1 build/dev/tests/test_messages '[codes]'");
  CHECK(content_of(codes_file) == expected);
}

TEST_CASE("docs/protocol.md has the errors of the table, in its order", "[codes]") {
  const auto rows =
      table_headed("| code | meaning | `temporary` | the connection | what a client does |");
  const auto errors = all_errors();
  REQUIRE(rows.size() == errors.size());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto& cells = rows[at];
    const auto& error = errors[at];
    INFO(error.name);
    REQUIRE(cells.size() == 5);
    CHECK(cells[0] == in_backquotes(error.name));
    CHECK(cells[2] == (error.temporary ? "yes" : ""));
    const auto stays = error.closes_with ? std::to_string(static_cast<unsigned>(*error.closes_with))
                                         : std::string{"stays open"};
    CHECK(cells[3].starts_with(stays));
    CHECK(begins_with_advice(cells[4], error.what_to_do));
  }
}

TEST_CASE("docs/protocol.md has the close codes of the table, in its order", "[codes]") {
  const auto rows = table_headed("| code | meaning | what a client does |");
  const auto closes = all_closes();
  REQUIRE(rows.size() == closes.size());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto& cells = rows[at];
    INFO(closes[at].reason);
    REQUIRE(cells.size() == 3);
    CHECK(cells[0] == std::to_string(static_cast<unsigned>(closes[at].code)));
    CHECK(begins_with_advice(cells[2], closes[at].what_to_do));
    if (static_cast<unsigned>(closes[at].code) >= 4000)
      CHECK(cells[1].starts_with(in_backquotes(closes[at].reason)));
  }
}

TEST_CASE("docs/protocol.md explains every advice that is given", "[codes]") {
  const auto rows = table_headed("| advice | a client |");
  const auto explained = [&](advice what) {
    for (const auto& row : rows)
      if (row.front() == in_backquotes(name_of(what)))
        return true;
    return false;
  };
  for (const auto& error : all_errors())
    CHECK(explained(error.what_to_do));
  for (const auto& close : all_closes())
    CHECK(explained(close.what_to_do));
}

} // namespace klatch
