#include "app/tools.hpp"

#include "app/access_watch.hpp"
#include "app/built_with.hpp"
#include "app/config_error.hpp"
#include "app/key_folder.hpp"
#include "app/revoke_tool.hpp"
#include "app/shared_access.hpp"
#include "app/tool_names.hpp"
#include "app/values.hpp"
#include "messages/auth/key_text.hpp"
#include "messages/auth/signature.hpp"
#include "messages/auth/token.hpp"
#include "messages/clock.hpp"
#include "messages/wire/json_text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>
#include <variant>
#include <vector>

namespace klatch::app {

namespace {

constexpr int exit_not_accepted = 1;
constexpr int exit_cannot = 2;
constexpr std::int64_t seconds_an_hour = 3600;

std::int64_t now_in_seconds() { return machine_clock().wall_ms() / 1000; }

/// What all of them may be told.
struct tool_options {
  std::string keys;
  std::string jwks;
  std::string kind; ///< of a new key
  std::string name; ///< of a new key, or what others see of a token's user
  std::vector<std::string> projects;
  std::string project;
  std::string user;
  std::string role;
  std::string audience;
  std::string issuer;
  std::string store;
  std::string kid;
  double hours = 1;
};

// -- klatch key new token NAME --------------------------------------------------------------------

/// A new file, which nobody but its owner and group can read from the start.
void write_secret(const std::filesystem::path& file, const std::string& text) {
  constexpr mode_t owner_and_group = 0640;
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_and_group); // NOLINT
  if (descriptor < 0)
    throw config_error(file.string() + " cannot be made: " + std::strerror(errno));
  const auto written = ::write(descriptor, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!whole)
    throw config_error(file.string() + " cannot be written");
}

int make_key(const tool_options& chosen) {
  if (chosen.kind != "token")
    throw config_error("key new: there are keys of the kind token, and no " +
                       in_quotes(chosen.kind));
  const auto is_part = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') || each == '-' || each == '_';
  };
  if (chosen.name.empty() || chosen.name.size() > max_kid_bytes ||
      !std::all_of(chosen.name.begin(), chosen.name.end(), is_part))
    throw config_error("key new: the name of a key has 1 to 64 letters, digits, - and _");
  std::vector<std::string> projects;
  for (const auto& each : chosen.projects)
    projects.push_back(spelled_id(each, "--project"));
  std::error_code error;
  std::filesystem::create_directories(chosen.keys, error);
  const auto file = std::filesystem::path{chosen.keys} / (chosen.name + ".token");
  write_secret(file, make_secret_text(projects));
  std::cout << "klatch: made " << file.string()
            << "\nThe site signs its tokens with what stands in it (HS256, kid " << chosen.name
            << "). klatch takes it with --keys " << chosen.keys << ", at the start or by SIGHUP.\n";
  return EXIT_SUCCESS;
}

// -- klatch token ---------------------------------------------------------------------------------

const token_key& signing_key(const std::vector<token_key>& keys, const std::string& kid) {
  const auto fits = [&](const token_key& each) {
    return each.algorithm == signature_algorithm::hs256 && (kid.empty() || each.kid == kid);
  };
  const auto found = std::find_if(keys.begin(), keys.end(), fits);
  if (found == keys.end())
    throw config_error("token: there is no secret" + (kid.empty() ? "" : " of the name " + kid) +
                       ": the others hold public keys, whose private ones the site has");
  return *found;
}

std::string claims_of(const tool_options& chosen, std::int64_t now) {
  std::string claims = R"({"sub":)";
  append_json_string(claims, spelled_id(chosen.user, "--sub"));
  const auto add = [&](std::string_view opening, const std::string& text) {
    if (text.empty())
      return;
    claims += opening;
    append_json_string(claims, text);
  };
  add(R"(,"project":)", chosen.project.empty() ? "" : spelled_id(chosen.project, "--project"));
  add(R"(,"name":)", chosen.name);
  add(R"(,"role":)", chosen.role);
  add(R"(,"aud":)", chosen.audience);
  add(R"(,"iss":)", chosen.issuer);
  const auto life = static_cast<std::int64_t>(chosen.hours * static_cast<double>(seconds_an_hour));
  claims += R"(,"iat":)" + std::to_string(now) + R"(,"exp":)" + std::to_string(now + life) + '}';
  return claims;
}

int make_token(const tool_options& chosen) {
  access_rules rules;
  rules.keys = read_keys(chosen.keys);
  rules.audience = chosen.audience;
  rules.issuer = chosen.issuer;
  const auto now = now_in_seconds();
  const auto token = sign_token(signing_key(rules.keys, chosen.kid), claims_of(chosen, now));
  const auto found = verify(token, rules, now);
  if (const auto* why = std::get_if<token_refusal>(&found))
    throw config_error("token: it would not be accepted: " + why->text);
  std::cout << token << '\n';
  return EXIT_SUCCESS;
}

// -- klatch check-token ---------------------------------------------------------------------------

void print_claims(const token_claims& claims, std::int64_t now) {
  std::cout << "klatch: the token is accepted: user " << claims.user << ", project "
            << claims.project << ", role " << name_of(claims.as);
  if (claims.name)
    std::cout << ", name " << *claims.name;
  std::cout << ", for " << claims.expires - now << " s\n";
}

