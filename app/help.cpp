#include "app/help.hpp"

#include "app/built_with.hpp"
#include "app/settings.hpp"
#include "app/values.hpp"
#include "store/sqlite/database.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#ifndef KLATCH_VERSION
#error "KLATCH_VERSION has to be defined as the version in quotes, as CMakeLists.txt does it"
#endif

namespace klatch::app {

namespace {

constexpr std::string_view intro =
    R"(Klatch is a chat service: browsers connect to it by WebSocket, it keeps their
messages and passes them on, and it serves a chat page to try it with.

Usage: klatch [OPTION]...                run the service
       klatch [OPTION]... backup FILE    copy the store, also while it is used
       klatch [OPTION]... check          say whether the store is sound
       klatch [OPTION]... check-config   say whether the settings are good
       klatch [OPTION]... move --to URL  move the store to PostgreSQL
       klatch key new token NAME         make a key that tokens are signed with
       klatch token, klatch check-token, klatch revoke
                                         make, check, revoke tokens (see --help)

Without options it listens on 127.0.0.1:9001, where only this machine reaches
it: start it and open http://127.0.0.1:9001/ in a browser.

)";

constexpr std::string_view sources = R"(
Settings can stand in three places. The command line goes before the
environment, the environment before the file, for each setting as a whole: one
--listen replaces the whole list of the file. Values are checked even where they
are replaced.

)";

constexpr std::string_view outro = R"(
File: in TOML, without sections. Every option but --config, --version and --help
is a key, without the dashes in front:

  # klatch.toml
  listen = ["127.0.0.1:9001", "[::1]:9001"]
  allow-origin = ["https://www.example.com", "https://chat.example.com"]
  announce = "off"
  send-rate = 20        # messages a second
  max-per-address = 0

A public site behind a reverse proxy, which ends TLS and passes requests on,
WebSocket upgrades included, to 127.0.0.1:9001:

  klatch --listen 127.0.0.1:9001 --max-per-address 0 \
         --allow-origin https://www.example.com

The proxy has to pass on the Host that browsers send (nginx: proxy_set_header
Host $http_host). Behind it all visitors come from the address of the proxy, so
that a limit for each address would be one for all of them together: hence 0.
Limit connections in the proxy there.

Output: one line on standard output, with the address to open in a browser, once
connections are accepted; the log goes to standard error. Neither has to be
read: what nobody takes is dropped, and the log says how much.

Signals: SIGTERM and SIGINT stop klatch. It accepts no more connections, tells
clients when to come back and closes each connection with WebSocket code 1012
once what is queued for it has been sent, but takes no longer than --drain
says. A second signal ends it at once. SIGHUP has it read its settings again:
if all of them are good, those that may change are taken over while clients stay
connected, otherwise nothing changes; the log says which.

Exit status:
  0  stopped by a signal, or --help or --version
  1  failed while running; the reason is on standard error. check: the store is
     damaged, or could not be read
  2  could not start: a setting is wrong, a file or the store cannot be opened,
     or an address is in use; one line on standard error says which
)";

constexpr std::size_t width = 80;
constexpr std::size_t text_column = 25;
constexpr std::size_t default_column = 22; ///< after the text column

std::string without_backticks(std::string_view text) {
  std::string result{text};
  std::erase(result, '`');
  return result;
}

/// Appends `text`, broken at blanks into lines of at most `width`. `line` is what the first of them
/// begins with; the others are indented as far as `text_column`, or not at all.
void add_wrapped(std::string& output, std::string line, std::string_view text, bool indented) {
  const std::string margin(indented ? text_column : 0, ' ');
  bool at_margin = true;
  std::istringstream words{std::string{text}};
  for (std::string word; words >> word; at_margin = false) {
    if (!at_margin && line.size() + 1 + word.size() > width) {
      output += line + '\n';
      line = margin;
      at_margin = true;
    }
    line += (at_margin ? "" : " ") + word;
  }
  output += line + '\n';
}

/// `text`, and blanks up to `column`; at least two.
std::string padded(std::string text, std::size_t column) {
  text.resize(std::max(text.size() + 2, column), ' ');
  return text;
}

/// An option and what it does.
void add_option(std::string& output, const std::string& option, std::string_view text) {
  auto line = padded("  " + option, text_column);
  if (line.size() > text_column) {
    output += "  " + option + '\n';
    line = std::string(text_column, ' ');
  }
  add_wrapped(output, std::move(line), text, true);
}

void add_setting(std::string& output, const setting& row) {
  add_option(output, "--" + std::string{row.name} + ' ' + std::string{row.placeholder},
             without_backticks(row.help));
  add_wrapped(output,
              std::string(text_column, ' ') + padded(row.variable, default_column) + "default: ",
              without_backticks(default_of(row)), true);
}

std::string_view heading(section group) {
  switch (group) {
  case section::network:
    return "Network";
  case section::access:
    return "Who may come in";
  case section::chat:
    return "Chat";
  case section::store:
    return "Store";
  case section::operation:
    break;
  }
  return "Operation";
}

void add_settings(std::string& output) {
  auto group = section::network;
  for (const auto& row : all_settings()) {
    if (&row == &all_settings().front() || row.group != group) {
      if (!output.ends_with("\n\n"))
        output += '\n';
      output += heading(row.group);
      output += ":\n";
      group = row.group;
    }
    add_setting(output, row);
  }
  add_option(output, "--version", "Print the version and exit.");
  add_option(output, "-h, --help", "Print this text and exit.");
}

std::string caf_version() {
  return std::to_string(CAF_MAJOR_VERSION) + '.' + std::to_string(CAF_MINOR_VERSION) + '.' +
         std::to_string(CAF_PATCH_VERSION);
}

std::string boost_version() {
  std::string version{BOOST_LIB_VERSION};
  std::replace(version.begin(), version.end(), '_', '.');
  return version;
}

/// How the environment is read.
void add_environment(std::string& output) {
  std::vector<std::string_view> lists;
  for (const auto& row : all_settings())
    if (row.value.list)
      lists.push_back(row.variable);
  add_wrapped(output, {},
              "Environment: the " + std::string{variable_prefix} + " names above. " +
                  join_words(lists, " and ") +
                  " take several values, separated by commas or spaces. An empty variable counts "
                  "as not set.",
              false);
}

} // namespace

std::string help_text() {
  std::string output{intro};
  add_settings(output);
  output += sources;
  add_environment(output);
  output += outro;
  return output;
}

std::string version_line() {
  return "klatch " KLATCH_VERSION " (CAF " + caf_version() + ", Boost " + boost_version() +
         std::string{missing_libraries()} + ")\n";
}

std::vector<std::pair<std::string, std::string>> versions() {
  return {{"version", KLATCH_VERSION},
          {"caf", caf_version()},
          {"boost", boost_version()},
          {"sqlite", store::sqlite_version()}};
}

} // namespace klatch::app
