// The table of metrics, and the files that name metrics.
#include "app/metrics/metric_table.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace klatch::app {

namespace {

using nlohmann::json;

const std::string operations = KLATCH_ROOT "/docs/operations.md";
const std::string metrics_begin = "<!-- metrics: written by script/metrics -->\n\n";
const std::string metrics_end = "\n<!-- end of metrics -->\n";

std::string contents(const std::string& file) {
  std::ifstream input{file, std::ios::binary};
  REQUIRE(input.is_open());
  return {std::istreambuf_iterator<char>{input}, {}};
}

std::string metrics_table() {
  std::string table = "| metric | type, labels | |\n| --- | --- | --- |\n";
  for (const auto& row : all_metrics()) {
    table.append("| `").append(row.name).append("` | ").append(name_of(row.type));
    if (!row.labels.empty())
      table.append("; ").append(row.labels);
    table.append(" | ").append(row.help).append(" |\n");
  }
  return table;
}

std::set<std::string> known_names() {
  std::set<std::string> names;
  for (const auto& row : all_metrics()) {
    const std::string name{row.name};
    names.insert(name);
    if (row.type == prometheus::MetricType::Histogram)
      for (const auto* part : {"_bucket", "_count", "_sum"})
        names.insert(name + part);
  }
  return names;
}

/// All metrics of ours that an expression of PromQL names.
std::set<std::string> names_in(const std::string& expression) {
  static const std::regex name{"(klatch|process)_[a-z_]+"};
  std::set<std::string> found;
  for (std::sregex_iterator each{expression.begin(), expression.end(), name}, end; each != end;
       ++each)
    found.insert(each->str());
  return found;
}

void check_known(const std::set<std::string>& names) {
  const auto known = known_names();
  CHECK_FALSE(names.empty());
  for (const auto& each : names) {
    INFO(each);
    CHECK(known.count(each) == 1);
  }
}

} // namespace

TEST_CASE("metrics are named by Prometheus' rules, each once, and explained") {
  std::set<std::string_view> names;
  for (const auto& row : all_metrics()) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(std::regex_match(std::string{row.name}, std::regex{"(klatch|process)_[a-z_]+"}));
    CHECK(row.name.ends_with("_total") == (row.type == prometheus::MetricType::Counter));
    CHECK(row.help.ends_with('.'));
    for (const std::string_view unit : {"_milliseconds", "_ms", "_kib", "_percent"})
      CHECK(row.name.find(unit) == std::string_view::npos);
    if (row.type == prometheus::MetricType::Histogram)
      CHECK((row.name.ends_with("_seconds") || row.name.ends_with("_messages")));
  }
}

TEST_CASE(
    "the table of metrics in docs/operations.md is that of the rows; script/metrics writes it") {
  auto text = contents(operations);
  const auto marker = text.find(metrics_begin);
  REQUIRE(marker != std::string::npos);
  const auto begin = marker + metrics_begin.size();
  const auto end = text.find(metrics_end, begin);
  REQUIRE(end != std::string::npos);
  const auto expected = metrics_table();
  if (std::getenv("KLATCH_WRITE_METRICS") != nullptr) // set by script/metrics
    std::ofstream{operations, std::ios::binary} << text.replace(begin, end - begin, expected);
  else
    CHECK(text.substr(begin, end - begin) == expected);
}

TEST_CASE("the dashboard names metrics of the table only") {
  const auto board = json::parse(contents(KLATCH_ROOT "/packaging/grafana-dashboard.json"));
  std::set<std::string> names;
  for (const auto& panel : board.at("panels"))
    if (panel.contains("targets"))
      for (const auto& target : panel.at("targets"))
        names.merge(names_in(target.at("expr").get<std::string>()));
  CHECK(names.size() >= 20);
  check_known(names);
}

TEST_CASE("the alerts name metrics of the table only, and each has an expression and a summary") {
  const auto rules = contents(KLATCH_ROOT "/packaging/klatch.rules.yml");
  std::set<std::string> names;
  std::size_t alerts = 0;
  std::size_t expressions = 0;
  std::istringstream lines{rules};
  for (std::string line; std::getline(lines, line);) {
    if (line.find("- alert:") != std::string::npos)
      ++alerts;
    if (const auto at = line.find("expr:"); at != std::string::npos && line.find('#') > at) {
      ++expressions;
      names.merge(names_in(line.substr(at)));
    }
  }
  CHECK(alerts == 9);
  CHECK(expressions == alerts);
  check_known(names);
}

} // namespace klatch::app
