#include "app/access.hpp"

#include "app/config_error.hpp"
#include "app/key_folder.hpp"
#include "net/addresses.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdlib>
#include <memory>
#include <optional>

namespace klatch::app {

namespace {

/// With `LoadCredential=keys:DIR` systemd hands the files of a folder out under names of this kind.
constexpr std::string_view credential_prefix = "keys_";

std::optional<std::filesystem::path> credentials() {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY"); // NOLINT: no other thread yet
  if (folder == nullptr)
    return std::nullopt;
  std::error_code ignored;
  for (const auto& each : std::filesystem::directory_iterator{folder, ignored})
    if (each.path().filename().string().starts_with(credential_prefix))
      return folder;
  return std::nullopt;
}

void read_folder(access_rules& rules, const config& options) {
  if (options.keys) {
    rules.keys = read_keys(*options.keys);
    read_revocations(*options.keys, rules);
  } else if (const auto folder = credentials()) {
    rules.keys = read_keys(*folder, credential_prefix);
  }
}

[[noreturn]] void refuse_open_mode(const std::string& since) {
  throw config_error("nobody would be asked for a token, and " + since +
                     ": make a key (klatch key new token site --keys DIR) and name it with "
                     "--keys DIR, or say --insecure");
}

/// Nobody would be asked for a token: then nobody but this machine may connect.
void check_open_mode(const config& options) {
  for (const auto* all : {&options.listen, &options.listen_tls})
    for (const auto& each : *all)
      check_only_this_machine(boost::asio::ip::make_address(each.host));
  if (!options.service.network.proxies.networks.empty())
    refuse_open_mode("--trusted-proxy lets others in");
  if (options.service.network.acme)
    refuse_open_mode("--acme is for a service that others reach");
}

} // namespace

void check_only_this_machine(const boost::asio::ip::address& address) {
  if (!net::unmapped(address).is_loopback())
    refuse_open_mode(address.to_string() + " can be reached by others");
}

access_rules_ptr read_access(const config& options) {
  auto rules = std::make_shared<access_rules>();
  rules->audience = options.audience;
  rules->issuer = options.issuer;
  rules->awaits_keys = !options.jwks.empty();
  if (rules->awaits_keys && options.issuer.empty())
    throw config_error("--jwks needs --issuer: what the claim iss of the provider's tokens is, "
                       "since the provider may sign for others with the same keys");
  read_folder(*rules, options);
  if (rules->open() && options.guests)
    throw config_error("--guests on needs keys: without one nobody is asked who they are, and "
                       "everybody may say to be anybody; make a key (klatch key new token site "
                       "--keys DIR) and name it with --keys DIR, or leave --guests off");
  if (rules->open() && !options.insecure)
    check_open_mode(options);
  return rules;
}

} // namespace klatch::app
