// klatch: reads its settings, listens, and runs until it is told to stop.
#include "app/background_writer.hpp"
#include "app/certificate_watch.hpp"
#include "app/config.hpp"
#include "app/descriptors.hpp"
#include "app/embedded.hpp"
#include "app/heap_trimmer.hpp"
#include "app/logging.hpp"
#include "app/service.hpp"
#include "app/store_watch.hpp"
#include "net/tls/tls_certificates.hpp"
#include "store/sqlite/maintenance.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <unistd.h>
#include <variant>

namespace {

using namespace klatch;

constexpr int exit_failed = 1;
constexpr int exit_refused = 2;
constexpr std::uint64_t few_descriptors = 10'000;
constexpr std::chrono::seconds drain_grace{5};

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

/// Returns null without TLS.
std::shared_ptr<net::tls_certificates> certificates_of(const app::config& options) {
  if (options.listen_tls.empty())
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

/// A closed terminal ends the service too, but not if it was started so as to outlive that
/// (nohup).
void add_hang_up(boost::asio::signal_set& signals) {
  struct sigaction present {};
  if (sigaction(SIGHUP, nullptr, &present) != 0 || present.sa_handler != SIG_IGN) // NOLINT: a union
    signals.add(SIGHUP);
}

int run(const app::config& options) {
  const app::logging log{options.log_level};
  warn_of_few_descriptors();
  auto service_options = options.service;
  service_options.network.certificates = certificates_of(options);
  auto sockets = listen_on(options);
  const auto ready = line_for(sockets);
  const auto page = page_of(options);
  auto store = store_of(options);
  auto* const watched = store.get();

  boost::asio::io_context main_loop{1};
  boost::asio::signal_set signals{main_loop, SIGINT, SIGTERM};
  add_hang_up(signals);
  int status = EXIT_SUCCESS;
  signals.async_wait([&](boost::system::error_code, int) { main_loop.stop(); });
  app::service service{service_options, std::move(store), *page, std::move(sockets), [&] {
                         boost::asio::post(main_loop, [&] {
                           status = exit_failed;
                           main_loop.stop();
                         });
                       }};
  app::heap_trimmer trimmer{main_loop};
  const auto watch =
      watched == nullptr ? nullptr : std::make_unique<app::store_watch>(main_loop, *watched);
  const auto certificates = service_options.network.certificates;
  const auto certificate_watch =
      certificates ? std::make_unique<app::certificate_watch>(main_loop, *certificates) : nullptr;
  say(STDOUT_FILENO, ready);
  main_loop.run();
  spdlog::info("stopping: closing every connection");
  if (const auto cut_off = status == EXIT_SUCCESS ? service.drain(drain_grace) : 0; cut_off > 0)
    spdlog::warn("{} connections did not take what was queued for them within {} s", cut_off,
                 drain_grace.count());
  return status;
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

int do_task(const app::config& options) {
  switch (options.to_do) {
  case app::task::backup:
    return back_up(options);
  case app::task::check:
    return check(options);
  case app::task::serve:
    break;
  }
  return run(options);
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
  try {
    const auto read = app::read_config(argc, argv);
    if (const auto* early = std::get_if<app::early_exit>(&read)) {
      (early->status == EXIT_SUCCESS ? std::cout : std::cerr) << early->output;
      return early->status;
    }
    return do_task(std::get<app::config>(read));
  } catch (const store::cannot_open& error) {
    return end_with(exit_refused, error);
  } catch (const cannot_start& error) {
    return end_with(exit_refused, error);
  } catch (const std::exception& error) {
    return end_with(exit_failed, error);
  }
}
