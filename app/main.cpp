// klatch: reads its settings, listens, and runs until it is told to stop.
#include "app/access.hpp"
#include "app/background_writer.hpp"
#include "app/certificate_watch.hpp"
#include "app/config.hpp"
#include "app/config_error.hpp"
#include "app/descriptors.hpp"
#include "app/embedded.hpp"
#include "app/heap_trimmer.hpp"
#include "app/lifecycle.hpp"
#include "app/logging.hpp"
#include "app/reload.hpp"
#include "app/service.hpp"
#include "app/service_manager.hpp"
#include "app/store_watch.hpp"
#include "app/tools.hpp"
#include "app/watchdog.hpp"
#include "net/tls/tls_certificates.hpp"
#include "store/sqlite/maintenance.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <variant>

namespace {

using namespace klatch;

constexpr int exit_failed = 1;
constexpr int exit_refused = 2;
constexpr std::uint64_t few_descriptors = 10'000;

/// `what()` is one sentence for the operator.
class cannot_start : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

std::unique_ptr<net::asset_source> page_of(const app::config& options) {
  if (options.web)
    return std::make_unique<net::asset_folder>(*options.web);
  return std::make_unique<net::embedded_assets>(app::embedded_page());
}

/// Returns null if messages are not to be stored.
std::unique_ptr<store::message_store> store_of(const app::config& options) {
  if (options.store == app::store_kind::none)
    return nullptr;
  return store::open_sqlite_store(options.data, options.sqlite);
}

/// What to type into a browser on this machine.
std::string address_to_open(const net::tcp_endpoint& endpoint, bool secure) {
  const std::string scheme = secure ? "https://" : "http://";
  auto address = endpoint.address();
  if (address.is_unspecified())
    return scheme + "localhost:" + std::to_string(endpoint.port()) + "/";
  const auto host = address.is_v6() ? '[' + address.to_string() + ']' : address.to_string();
  return scheme + host + ':' + std::to_string(endpoint.port()) + "/";
}

/// `::` stands for IPv4 too, unless an IPv4 address has its port.
net::families families_of(const app::listen_address& address,
                          const std::vector<app::listen_address>& all) {
  const bool shared = std::any_of(all.begin(), all.end(), [&](const auto& each) {
    return each.port == address.port && each.port != 0 && each.host.find(':') == std::string::npos;
  });
  return address.host == "::" && !shared ? net::families::both : net::families::one;
}

/// The sockets that a service manager has opened; none if it has not.
std::vector<net::bound_socket> take_sockets(bool listen_is_set) {
  std::vector<net::bound_socket> sockets;
  for (auto& each : app::take_passed_sockets()) {
    if (listen_is_set)
      throw cannot_start("sockets were passed on (LISTEN_FDS), and --listen is set as well: only "
                         "one of them can say where to listen");
    if (each.name != "plain" && each.name != "tls")
      throw cannot_start("a socket was passed on as '" + each.name +
                         "': known are the names plain and tls (FileDescriptorName= of its unit)");
    try {
      sockets.emplace_back(std::move(each.socket), each.name == "tls");
    } catch (const boost::system::system_error&) {
      throw cannot_start("what was passed on as '" + each.name +
                         "' is not a TCP socket that listens (Accept=no in its unit)");
    }
  }
  return sockets;
}

/// `all`: what is listened on; `secure`: on `addresses`, which are of these, with TLS.
void listen_on(const std::vector<app::listen_address>& addresses, bool secure,
               const std::vector<app::listen_address>& all,
               std::vector<net::bound_socket>& sockets) {
  for (const auto& each : addresses) {
    const auto taken = families_of(each, all);
    try {
      sockets.emplace_back(each.host, each.port, taken, secure);
    } catch (const boost::system::system_error& error) {
      throw cannot_start("cannot listen on " + each.host + " port " + std::to_string(each.port) +
                         (taken == net::families::both ? ", IPv6 and IPv4: " : ": ") +
                         error.code().message());
    }
  }
}

std::vector<net::bound_socket> listen_on(const app::config& options) {
  auto all = options.listen;
  all.insert(all.end(), options.listen_tls.begin(), options.listen_tls.end());
  std::vector<net::bound_socket> sockets;
  listen_on(options.listen, false, all, sockets);
  listen_on(options.listen_tls, true, all, sockets);
  return sockets;
}

/// What a service manager has opened has to fit the settings too.
void check_sockets(const std::vector<net::bound_socket>& sockets, const app::config& options) {
  for (const auto& each : sockets) {
    if (each.secure() && options.tls.certificates.empty())
      throw cannot_start("a socket for TLS was passed on, and there is no certificate: --tls-cert "
                         "FILE --tls-key FILE");
    if (options.service.network.access->open() && !options.insecure)
      app::check_only_this_machine(each.endpoint().address());
  }
}

/// Returns null without TLS.
std::shared_ptr<net::tls_certificates> certificates_of(const app::config& options) {
  if (options.tls.certificates.empty())
    return nullptr;
  auto result = std::make_shared<net::tls_certificates>(options.tls);
  if (const auto fault = result->reload())
    throw cannot_start(*fault);
  if (!result->current())
    spdlog::warn("there is no certificate yet: connections with TLS are closed until there is");
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

/// What says that the service is ready.
std::string line_for(const std::vector<net::bound_socket>& sockets) {
  std::string line = "klatch is ready: open ";
  for (std::size_t index = 0; index < sockets.size(); ++index)
    line += (index == 0 ? "" : " or ") +
            address_to_open(sockets[index].endpoint(), sockets[index].secure());
  return line + '\n';
}

/// How often open mode is warned of where others can reach it.
constexpr std::chrono::hours insecure_warning{1};

/// Nobody is asked who they are: says so at the start, and every hour where others can connect.
class open_mode_warning {
public:
  open_mode_warning(boost::asio::io_context& loop, const app::config& options)
      : timer_(loop), insecure_(options.insecure) {
    if (!options.service.network.access->open())
      return;
    warn();
  }

private:
  void warn() {
    if (!insecure_) {
      spdlog::warn(
          "nobody is asked who they are, since there is no key (--keys): only this machine "
          "is let in");
      return;
    }
    spdlog::warn("nobody is asked who they are, and others can connect (--insecure): everybody is "
                 "whom they say they are");
    timer_.expires_after(insecure_warning);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error)
        warn();
    });
  }

  boost::asio::steady_timer timer_;
  bool insecure_;
};

