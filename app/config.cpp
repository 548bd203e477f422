#include "app/config.hpp"

#include "app/built_with.hpp"
#include "app/config_error.hpp"
#include "app/config_file.hpp"
#include "app/help.hpp"
#include "app/settings.hpp"
#include "app/sources.hpp"
#include "app/spelling.hpp"
#include "app/usable_memory.hpp"
#include "app/values.hpp"
#include "store/sqlite/store_file.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <thread>

namespace klatch::app {

namespace {

const std::string& only_value(const given& what) {
  if (what.values.size() == 1)
    return what.values.front();
  std::string list;
  for (const auto& value : what.values)
    list += (list.empty() ? "" : " and ") + in_quotes(value);
  throw config_error(what.from + ": " + (list.empty() ? "an empty list is" : list + " are") +
                     " given, where one value is expected");
}

void apply(config& target, const setting& row, const given& what) {
  if (!row.value.list)
    only_value(what);
  try {
    row.value.assign(target, what.values);
  } catch (const config_error& error) {
    throw config_error(what.from + ": " + error.what());
  }
}

/// What the file says that `option` names.
source named_file(const given& option) {
  try {
    return read_file(only_value(option));
  } catch (const unreadable_file& error) {
    throw config_error(option.from + ": " + error.what());
  }
}

[[noreturn]] void refuse_word(const std::string& text) {
  static constexpr std::array<std::string_view, 4> known{"backup", "check", "check-config", "move"};
  const auto meant = nearest_word(text, known);
  throw config_error("unexpected argument " + in_quotes(text) + ": " +
                     (meant ? "did you mean klatch " + std::string{*meant} + '?'
                            : "options begin with --, see klatch --help"));
}

/// The subcommand, and what it is given.
void take_words(config& target, const std::vector<std::string>& words) {
  if (words.empty())
    return;
  std::size_t expected = 1;
  if (words.front() == "check") {
    target.to_do = task::check;
  } else if (words.front() == "check-config") {
    target.to_do = task::check_config;
  } else if (words.front() == "move") {
    target.to_do = task::move;
  } else if (words.front() == "backup") {
    target.to_do = task::backup;
    expected = 2;
    if (words.size() < expected)
      throw config_error("backup: the file to write is missing: klatch backup FILE");
    target.backup_file = words[1];
  } else {
    refuse_word(words.front());
  }
  if (words.size() > expected)
    throw config_error("unexpected argument " + in_quotes(words[expected]) + " after " +
                       words[expected - 1]);
}

/// What `--to` says, which goes with `move` and with nothing else.
void take_move_target(config& target, const given& option) {
  if (option.values.empty() && target.to_do == task::move)
    throw config_error("move: where to is missing: klatch move --to postgres://HOST/DATABASE");
  if (option.values.empty())
    return;
  if (target.to_do != task::move)
    throw config_error(option.from + ": it belongs to klatch move");
  if (!store_name::is_postgres(only_value(option)))
    throw config_error(option.from + ": a store is moved into PostgreSQL only: "
                                     "postgres://HOST/DATABASE");
  require_built(cluster_library::postgres, option.from + ": ");
  target.move_to = only_value(option);
}

/// Throws for a subcommand that the store is not for.
void require_fitting_store(const config& of, const std::string& subcommand) {
  const auto needs_store = of.to_do == task::backup || of.to_do == task::check;
  if (needs_store && of.store.kind == store_kind::none)
    throw config_error(subcommand + ": with --store none there is no store");
  if (of.to_do == task::backup && of.store.kind == store_kind::postgres)
    throw config_error("backup: PostgreSQL is backed up by its own programs, such as pg_dump and "
                       "pg_basebackup");
}

/// Nodes that store nothing have no PostgreSQL to tell each other by. It is the default, and then
/// it means that there are no others.
void require_fitting_bus(const config& of, std::initializer_list<const source*> sources) {
  if (of.store.kind != store_kind::none || of.bus.kind != bus_kind::postgres)
    return;
  for (const source* each : sources)
    if (const auto found = each->find("bus"); found != each->end())
      throw config_error(found->second.from + ": with --store none nodes tell each other by NATS "
                                              "alone: nats://HOST, or none");
}

/// One for each core but the one that the store keeps busy, and one at least. Nothing is gained by
/// more: what two workers tell each other costs each of them a wake-up.
unsigned default_threads() {
  return std::clamp(std::thread::hardware_concurrency(), 2U, 1025U) - 1;
}

/// Checks what settings of TLS say together.
void fill_tls(config& target) {
  const auto certs = target.tls_certs.size();
  const auto keys = target.tls_keys.size();
  if (certs != keys)
    throw config_error(
        "--tls-cert and --tls-key come in pairs, a chain and its key each: there are " +
        std::to_string(certs) + " and " + std::to_string(keys));
  if (!target.listen_tls.empty() && certs == 0)
    throw config_error("--listen-tls needs a certificate: --tls-cert FILE --tls-key FILE");
  target.tls.certificates.clear();
  for (std::size_t index = 0; index < certs; ++index)
    target.tls.certificates.push_back({target.tls_certs[index], target.tls_keys[index]});
  target.tls.may_be_missing = target.service.network.acme.has_value();
}

config merge(const source& options, const source& environment) {
  source file;
  if (const auto option = options.find(config_option); option != options.end())
    file = named_file(option->second);
  else if (const auto variable = environment.find(config_option); variable != environment.end())
    file = named_file(variable->second);

  config result;
  result.service.threads = default_threads();
  // What comes later replaces what came before; a value that is replaced has to be good too.
  for (const source* each : std::initializer_list<const source*>{&file, &environment, &options})
    for (const auto& row : all_settings())
      if (const auto found = each->find(row.name); found != each->end())
        apply(result, row, found->second);
  for (const source* each : std::initializer_list<const source*>{&file, &environment, &options})
    result.listen_is_set = result.listen_is_set || each->count("listen") != 0;
  require_fitting_bus(result, {&file, &environment, &options});
  complete(result);
  return result;
}

} // namespace

void complete(config& target) {
  fill_tls(target);
  auto& network = target.service.network;
  network.allowed.http_per_address =
      target.max_http_per_address.value_or(2 * network.allowed.per_address);
  network.buffer_bytes = target.buffer_memory.value_or(usual_buffer_bytes(usable_memory()));
}

std::variant<config, early_exit> read_config(int argc, const char* const* argv) {
  try {
    const auto options = read_command_line(argc, argv);
    if (options.help)
      return early_exit{0, help_text()};
    if (options.version)
      return early_exit{0, version_line()};
    auto result = merge(options.settings, read_environment());
    result.insecure = options.insecure;
    take_words(result, options.words);
    if (result.store.kind == store_kind::sqlite)
      result.service.store_file = store::store_file(result.data);
    take_move_target(result, options.move_to);
    require_fitting_store(result, options.words.empty() ? std::string{} : options.words.front());
    return result;
  } catch (const config_error& error) {
    return early_exit{2, std::string{"klatch: "} + error.what() + '\n'};
  }
}

} // namespace klatch::app
