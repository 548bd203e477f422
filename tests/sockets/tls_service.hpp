/// The service with a listener for TLS beside the plain one, and a certificate of its own.
#pragma once

#include "net/loop/scheduler.hpp"
#include "net/tls/tls_certificates.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/test_certificate.hpp"
#include "tests/sockets/tls_client.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace klatch::sockets {

class tls_service {
public:
  explicit tls_service(const app::service_options& chosen = usual_options(),
                       const net::asset_source* assets = nullptr)
      : tls_service(chosen, {}, assets) {}

  tls_service(const app::service_options& chosen, net::tls_settings settings,
              const net::asset_source* assets = nullptr) {
    if (settings.certificates.empty())
      settings.certificates.push_back(folder_.put("first", make_certificate()));
    certificates_ = std::make_shared<net::tls_certificates>(std::move(settings));
    REQUIRE(certificates_->reload().value_or("") == "");
    auto options = chosen;
    options.network.certificates = certificates_;
    std::vector<net::bound_socket> sockets;
    sockets.emplace_back("127.0.0.1", 0);
    sockets.emplace_back("127.0.0.1", 0, net::families::one, true);
    service_.emplace(options, assets, std::move(sockets));
  }

  const net::tcp_endpoint& plain() const { return service_->endpoint(0); }
  const net::tcp_endpoint& secure() const { return service_->endpoint(1); }
  const certificate_folder& folder() const { return folder_; }
  net::tls_certificates& certificates() { return *certificates_; }
  /// The first worker does nothing until the result is set, or gone.
  std::unique_ptr<std::promise<void>> hold_worker() {
    auto go_on = std::make_unique<std::promise<void>>();
    std::promise<void> held;
    auto& first = net::scheduler::of(service_->service().system()).at(0);
    boost::asio::post(first.io(), [&held, until = go_on->get_future().share()] {
      held.set_value();
      until.wait();
    });
    held.get_future().wait();
    return go_on;
  }
  std::future<std::size_t> drain(std::chrono::milliseconds grace) { return service_->drain(grace); }

  /// A client that has shaken hands.
  tls_client client(const tls_choice& chosen = {}, int receive_buffer = 0) const {
    tls_client result{secure(), chosen, receive_buffer};
    result.shake_hands();
    return result;
  }

private:
  certificate_folder folder_;
  std::shared_ptr<net::tls_certificates> certificates_;
  std::optional<running_service> service_;
};

} // namespace klatch::sockets