/// The network's settings with who may come in.
net::options with_access(const app::config& options) {
  auto network = options.service.network;
  network.access = app::read_access(options);
  network.only_this_machine = !options.insecure;
  return network;
}

int run(app::config options, app::reloader::source read) {
  app::logging log{options.log_level, options.log_form};
  options.service.network = with_access(options);
  warn_of_few_descriptors();
  options.service.network.certificates = certificates_of(options);
  auto sockets = take_sockets(options.listen_is_set || !options.listen_tls.empty());
  if (sockets.empty())
    sockets = listen_on(options);
  check_sockets(sockets, options);
  std::vector<net::bound_socket> for_operators;
  listen_on(options.listen_api, false, options.listen_api, for_operators);
  for (const auto& each : for_operators)
    spdlog::info("operators: {}metrics", address_to_open(each.endpoint(), false));
  const auto ready = line_for(sockets);
  const auto page = page_of(options);
  auto store = store_of(options);
  auto* const watched = store.get();

  boost::asio::io_context main_loop{1};
  app::lifecycle life{main_loop};
  app::service service{options.service,    std::move(store),     *page,
                       std::move(sockets), [&] { life.fail(); }, std::move(for_operators)};
  const open_mode_warning open_mode{main_loop, options};
  app::heap_trimmer trimmer{main_loop};
  const auto watch =
      watched == nullptr ? nullptr : std::make_unique<app::store_watch>(main_loop, *watched);
  const auto certificates = options.service.network.certificates;
  const auto certificate_watch =
      certificates ? std::make_unique<app::certificate_watch>(main_loop, *certificates) : nullptr;
  say(STDOUT_FILENO, ready);
  app::reloader settings{options, std::move(read)};
  settings.add({[&](const app::config& next) -> std::variant<app::commit, std::string> {
    try {
      return app::commit{[&, next, network = with_access(next)]() mutable {
        auto chosen = next.service;
        chosen.network = std::move(network);
        service.use(chosen, next.sqlite.min_free);
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
  app::notify_manager("READY=1\nSTATUS=running");
  life.run(service, settings);
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
  const auto findings = store::check(options.data);
  for (const auto& each : findings)
    std::cout << each << "\n";
  std::cout << "klatch: " << (options.data / "klatch.db").string()
            << (findings.empty() ? " is sound" : " is damaged") << "\n";
  return findings.empty() ? EXIT_SUCCESS : exit_failed;
}

/// `klatch check-config`; what is wrong with the settings themselves has been said before.
int check_config(const app::config& options) {
  app::read_access(options);
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
  } catch (const cannot_start& error) {
    return end_with(exit_refused, error);
  } catch (const std::exception& error) {
    return end_with(exit_failed, error);
  }
}
