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
  /// answered besides `/healthz` and the page's files.
  server(caf::actor_system& system, net::options options, const asset_source& assets,
         const actors::chat_actors& chat, std::vector<route> more = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// Stops first.
  ~server();

  /// Accepts connections on all of them from now on. What comes without TLS is led to the first
  /// with TLS of them; so that one is among those of the first call.
  void accept_on(std::vector<bound_socket> sockets);
  void accept_on(bound_socket socket);
  /// Accepts no more; those who are connected stay.
  void stop_accepting();
  /// Ends whatever is connected still, and returns when it is done. Not from a worker's thread.
  void stop();

private:
  router make_router(const asset_source& assets, std::vector<route> more) const;
  /// As `accept_handler::on_accepted`.
  bool begin_session(descriptor& socket, const arrival& from);

  net::options options_;
  origin_policy origins_;
  refusal_log refusals_;
  scheduler& pool_;
  host_shared shared_;
  std::vector<std::unique_ptr<session_host>> hosts_;
  std::shared_ptr<admission_control> control_;
  http_service http_;
  std::size_t turn_ = 0; ///< of the hosts; on the control's worker only
  std::vector<std::shared_ptr<listener>> listeners_;
};

} // namespace klatch::net