/// As the service has them: by the same settings.
access_rules_ptr rules_of_service(const tool_options& chosen) {
  if (chosen.keys.empty() && chosen.jwks.empty())
    throw config_error("check-token: --keys or --jwks is needed");
  config options;
  if (!chosen.keys.empty())
    options.keys = chosen.keys;
  options.jwks = https_address::parse(chosen.jwks);
  options.audience = chosen.audience;
  options.issuer = chosen.issuer;
  boost::asio::io_context unused;
  if (store_name::is_postgres(chosen.store))
    require_built(cluster_library::postgres, "--store: ");
  if (!chosen.store.empty())
    options.store = store_name::parse(chosen.store);
  const auto shared = open_shared_access(options);
  access_watch watch{unused, options, authorities_of_environment(), {}, shared.get()};
  auto begun = watch.begin(options);
  if (!begun.fetched.fault.empty())
    throw config_error("--jwks: " + options.jwks + ' ' + begun.fetched.fault);
  return begun.whole;
}

int check_token(const tool_options& chosen) {
  const auto held = rules_of_service(chosen);
  const auto& rules = *held;
  std::string token{std::istreambuf_iterator<char>{std::cin}, {}};
  token.erase(std::find_if(token.rbegin(), token.rend(),
                           [](char each) { return each != '\n' && each != '\r' && each != ' '; })
                  .base(),
              token.end());
  const auto now = now_in_seconds();
  const auto found = verify(token, rules, now);
  if (const auto* why = std::get_if<token_refusal>(&found)) {
    std::cout << "klatch: the token is not accepted: " << why->text << '\n';
    return exit_not_accepted;
  }
  print_claims(std::get<token_claims>(found), now);
  return EXIT_SUCCESS;
}

// -- the command line -----------------------------------------------------------------------------

void add_keys_option(CLI::App& to, tool_options& chosen) {
  to.add_option("--keys", chosen.keys, "folder of the keys")->envname("KLATCH_KEYS")->required();
}

void add_claim_checks(CLI::App& to, tool_options& chosen) {
  to.add_option("--audience", chosen.audience, "the claim aud")->envname("KLATCH_AUDIENCE");
  to.add_option("--issuer", chosen.issuer, "the claim iss")->envname("KLATCH_ISSUER");
}

using tool = int (*)(const tool_options&);

void add_key_tool(CLI::App& parser, tool_options& chosen, tool& wanted) {
  auto* key = parser.add_subcommand("key", "keys that tokens are signed with");
  key->require_subcommand(1);
  auto* made = key->add_subcommand("new", "make a key: klatch key new token NAME --keys DIR");
  made->add_option("kind", chosen.kind, "token")->required();
  made->add_option("name", chosen.name, "the name of the key")->required();
  made->add_option("--project", chosen.projects, "project that its tokens may name (repeatable)");
  add_keys_option(*made, chosen);
  made->callback([&wanted] { wanted = make_key; });
}

void add_token_tools(CLI::App& parser, tool_options& chosen, tool& wanted) {
  auto* token = parser.add_subcommand("token", "make a token, to try");
  token->add_option("--sub", chosen.user, "the user's id")->required();
  token->add_option("--project", chosen.project, "the project, unless the key names exactly one");
  token->add_option("--name", chosen.name, "what others see of the user");
  token->add_option("--role", chosen.role, "user, or moderator where the key allows it");
  token->add_option("--hours", chosen.hours, "how long it lasts (1)")
      ->check(CLI::Range(0.001, 8784.0));
  token->add_option("--kid", chosen.kid, "the key, if there are several");
  add_keys_option(*token, chosen);
  add_claim_checks(*token, chosen);
  token->callback([&wanted] { wanted = make_token; });

  auto* check = parser.add_subcommand("check-token", "say whether the token on standard input is "
                                                     "accepted, and if not, why");
  check->add_option("--keys", chosen.keys, "folder of the keys")->envname("KLATCH_KEYS");
  check->add_option("--jwks", chosen.jwks, "address of a JWK set")->envname("KLATCH_JWKS");
  check->add_option("--store", chosen.store, "where several machines keep whom was revoked")
      ->envname("KLATCH_STORE");
  add_claim_checks(*check, chosen);
  check->callback([&wanted] { wanted = check_token; });
}

} // namespace

std::optional<int> run_tool(int argc, const char* const* argv) {
  if (argc < 2 || !is_tool(argv[1]))
    return std::nullopt;
  if (argv[1] == revoke_word)
    return run_revoke(argc, argv);
  CLI::App parser{"Klatch: keys and tokens.", "klatch"};
  tool_options chosen;
  tool wanted = nullptr;
  parser.require_subcommand(1);
  add_key_tool(parser, chosen, wanted);
  add_token_tools(parser, chosen, wanted);
  try {
    parser.parse(argc, argv);
    return wanted(chosen);
  } catch (const CLI::CallForHelp&) {
    std::cout << parser.help("", CLI::AppFormatMode::All);
    return EXIT_SUCCESS;
  } catch (const CLI::ParseError& error) {
    std::cerr << "klatch: " << error.what() << '\n';
  } catch (const std::exception& error) {
    std::cerr << "klatch: " << error.what() << '\n';
  }
  return exit_cannot;
}

} // namespace klatch::app
