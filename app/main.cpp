// klatch: reads its settings, listens, and runs until it is told to stop.
#include "app/access.hpp"
#include "app/access_watch.hpp"
#include "app/background_writer.hpp"
#include "app/certificate_watch.hpp"
#include "app/config.hpp"
#include "app/config_error.hpp"
#include "app/descriptors.hpp"
#include "app/embedded.hpp"
#include "app/guest_key.hpp"
#include "app/heap_trimmer.hpp"
#include "app/lifecycle.hpp"
#include "app/listening.hpp"
#include "app/logging.hpp"
#include "app/move_store.hpp"
#include "app/open_mode_warning.hpp"
#include "app/reload.hpp"
#include "app/service.hpp"
#include "app/service_manager.hpp"
#include "app/shared_access.hpp"
#include "app/shared_storage.hpp"
#include "app/status_report.hpp"
#include "app/storage.hpp"
#include "app/store_watch.hpp"
#include "app/tools.hpp"
#include "app/watchdog.hpp"
#include "messages/auth/access_rules.hpp"
#include "net/tls/tls_certificates.hpp"
#include "store/sqlite/maintenance.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <boost/asio/io_context.hpp>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <unistd.h>
#include <utility>
#include <variant>

namespace {

using namespace klatch;

constexpr int exit_failed = 1;
constexpr int exit_refused = 2;
constexpr std::uint64_t few_descriptors = 10'000;

std::unique_ptr<net::asset_source> page_of(const app::config& options) {
  if (options.web)
    return std::make_unique<net::asset_folder>(*options.web);
  return std::make_unique<net::embedded_assets>(app::embedded_page());
}

/// Returns null without TLS.
std::shared_ptr<net::tls_certificates> certificates_of(const app::config& options) {
  if (options.tls.certificates.empty())
    return nullptr;
  auto result = std::make_shared<net::tls_certificates>(options.tls);
  if (const auto fault = result->reload())
    throw app::cannot_start(*fault);
  return result;
}

void warn_of_few_descriptors() {
  const auto limit = app::raise_descriptor_limit();
  if (limit < few_descriptors)
    spdlog::warn("only {} open files are allowed, and each connection needs one: raise the hard "
                 "limit (ulimit -Hn, or "
                 "LimitNOFILE= in a systemd unit)",
                 limit);
}

/// Waits a second at most for somebody to take it.
void say(int descriptor, const std::string& text) {
  app::background_writer{descriptor}.write(text);
}

/// The service's settings with who may come in.
app::service_options with_access(const app::config& options, access_rules_ptr rules) {
  auto chosen = options.service;
  chosen.network.access = std::move(rules);
  chosen.network.only_this_machine = !options.insecure;
  return chosen;
}

int run(app::config options, app::reloader::source read) {
  boost::asio::io_context main_loop{1};
  app::lifecycle life{main_loop};
  app::logging log{options.log_level, options.log_form};
  options.service = with_access(options, app::read_access(options));
  warn_of_few_descriptors();
  options.service.network.certificates = certificates_of(options);
  if (options.service.network.certificates && !options.service.network.certificates->current())
    spdlog::warn("there is no certificate yet: connections with TLS are closed until there is");
  auto sockets = app::open_sockets(options);
  auto for_operators = app::open_sockets_for_operators(options);
  const auto ready = app::line_for(sockets);
  const auto page = page_of(options);
  auto store = app::open_storage(options);
  auto* const watched = store.lanes.empty() ? nullptr : store.lanes.front().get();
  const auto shared = app::open_shared_access(options);
  if (shared)
    store.cluster->on_control = [&shared](std::uint64_t number) { shared->follow(number); };

  app::access_watch access{main_loop, options, app::authorities_of_environment(), {}, shared.get()};
  auto access_now = access.begin(options);
  options.service = with_access(options, access_now.whole);
  options.service.key_set = &access.counters();
  access.take(std::move(access_now));
  life.take_stops();
  app::service service{options.service,    std::move(store),     *page,
                       std::move(sockets), [&] { life.fail(); }, std::move(for_operators)};
  const app::open_mode_warning open_mode{main_loop, options};
  app::heap_trimmer trimmer{main_loop};
  const auto watch =
      watched == nullptr ? nullptr : std::make_unique<app::store_watch>(main_loop, *watched);
  const auto certificates = options.service.network.certificates;
  const auto certificate_watch =
      certificates ? std::make_unique<app::certificate_watch>(main_loop, *certificates) : nullptr;
  access.on_change([&service](access_rules_ptr rules, std::function<void()> in_force) {
    service.use_access(std::move(rules), std::move(in_force));
  });
  say(STDOUT_FILENO, ready);
  app::reloader settings{options, std::move(read)};
  settings.add({[&](const app::config& next) -> std::variant<app::commit, std::string> {
    try {
      return app::commit{[&, next, prepared = access.prepare(next)]() mutable {
        service.use(with_access(next, prepared.whole), next.sqlite.min_free);
        access.take(std::move(prepared));
        log.use(next.log_level, next.log_form);
      }};
    } catch (const app::config_error& error) {
      return error.what();
    }
  }});
  // Last, since what it has read it has taken over.
  settings.add({[certificates](const app::config& next) -> std::variant<app::commit, std::string> {
    if (const auto fault = certificates ? certificates->reload(next.tls) : std::nullopt)
      return *fault;
    return app::commit{[] {}};
  }});
  std::optional<app::watchdog> watchdog;
  if (const auto interval = app::watchdog_interval())
    watchdog.emplace(main_loop, service, *interval);
  const auto status = app::has_manager() ? std::make_unique<app::status_report>(main_loop, service,
                                                                                app::notify_manager)
                                         : nullptr;
  life.run(service, settings, status.get());
  return life.status();
}

/// `klatch backup FILE`
int back_up(const app::config& options) {
  store::backup(options.data, options.backup_file);
  std::cout << "klatch: wrote " << options.backup_file.string() << "\n";
  return EXIT_SUCCESS;
}

/// `klatch check`
int check(const app::config& options) {
  const auto [place, faults] =
      options.store.kind == app::store_kind::postgres
          ? app::check_shared_store(options)
          : app::store_findings{(options.data / "klatch.db").string(), store::check(options.data)};
  for (const auto& each : faults)
    std::cout << each << "\n";
  std::cout << "klatch: " << place << (faults.empty() ? " is sound" : " is damaged") << "\n";
  return faults.empty() ? EXIT_SUCCESS : exit_failed;
}

/// `klatch check-config`; what is wrong with the settings themselves has been said before.
int check_config(const app::config& options) {
  app::read_access(options);
  certificates_of(options);
  if (options.guests && options.store.kind == app::store_kind::sqlite)
    app::read_guest_secret(options.data);
  std::cout << "klatch: the configuration is sound\n";
  return EXIT_SUCCESS;
}

int do_task(const app::config& options, app::reloader::source read) {
  switch (options.to_do) {
  case app::task::backup:
    return back_up(options);
  case app::task::check:
    return check(options);
  case app::task::check_config:
    return check_config(options);
  case app::task::move:
    return app::move_store(options);
  case app::task::serve:
    break;
  }
  return run(options, std::move(read));
}

/// Why klatch ends, for a person.
int end_with(int status, const std::exception& reason) {
  say(STDERR_FILENO, std::string{"klatch: "} + reason.what() + '\n');
  return status;
}

} // namespace

int main(int argc, char** argv) {
  if (!app::open_standard_descriptors())
    return exit_refused;
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto status = app::run_tool(argc, argv))
    return *status;
  try {
    const auto read = [=] { return app::read_config(argc, argv); };
    const auto settings = read();
    if (const auto* early = std::get_if<app::early_exit>(&settings)) {
      (early->status == EXIT_SUCCESS ? std::cout : std::cerr) << early->output;
      return early->status;
    }
    return do_task(std::get<app::config>(settings), read);
  } catch (const store::cannot_open& error) {
    return end_with(exit_refused, error);
  } catch (const app::config_error& error) {
    return end_with(exit_refused, error);
  } catch (const app::cannot_start& error) {
    return end_with(exit_refused, error);
  } catch (const std::exception& error) {
    return end_with(exit_failed, error);
  }
}
