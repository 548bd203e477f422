/// The service in the test's own process.
#pragma once

#include "app/embedded.hpp"
#include "app/service.hpp"
#include "tests/catch.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace klatch::sockets {

inline constexpr std::size_t kib = 1024;

/// Two workers; no limit on senders and addresses, and no notice of who has left, which would come
/// in between once a test takes longer than the grace: those have tests of their own.
inline app::service_options usual_options() {
  app::service_options options;
  options.threads = 2;
  options.network.allowed.send_rate = 0;
  options.network.allowed.byte_rate = 0;
  options.network.allowed.per_address = 0;
  options.network.allowed.http_per_address = 0;
  options.announce = departure_notices::off;
  return options;
}

/// Listens on ports that the system chooses. At its end it checks that nothing went wrong inside:
/// no error was logged and the actors did not give up.
class running_service {
public:
  explicit running_service(const app::service_options& chosen = usual_options(),
                           const net::asset_source* assets = nullptr)
      : running_service(chosen, assets, on_loopback()) {}

  /// Messages are stored.
  explicit running_service(std::unique_ptr<store::message_store> store,
                           const app::service_options& chosen = usual_options())
      : running_service(chosen, nullptr, on_loopback(), std::move(store)) {}

  running_service(const app::service_options& chosen, const net::asset_source* assets,
                  std::vector<net::bound_socket> sockets,
                  std::unique_ptr<store::message_store> store = nullptr,
                  std::vector<net::bound_socket> for_operators = {}) {
    for (const auto& each : sockets)
      endpoints_.push_back(each.endpoint());
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(errors_);
    sink->set_level(spdlog::level::err);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::move(sink)));
    service_.emplace(
        chosen, std::move(store), assets != nullptr ? *assets : page_, std::move(sockets),
        [this] { failed_ = true; }, std::move(for_operators));
  }
  running_service(const running_service&) = delete;
  running_service& operator=(const running_service&) = delete;
  ~running_service() {
    service_.reset();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
    CHECK(errors_.str() == "");
    CHECK_FALSE(failed_);
  }

  const net::tcp_endpoint& endpoint(std::size_t index = 0) const { return endpoints_.at(index); }
  app::service& service() { return *service_; }
  /// Begins to drain; the answer is how many connections are cut off.
  std::future<std::size_t> drain(std::chrono::milliseconds grace) {
    auto left = std::make_shared<std::promise<std::size_t>>();
    auto answer = left->get_future();
    service_->begin_drain(grace, app::service_options{}.reconnect_rate,
                          [left](std::size_t cut_off) { left->set_value(cut_off); });
    return answer;
  }

private:
  static std::vector<net::bound_socket> on_loopback() {
    std::vector<net::bound_socket> sockets;
    sockets.emplace_back("127.0.0.1", 0);
    return sockets;
  }

  net::embedded_assets page_{app::embedded_page()};
  std::vector<net::tcp_endpoint> endpoints_;
  std::ostringstream errors_;
  std::atomic<bool> failed_ = false;
  std::optional<app::service> service_;
};

} // namespace klatch::sockets
