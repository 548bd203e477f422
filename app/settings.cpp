#include "app/settings.hpp"

#include "app/values.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace klatch::app {

namespace {

constexpr unsigned million = 1'000'000;
constexpr unsigned longest_guest_days = 3'650;

// Paths to the parts of a configuration that have settings.
constexpr auto of_service = [](auto& from) -> auto& { return from.service; };
constexpr auto network = [](auto& from) -> auto& { return from.service.network; };
constexpr auto limit = [](auto& from) -> auto& { return from.service.network.allowed; };
constexpr auto proxies = [](auto& from) -> auto& { return from.service.network.proxies; };
constexpr auto tls = [](auto& from) -> auto& { return from.tls; };
constexpr auto sqlite = [](auto& from) -> auto& { return from.sqlite; };

/// The field `member` of the part that `part` returns.
template<class Part, class Member>
constexpr auto in(Part part, Member member) {
  return [=](auto& from) -> auto& { return part(from).*member; };
}

std::vector<setting> network_settings() {
  return {
      {.name = "listen",
       .placeholder = "ADDR:PORT",
       .help = "Address and port to accept connections on; may be given several times. ADDR is an "
               "IPv4 address, an IPv6 address in brackets, or `localhost` for `127.0.0.1`. "
               "`0.0.0.0` stands for every IPv4 address of the machine, `[::]` for every address, "
               "IPv6 and IPv4; for IPv6 alone if an IPv4 address with the same port is given too. "
               "Port 0: the system chooses one.",
       .value = value_in(&config::listen, listen_addresses{}),
       .reload = reloadable::no},
      {.name = "listen-api",
       .placeholder = "ADDR:PORT",
       .help = "Address and port for operators, written as with `--listen`; may be given several "
               "times. `/metrics` is answered there, and nowhere else then; `/healthz` and "
               "`/readyz` too, but neither the page nor WebSockets. Without it `/metrics` is for "
               "this machine only.",
       .value = value_in(&config::listen_api, listen_addresses{}),
       .reload = reloadable::no},
      {.name = "listen-tls",
       .placeholder = "ADDR:PORT",
       .help = "As `--listen`, for connections with TLS; needs `--tls-cert` and `--tls-key`. What "
               "is asked on addresses of `--listen` that are not loopback is led there then.",
       .value = value_in(&config::listen_tls, listen_addresses{}),
       .reload = reloadable::no},
      {.name = "tls-cert",
       .placeholder = "FILE",
       .help = "Certificate with its chain, in PEM. May be given several times, each with its "
               "`--tls-key`: the one is taken whose name a client asks for, the first if none "
               "fits. Files that change are taken over within a minute.",
       .value = value_in(&config::tls_certs, paths{}),
       .reload = reloadable::yes},
      {.name = "tls-key",
       .placeholder = "FILE",
       .help = "Private key of the certificate that is given at the same place, in PEM and without "
               "a passphrase.",
       .value = value_in(&config::tls_keys, paths{}),
       .reload = reloadable::yes},
      {.name = "tls-min",
       .placeholder = "VERSION",
       .help = "Oldest version of TLS that is spoken: `1.2` or `1.3`.",
       .value = value_in(in(tls, &net::tls_settings::only_1_3),
                         choice<bool>{{"1.2", false}, {"1.3", true}}),
       .reload = reloadable::yes},
      {.name = "acme",
       .placeholder = "DIR",
       .help = "Webroot of an ACME client (`certbot certonly --webroot -w DIR`): what it puts into "
               "`.well-known/acme-challenge` there is answered on addresses of `--listen`. "
               "Certificates that are not there yet are waited for.",
       .value = value_in(in(network, &net::options::acme), folder{}),
       .reload = reloadable::no},
      {.name = "allow-origin",
       .placeholder = "ORIGIN",
       .help = "Site whose pages may connect, as `scheme://host[:port]`, such as "
               "`https://www.example.com`; `*` for every site. May be given several times. Pages "
               "served by klatch itself or from this machine (`localhost`) always may. If klatch "
               "is reached on a loopback address, the site's host is also a name that it answers "
               "to, beside `localhost`: behind a proxy on the same machine name the site there.",
       .value = value_in(in(network, &net::options::allow_origins), allowed_origins{}),
       .reload = reloadable::yes},
      {.name = "max-per-address",
       .placeholder = "N",
       .help = "Most WebSockets from one address at a time, 0 to 1000000; 0: no limit. An IPv6 "
               "network of 64 bits counts as one address.",
       .value = value_in(in(limit, &limits::per_address), number{0, million}),
       .reload = reloadable::yes},
      {.name = "max-http-per-address",
       .placeholder = "N",
       .help = "Most other connections from one address at a time, 0 to 1000000; 0: no limit. "
               "Beyond, the one that has been idle longest makes room.",
       .otherwise = "twice `--max-per-address`",
       .value = value_in(&config::max_http_per_address, number{0, million}),
       .reload = reloadable::yes},
      {.name = "max-connections",
       .placeholder = "N",
       .help = "About how many connections there may be at a time, 0 to 1000000; beyond, they are "
               "answered with 503. 0: as many as there are open files for.",
       .value = value_in(in(network, &net::options::max_connections), number{0, million}),
       .reload = reloadable::no},
      {.name = "max-per-user",
       .placeholder = "N",
       .help = "Most devices that a user may be connected with at a time, 0 to 1000000; 0: no "
               "limit.",
       .value = value_in(in(of_service, &service_options::max_per_user), number{0, million}),
       .reload = reloadable::yes},
  };
}

std::vector<setting> access_settings() {
  return {
      {.name = "keys",
       .placeholder = "DIR",
       .help = "Folder of the keys that tokens are signed with, one file a key: `NAME.token`, a "
               "secret for HS256; `NAME.pem`, a public key for RS256 or ES256; `NAME.jwks`, a JWK "
               "set. With a key, users need tokens. Without one nobody is asked who they are, and "
               "only this machine may connect.",
       .value = value_in(&config::keys, existing_folder{}),
       .reload = reloadable::yes},
      {.name = "jwks",
       .placeholder = "URL",
       .help = "Address of an identity provider's JWK set, beginning with `https://`: its keys "
               "count too, for RS256 and ES256. Needs `--issuer`. Users need tokens then.",
       .value = value_in(&config::jwks, https_address{}),
       .reload = reloadable::yes},
      {.name = "audience",
       .placeholder = "TEXT",
       .help = "What the claim `aud` of a token has to name.",
       .value = value_in(&config::audience, any_text{}),
       .reload = reloadable::yes},
      {.name = "issuer",
       .placeholder = "TEXT",
       .help = "What the claim `iss` of a token has to be.",
       .value = value_in(&config::issuer, any_text{}),
       .reload = reloadable::yes},
      {.name = "auth-failures",
       .placeholder = "N",
       .help = "Refused tokens a minute from one address, 0 to 1000000; beyond, none of its tokens "
               "is looked at for a minute. 0: no limit.",
       .value = value_in(in(limit, &limits::token_failures), number{0, million}),
       .reload = reloadable::yes},
      {.name = "guests",
       .placeholder = "WHO",
       .help =
           "`on`: visitors without a token get one, and are guests; needs keys. `off`: they are "
           "not let in, nor are guests of before.",
       .value = value_in(&config::guests, choice<bool>{{"on", true}, {"off", false}}),
       .reload = reloadable::yes},
      {.name = "guest-contact",
       .placeholder = "ID",
       .help = "User to whom guests may write first; `*` for everybody. May be given several "
               "times. Others have to write to a guest first.",
       .value = value_in(&config::guest_contacts, guest_contacts{}),
       .reload = reloadable::yes},
      {.name = "guest-rate",
       .placeholder = "N",
       .help = "New guests a minute of one address, 0 to 1000000; 0: no limit. An IPv6 network of "
               "64 bits counts as one address.",
       .value = value_in(in(limit, &limits::new_guests), number{0, million}),
       .reload = reloadable::yes},
      {.name = "guest-days",
       .placeholder = "N",
       .help = "Days that a guest may stay away and still be the same one, 1 to 3650.",
       .value = value_in(&config::guest_days, number{1, longest_guest_days}),
       .reload = reloadable::yes},
      {.name = "trusted-proxy",
       .placeholder = "CIDR",
       .help = "Address or network, such as `10.0.0.0/8`, of a proxy whose word on a client's "
               "address counts. May be given several times.",
       .value = value_in(in(proxies, &net::trusted_proxies::networks), proxy_networks{}),
       .reload = reloadable::yes},
      {.name = "proxy-header",
       .placeholder = "NAME",
       .help = "Field in which proxies write that address.",
       .value = value_in(in(proxies, &net::trusted_proxies::header), field_name{}),
       .reload = reloadable::yes},
  };
}

std::vector<setting> chat_settings() {
  using notices = departure_notices;
  return {
      {.name = "announce",
       .placeholder = "WHAT",
       .help = "What others in a project are told when a user leaves: `name` (\"mks "
               "disconnected\"), `ip` (the address instead of the name), `off` (nothing).",
       .value = value_in(
           in(of_service, &service_options::announce),
           choice<notices>{{"name", notices::name}, {"ip", notices::ip}, {"off", notices::off}}),
       .reload = reloadable::yes},
      {.name = "send-rate",
       .placeholder = "N",
       .help = "Messages a second that one connection may keep up, 0 to 1000000, in bursts of up "
               "to three times that; 0: no limit.",
       .value = value_in(in(limit, &limits::send_rate), number{0, million}),
       .reload = reloadable::yes},
      {.name = "byte-rate",
       .placeholder = "KIB",
       .help = "KiB of frames a second that one connection may keep up, 0 to 1000000, in bursts of "
               "up to three times that, and all devices of a user together four times as much; 0: "
               "no limit.",
       .value = value_in(in(limit, &limits::byte_rate), bytes{kib, million}),
       .reload = reloadable::yes},
      {.name = "web",
       .placeholder = "DIR",
       .help = "Folder to serve instead of the built-in chat page; has to contain an "
               "`index.html`. A relative path starts in the working directory.",
       .otherwise = "the built-in page",
       .value = value_in(&config::web, web_folder{}),
       .reload = reloadable::no},
  };
}

std::vector<setting> store_settings() {
  using store::sync_mode;
  return {
      {.name = "store",
       .placeholder = "KIND",
       .help = "`sqlite`: messages are kept in a file, and who is away gets them later. "
               "`postgres://HOST/DATABASE`, as libpq takes it, with several hosts where there is a "
               "standby: in PostgreSQL, which several klatch may share; write a password into the "
               "variable of this setting or into `PGPASSFILE`, not on the command line. `none`: "
               "nothing is kept, and messages reach only who is connected: to this klatch, or with "
               "`--bus nats://HOST` to any of several.",
       .value = value_in(&config::store, store_name{}),
       .reload = reloadable::no},
      {.name = "bus",
       .placeholder = "KIND",
       .help = "How the nodes that share a store in PostgreSQL tell each other what they have "
               "stored. `postgres`: by NOTIFY. `nats://HOST:PORT`, with commas between several, or "
               "`tls://`: by NATS, for four nodes and more. `none`: they look into the store three "
               "times a second. With `--store none` NATS joins several nodes: those of one name, "
               "`nats://HOST?cluster=NAME`.",
       .value = value_in(&config::bus, bus_name{}),
       .reload = reloadable::no},
      {.name = "node",
       .placeholder = "NAME",
       .help = "Name of this node among those that share a store; no two have the same.",
       .otherwise = "the host's name and the first port",
       .value = value_in(&config::node, any_text{}),
       .reload = reloadable::no},
      {.name = "store-lanes",
       .placeholder = "N",
       .help = "Connections that write to PostgreSQL at a time, 1 to 8.",
       .value = value_in(&config::store_lanes, number{1, 8}),
       .reload = reloadable::no},
      {.name = "store-readers",
       .placeholder = "N",
       .help = "Connections that read from PostgreSQL at a time, 3 to 10: one for looking back, "
               "one for what the bus has missed, the others for signing in.",
       .value = value_in(&config::store_readers, number{3, 10}),
       .reload = reloadable::no},
      {.name = "data",
       .placeholder = "DIR",
       .help =
           "Folder of the store, made if it is not there. One klatch at a time may use it. With "
           "PostgreSQL only the key of guests is there, which has to be the same on all nodes.",
       .value = value_in(&config::data, folder{}),
       .reload = reloadable::no},
      {.name = "sync",
       .placeholder = "HOW",
       .help = "`full`: a message is acknowledged once it is on the disk. `normal`: once it is "
               "with the operating system; a loss of power may take the last ones.",
       .value =
           value_in(in(sqlite, &store::sqlite_options::sync),
                    choice<sync_mode>{{"full", sync_mode::full}, {"normal", sync_mode::normal}}),
       .reload = reloadable::no},
      {.name = "retain",
       .placeholder = "DAYS",
       .help = "Days that messages are kept, up to 36500; 0: for ever.",
       .value = value_in(in(of_service, &service_options::retain), days_or_ever{36'500}),
       .reload = reloadable::yes},
      {.name = "min-free",
       .placeholder = "MIB",
       .help = "Room that the store leaves on its disk, in MiB, up to 1000000: with less, sends "
               "are refused until there is more again. 0: it may take all.",
       .value = value_in(in(sqlite, &store::sqlite_options::min_free), bytes{mib, million}),
       .reload = reloadable::yes},
  };
}

std::vector<setting> operation_settings() {
  return {
      {.name = "threads",
       .placeholder = "N",
       .help = "Worker threads, 1 to 1024. The store has one of its own besides.",
       .otherwise = "one a core but one",
       .value = value_in(in(of_service, &service_options::threads), number{1, 1024}),
       .reload = reloadable::no},
      {.name = "log-level",
       .placeholder = "LEVEL",
       .help = "Least severe messages to log: `trace`, `debug`, `info`, `warn`, `error`, or `off` "
               "for none.",
       .value = value_in(&config::log_level, choice<std::string>{{"trace", "trace"},
                                                                 {"debug", "debug"},
                                                                 {"info", "info"},
                                                                 {"warn", "warn"},
                                                                 {"error", "error"},
                                                                 {"off", "off"}}),
       .reload = reloadable::yes},
      {.name = "log-format",
       .placeholder = "FORM",
       .help =
           "`text`: a line of the log is for people; `json`: it is an object with `ts`, `level` "
           "and `msg`.",
       .value = value_in(&config::log_form, choice<log_format>{{"text", log_format::text},
                                                               {"json", log_format::json}}),
       .reload = reloadable::yes},
      {.name = "log-addresses",
       .placeholder = "WHETHER",
       .help = "Whether clients' addresses stand in the log: `on` or `off`.",
       .value = value_in(in(network, &net::options::log_addresses),
                         choice<bool>{{"on", true}, {"off", false}}),
       .reload = reloadable::yes},
      {.name = config_option,
       .placeholder = "FILE",
       .help = "File to read settings from, see below.",
       .value = value_in(&config::file, any_path{}),
       .reload = reloadable::no,
       .in_file = false},
      {.name = "buffer-memory",
       .placeholder = "MIB",
       .help = "MiB that the buffers of all connections may hold at a time, in and out, 0 to "
               "1000000; beyond, those that hold most are closed. 0: no limit.",
       .otherwise = "an eighth of the memory",
       .value = value_in(&config::buffer_memory, bytes{mib, million}),
       .reload = reloadable::yes},
      {.name = "drain-wait",
       .placeholder = "SECONDS",
       .help = "Seconds that `/readyz` says that the service ends before it does, 0 to 3600: so "
               "long a balancer may take to send nobody any more.",
       .value = value_in(in(of_service, &service_options::drain_wait), number{0, 3'600}),
       .reload = reloadable::yes},
      {.name = "drain",
       .placeholder = "SECONDS",
       .help = "Most seconds that the end of the service takes, 0 to 3600: then connections that "
               "have not taken what is queued for them are cut off.",
       .value = value_in(in(of_service, &service_options::drain), number{0, 3'600}),
       .reload = reloadable::yes},
      {.name = "reconnect-rate",
       .placeholder = "N",
       .help = "Clients a second that are asked to come back after the service has stopped, 1 to "
               "1000000.",
       .value = value_in(in(of_service, &service_options::reconnect_rate), number{1, million}),
       .reload = reloadable::yes},
  };
}

std::string variable_of(std::string_view name) {
  std::string result{variable_prefix};
  for (const char letter : name)
    result += letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
  return result;
}

std::vector<setting> make_table() {
  std::vector<setting> table;
  const auto add = [&](section group, std::vector<setting> rows) {
    for (auto& row : rows) {
      row.group = group;
      row.variable = variable_of(row.name);
      table.push_back(std::move(row));
    }
  };
  add(section::network, network_settings());
  add(section::access, access_settings());
  add(section::chat, chat_settings());
  add(section::store, store_settings());
  add(section::operation, operation_settings());
  return table;
}

} // namespace

const std::vector<setting>& all_settings() {
  static const auto table = make_table();
  return table;
}

std::string default_of(const setting& row) {
  if (!row.otherwise.empty())
    return std::string{row.otherwise};
  auto text = row.value.print({});
  return text.empty() ? "none" : text;
}

} // namespace klatch::app
