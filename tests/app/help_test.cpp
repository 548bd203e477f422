/// `--help` and `--version`.
#include "app/settings.hpp"
#include "tests/app/config_fixture.hpp"

#include <regex>
#include <sstream>

namespace klatch::app {

namespace {

std::string printed(const std::variant<config, early_exit>& result) {
  const auto* exit = std::get_if<early_exit>(&result);
  REQUIRE(exit != nullptr);
  CHECK(exit->status == 0);
  return exit->output;
}

} // namespace

TEST_CASE_METHOD(config_fixture,
                 "help names every option, its variable and its default in 80 columns") {
  const auto text = printed(read({"--help"}));
  CHECK(printed(read({"-h"})) == text);
  CHECK(text.ends_with('\n'));
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
    CHECK(line.find('\t') == std::string::npos);
    CHECK_FALSE(line.ends_with(' '));
  }
  for (const auto& row : all_settings()) {
    const auto entry = text.find("\n  --" + std::string{row.name} + ' ');
    REQUIRE(entry != std::string::npos);
    const auto variable =
        text.find("\n                         " + std::string{row.variable} + ' ', entry);
    REQUIRE(variable != std::string::npos);
    // Its own variable, with the default on the same line, comes before the next option.
    CHECK(variable < text.find("\n  --", entry + 1));
    const auto line = text.substr(variable + 1, text.find('\n', variable + 1) - variable);
    CHECK(line.find(" default: ") != std::string::npos);
  }
  for (const auto* word :
       {"\n  --config FILE ", "KLATCH_CONFIG ", "\n  --version ", "\n  -h, --help ", "SIGTERM",
        "SIGINT", "1012", "second signal", "Exit status:"}) {
    INFO(word);
    CHECK(text.find(word) != std::string::npos);
  }
}

TEST_CASE_METHOD(config_fixture, "the defaults that --help names are those that hold") {
  const auto text = printed(read({"--help"}));
  const auto defaults = taken({});
  const auto default_of = [&](const std::string& variable) {
    const auto line = text.find(' ' + variable + ' ');
    REQUIRE(line != std::string::npos);
    const auto value = text.find("default: ", line) + 9;
    return text.substr(value, text.find('\n', value) - value);
  };
  CHECK(default_of("KLATCH_LISTEN") == to_string(defaults.listen.front()));
  CHECK(default_of("KLATCH_SEND_RATE") ==
        std::to_string(defaults.service.network.allowed.send_rate));
  CHECK(default_of("KLATCH_BYTE_RATE") ==
        std::to_string(defaults.service.network.allowed.byte_rate / 1024));
  CHECK(default_of("KLATCH_MAX_PER_ADDRESS") ==
        std::to_string(defaults.service.network.allowed.per_address));
  CHECK(default_of("KLATCH_MAX_PER_USER") == std::to_string(defaults.service.max_per_user));
  CHECK(default_of("KLATCH_LOG_LEVEL") == defaults.log_level);
  CHECK(default_of("KLATCH_ANNOUNCE") == "name");
}

TEST_CASE_METHOD(config_fixture, "the file and the command that --help shows are taken") {
  const auto text = printed(read({"--help"}));
  const auto first = text.find("  # klatch.toml\n");
  REQUIRE(first != std::string::npos);
  const auto shown = text.substr(first, text.find("\n\n", first) - first);
  const auto from_file = taken({"--config", write("klatch.toml", shown)});
  CHECK(from_file.listen == std::vector<listen_address>{{"127.0.0.1", 9001}, {"::1", 9001}});
  CHECK(from_file.service.network.allow_origins ==
        std::vector<std::string>{"https://www.example.com", "https://chat.example.com"});
  CHECK(from_file.service.announce == departure_notices::off);
  CHECK(from_file.service.network.allowed.send_rate == 20);
  CHECK(from_file.service.network.allowed.per_address == 0);

  const std::string start = "\n\n  klatch --";
  const auto command = text.find(start);
  REQUIRE(command != std::string::npos);
  std::istringstream words{
      text.substr(command, text.find("\n\n", command + start.size()) - command)};
  std::vector<std::string> arguments;
  for (std::string word; words >> word;)
    if (word != "\\")
      arguments.push_back(word);
  arguments.erase(arguments.begin());
  const auto from_command = taken(arguments);
  CHECK(from_command.service.network.allowed.per_address == 0);
  CHECK(from_command.service.network.allow_origins ==
        std::vector<std::string>{"https://www.example.com"});
}

TEST_CASE_METHOD(config_fixture,
                 "the version is one line with the versions of what Klatch is built on") {
  CHECK(std::regex_match(
      printed(read({"--version"})),
      std::regex{R"(klatch \d+\.\d+\.\d+ \(CAF 0\.17\.\d+, Boost 1\.\d+(\.\d+)?\)\n)"}));
}

TEST_CASE_METHOD(config_fixture, "--help and --version need no valid settings") {
  const scoped_variable set{"KLATCH_THREADS", "0"};
  const auto help = printed(read({"--help"}));
  CHECK(printed(read({"--threads", "0", "--help"})) == help);
  CHECK(printed(read({"--help", "--colour"})) == help);
  CHECK(printed(read({"--version", "--help"})) == help);
  CHECK(printed(read({"--threads", "0", "--version"})).starts_with("klatch "));
}

} // namespace klatch::app
