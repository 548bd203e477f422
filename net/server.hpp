/// The network side of the service.
#pragma once

#include "messages/directory_table.hpp"
#include "messages/interfaces.hpp"
#include "net/accept/listener.hpp"
#include "net/http/http_session.hpp"
#include "net/http/origin_policy.hpp"
#include "net/http/refusal_log.hpp"
#include "net/loop/scheduler.hpp"
#include "net/options.hpp"
#include "net/stream/session_host.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace klatch::net {

/// Accepts connections and spreads them over the workers of a system that runs on `scheduler`. The
/// only place that knows accepting, HTTP and WebSockets at once.
class server {
public:
  /// `assets` outlives the server, and the server is destroyed before the system. `more`: what is
  /// answered besides `/healthz` and the page's files; `for_operators`: what is answered besides
  /// `/healthz` on the addresses for operators.
  server(caf::actor_system& system, net::options options, const asset_source& assets,
         const actors::chat_actors& chat, std::vector<route> more = {},
         std::vector<route> for_operators = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// Stops first.
  ~server();

  /// Accepts connections from now on.
  void accept_on(bound_socket socket);
  /// The same for operators: without the page, and without WebSockets.
  void accept_operators_on(bound_socket socket);
  /// Accepts no more but operators; those who are connected stay.
  void stop_accepting();
  /// Ends whatever is connected still, and returns when it is done. Not from a worker's thread.
  void stop();

private:
  using listeners = std::vector<std::shared_ptr<listener>>;

  router make_router(const asset_source& assets, std::vector<route> more) const;
  router make_operators_router(std::vector<route> more) const;
  void accept(bound_socket socket, const http_service& service, listeners& kept_in);
  void stop_listeners(listeners& all);
  /// As `accept_handler::on_accepted`.
  bool begin_session(const http_service& service, descriptor& socket, const arrival& from);

  net::options options_;
  origin_policy origins_;
  refusal_log refusals_;
  scheduler& pool_;
  host_shared shared_;
  std::vector<std::unique_ptr<session_host>> hosts_;
  std::shared_ptr<admission_control> control_;
  http_service http_;
  http_service operators_;
  std::size_t turn_ = 0; ///< of the hosts; on the control's worker only
  listeners public_listeners_;
  listeners operator_listeners_;
};

} // namespace klatch::net
