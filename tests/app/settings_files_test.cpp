/// The files that are made from the table of settings against its rows: README.md, the manual page,
/// the completion of bash, the package's klatch.toml. script/settings writes them.
#include "app/config_file.hpp"
#include "app/settings.hpp"
#include "tests/app/config_fixture.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace klatch::app {

namespace {

constexpr std::string_view first_words = "settings: written by script/settings";
constexpr std::string_view last_words = "end of settings";

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream input{file, std::ios::binary};
  REQUIRE(input.is_open());
  return {std::istreambuf_iterator<char>{input}, {}};
}

/// Compares `text` with what `file` has between its two marks, or writes it there.
void check_written(const std::string& file, const std::string& text) {
  const auto path = std::filesystem::path{KLATCH_ROOT} / file;
  auto whole = contents_of(path);
  const auto mark = whole.find(first_words);
  REQUIRE(mark != std::string::npos);
  const auto begin = whole.find('\n', mark) + 1;
  const auto after = whole.find(last_words, begin);
  REQUIRE(after != std::string::npos);
  const auto end = whole.rfind('\n', after) + 1;
  REQUIRE(end >= begin);
  if (std::getenv("KLATCH_WRITE_SETTINGS") != nullptr) // set by script/settings
    std::ofstream{path, std::ios::binary} << whole.replace(begin, end - begin, text);
  else
    CHECK(whole.substr(begin, end - begin) == text);
}

std::string option_of(const setting& row) { return "--" + std::string{row.name}; }

// -- README.md ------------------------------------------------------------------------------------

std::string in_backticks(const std::string& text) { return '`' + text + '`'; }

/// Values as they are typed stand in backticks, words do not.
std::string default_cell(const setting& row) {
  const auto text = default_of(row);
  return row.otherwise.empty() && text != "none" ? in_backticks(text) : text;
}

std::string settings_table() {
  std::string table = "\n| option | environment | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const auto& row : all_settings())
    table += "| " + in_backticks(option_of(row) + ' ' + std::string{row.placeholder}) + " | " +
             in_backticks(row.variable) + " | " + default_cell(row) + " | " +
             std::string{row.help} + " |\n";
  return table + '\n';
}

// -- packaging/klatch.1 ---------------------------------------------------------------------------

/// As roff has it: what stands in backticks is bold.
std::string in_roff(std::string_view text) {
  std::string result;
  bool bold = false;
  for (const char letter : text)
    if (letter == '`') {
      bold = !bold;
      result += bold ? "\\fB" : "\\fR";
    } else if (letter == '-') {
      result += "\\-";
    } else if (letter == '\\') {
      result += "\\e";
    } else {
      result += letter;
    }
  return result;
}

std::string manual_options() {
  std::string text;
  for (const auto& row : all_settings())
    text += ".TP\n.BI " + in_roff(option_of(row)) + " \" " + in_roff(row.placeholder) + "\"\n" +
            in_roff(row.help) + "\n.br\nEnvironment: " + row.variable +
            ". Default: " + in_roff(default_of(row)) + ".\n";
  return text;
}

// -- packaging/klatch.bash-completion -------------------------------------------------------------

std::string completion_tables() {
  std::string options;
  std::string cases;
  for (const auto& row : all_settings()) {
    options += "  " + option_of(row) + '\n';
    std::string words;
    for (const auto& each : row.value.choices)
      words += (words.empty() ? "" : " ") + each;
    if (row.placeholder == "DIR")
      words = "DIR";
    if (row.placeholder == "FILE")
      words = "FILE";
    if (!words.empty())
      cases += "    " + option_of(row) + ") printf '" + words + "' ;;\n";
  }
  return "_klatch_options='\n" + options + "'\n\n_klatch_values() {\n  case $1 in\n" + cases +
         "  esac\n}\n";
}

// -- packaging/klatch.toml ------------------------------------------------------------------------

