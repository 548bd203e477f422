#include "app/revoke_tool.hpp"

#include "app/config.hpp"
#include "app/config_error.hpp"
#include "app/guest_key.hpp"
#include "app/key_folder.hpp"
#include "app/shared_storage.hpp"
#include "app/values.hpp"
#include "messages/auth/key_text.hpp"
#include "messages/clock.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace klatch::app {

namespace {

constexpr int revoke_failed = 2;

/// Whom it is about.
struct revoke_request {
  std::string user;
  std::string project;
  bool guests = false;
  // Settings, as the service takes them.
  std::string keys;
  std::string store;
  std::string file;
};

/// The settings of the command line, of the environment and of the file, as the service reads them.
config settings_of(const revoke_request& asked) {
  std::vector<const char*> words{"klatch"};
  const auto add = [&](const char* option, const std::string& value) {
    if (value.empty())
      return;
    words.push_back(option);
    words.push_back(value.c_str());
  };
  add("--keys", asked.keys);
  add("--store", asked.store);
  add("--config", asked.file);
  auto found = read_config(static_cast<int>(words.size()), words.data());
  if (const auto* early = std::get_if<early_exit>(&found)) {
    std::cerr << early->output;
    throw CLI::RuntimeError{revoke_failed};
  }
  return std::get<config>(std::move(found));
}

/// Nothing: all guests.
std::optional<user_key> whom(const revoke_request& asked) {
  if (asked.guests && asked.user.empty() && asked.project.empty())
    return std::nullopt;
  if (asked.guests)
    throw config_error("revoke: --guests is all of them, whatever their project: it goes with "
                       "neither --sub nor --project");
  if (asked.user.empty() || asked.project.empty())
    throw config_error("revoke: whom? --sub and --project name a user, --guests all guests");
  return user_key{project_id::parse(spelled_id(asked.project, "--project")).value(),
                  user_id::parse(spelled_id(asked.user, "--sub")).value()};
}

std::string revoked_text(const user_key& user) {
  return "klatch: tokens of " + user.user.str() + " in " + user.project.str() +
         " from before now do not count, ";
}

void revoke_everywhere(const config& options, const std::optional<user_key>& user) {
  const auto server = revoke_in_store(options, user);
  std::cout << (user ? revoked_text(*user)
                     : "klatch: tokens of all guests from before now do not count, ")
            << "on no machine that uses " << server
            << ": each one knows within 2 s, or as soon as it reaches the database\n";
}

void revoke_in_folder(const config& options, const user_key& user) {
  access_rules known;
  read_revocations(*options.keys, known);
  // A token says in whole seconds when it was issued: those of this one go too.
  add_revocation(*options.keys, user, machine_clock().wall_ms() / 1000 + 1);
  std::cout << revoked_text(user)
            << "once the service has looked at its keys again (SIGHUP, systemctl reload klatch)\n";
}

void revoke(const revoke_request& asked) {
  const auto user = whom(asked);
  const auto options = settings_of(asked);
  if (options.store.kind == store_kind::postgres)
    return revoke_everywhere(options, user);
  if (!user)
    throw config_error("revoke: the key of all guests is in a store that several machines share, "
                       "--store postgres://HOST/DATABASE; of a service on one machine delete " +
                       std::string{guest_key_file} + " in the folder of --data and reload it");
  if (!options.keys)
    throw config_error("revoke: --keys DIR or, where several machines share a store, --store "
                       "postgres://HOST/DATABASE is needed");
  revoke_in_folder(options, *user);
}

} // namespace

int run_revoke(int argc, const char* const* argv) {
  CLI::App parser{"Klatch: keys and tokens.", "klatch"};
  revoke_request asked;
  parser.require_subcommand(1);
  auto* words =
      parser.add_subcommand("revoke", "have tokens from before now not count: klatch revoke "
                                      "--sub ID --project ID, or klatch revoke --guests");
  words->add_option("--sub", asked.user, "the user's id");
  words->add_option("--project", asked.project, "the user's project");
  words->add_flag("--guests", asked.guests, "all guests, where several machines share a store");
  words->add_option("--keys", asked.keys, "folder of the keys, for a service on one machine");
  words->add_option("--store", asked.store, "the store that several machines share");
  words->add_option("--config", asked.file, "file that has these settings");
  try {
    parser.parse(argc, argv);
    revoke(asked);
    return EXIT_SUCCESS;
  } catch (const CLI::CallForHelp&) {
    std::cout << parser.help("", CLI::AppFormatMode::All);
    return EXIT_SUCCESS;
  } catch (const CLI::RuntimeError& refused) {
    return refused.get_exit_code();
  } catch (const std::exception& error) {
    std::cerr << "klatch: " << error.what() << '\n';
  }
  return revoke_failed;
}

} // namespace klatch::app
