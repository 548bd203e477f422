/// The table of settings in README.md against the rows that it is made from.
#include "app/settings.hpp"
#include "tests/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace klatch::app {

namespace {

const std::string first_line = "<!-- settings: written by script/settings -->\n\n";
const std::string last_line = "\n<!-- end of settings -->\n";

std::string read_readme() {
  std::ifstream input{KLATCH_README, std::ios::binary};
  REQUIRE(input.is_open());
  return {std::istreambuf_iterator<char>{input}, {}};
}

std::string in_backticks(const std::string& text) { return '`' + text + '`'; }

/// Values as they are typed stand in backticks, words do not.
std::string default_cell(const setting& row) {
  const auto text = default_of(row);
  return row.otherwise.empty() && text != "none" ? in_backticks(text) : text;
}

std::string settings_table() {
  std::string table = "| option | environment | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const auto& row : all_settings())
    table += "| " +
             in_backticks("--" + std::string{row.name} + ' ' + std::string{row.placeholder}) +
             " | " + in_backticks(row.variable) + " | " + default_cell(row) + " | " +
             std::string{row.help} + " |\n";
  return table;
}

} // namespace

TEST_CASE("the table of settings in README.md is that of the rows; script/settings writes it") {
  auto readme = read_readme();
  const auto marker = readme.find(first_line);
  REQUIRE(marker != std::string::npos);
  const auto begin = marker + first_line.size();
  const auto end = readme.find(last_line, begin);
  REQUIRE(end != std::string::npos);
  const auto expected = settings_table();
  const auto* const update = std::getenv("KLATCH_WRITE_README"); // set by script/settings
  if (update != nullptr)
    std::ofstream{KLATCH_README, std::ios::binary} << readme.replace(begin, end - begin, expected);
  else
    CHECK(readme.substr(begin, end - begin) == expected);
}

} // namespace klatch::app