/// What the package's file shows where the default would say nothing.
const std::map<std::string_view, std::string_view> shown_values{
    {"listen-api", R"(["127.0.0.1:9002"])"},
    {"listen-tls", R"(["0.0.0.0:8443"])"},
    {"tls-cert", R"(["/etc/klatch/tls/fullchain.pem"])"},
    {"tls-key", R"(["/etc/klatch/tls/privkey.pem"])"},
    {"acme", R"("/var/lib/klatch-acme")"},
    {"allow-origin", R"(["https://www.example.org"])"},
    {"max-http-per-address", "200"},
    {"keys", R"("/etc/klatch/keys")"},
    {"audience", R"("chat")"},
    {"issuer", R"("https://www.example.org")"},
    {"jwks", R"("https://login.example.org/jwks.json")"},
    {"guest-contact", R"(["support"])"},
    {"trusted-proxy", R"(["127.0.0.1"])"},
    {"web", R"("/srv/klatch/web")"},
    {"data", R"("/var/lib/klatch")"},
    {"threads", "3"},
    {"buffer-memory", "512"},
};

/// Those that the package's service cannot do without.
const std::set<std::string_view> set_by_package{"data", "keys"};

std::string toml_value(const setting& row) {
  if (const auto found = shown_values.find(row.name); found != shown_values.end())
    return std::string{found->second};
  auto text = default_of(row);
  if (text == "none" && !row.value.choices.empty())
    text = row.value.choices.front();
  if (text == "none" || !row.otherwise.empty())
    text = row.placeholder;
  const bool is_number =
      std::all_of(text.begin(), text.end(), [](char each) { return each >= '0' && each <= '9'; });
  if (!is_number)
    text = '"' + text + '"';
  return row.value.list ? '[' + text + ']' : text;
}

void add_comment(std::string& output, std::string_view text) {
  constexpr std::size_t columns = 80;
  std::string line = "#";
  std::istringstream words{std::string{text}};
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > columns) {
      output += line + '\n';
      line = "#";
    }
    line += ' ' + word;
  }
  output += line + '\n';
}

std::string settings_file() {
  std::string text;
  for (const auto& row : all_settings()) {
    if (!row.in_file)
      continue;
    std::string help{row.help};
    std::erase(help, '`');
    text += '\n';
    add_comment(text, help);
    add_comment(text, "Default: " + default_of(row) + '.');
    text += (set_by_package.count(row.name) != 0 ? "" : "#") + std::string{row.name} + " = " +
            toml_value(row) + '\n';
  }
  return text + '\n';
}

} // namespace

TEST_CASE("the table of settings in README.md is that of the rows", "[settings]") {
  check_written("README.md", settings_table());
}

TEST_CASE("the manual page explains every setting", "[settings]") {
  check_written("packaging/klatch.1", manual_options());
}

TEST_CASE("bash completes every setting", "[settings]") {
  check_written("packaging/klatch.bash-completion", completion_tables());
}

TEST_CASE("the package's klatch.toml has every setting", "[settings]") {
  check_written("packaging/klatch.toml", settings_file());
}

TEST_CASE_METHOD(config_fixture,
                 "the package's klatch.toml says where keys and data are, and no more") {
  const auto lines = read_config_file(std::filesystem::path{KLATCH_ROOT} / "packaging/klatch.toml");
  std::set<std::string> found;
  for (const auto& each : lines)
    found.insert(each.key);
  CHECK(found == std::set<std::string>{"data", "keys"});
}

TEST_CASE_METHOD(config_fixture,
                 "every setting that klatch.toml shows is taken as it stands there") {
  const auto file = std::filesystem::path{KLATCH_ROOT} / "packaging/klatch.toml";
  auto text = std::regex_replace(contents_of(file), std::regex{"(^|\n)#([a-z-]+ = )"}, "$1$2");
  for (const auto& [there, here] : std::map<std::string, std::string>{
           {"/etc/klatch/keys", folder().string()}, {"/srv/klatch/web", web_folder("web")}})
    text = std::regex_replace(text, std::regex{there}, here);
  const auto shown = taken({"--config", write("klatch.toml", text)});
  CHECK(shown.tls.certificates.size() == 1);
  CHECK(shown.service.network.acme == "/var/lib/klatch-acme");
}

} // namespace klatch::app
