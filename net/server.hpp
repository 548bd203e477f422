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

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
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

  /// Accepts connections on all of them from now on. What comes without TLS is led to the first
  /// with TLS of them; so that one is among those of the first call.
  void accept_on(std::vector<bound_socket> sockets);
  void accept_on(bound_socket socket);
  /// The same for operators: without the page, and without WebSockets.
  void accept_operators_on(bound_socket socket);
  /// Takes over what may change of the settings, soon and one worker after the other: allowed
  /// origins, limits and rates. Not from a worker's thread.
  void use(const options& next);
  /// Who may come in from now on. `on_done` is called, on a worker, once all of them have it.
  void use_access(access_rules_ptr rules, std::function<void()> on_done);
  std::size_t workers() const noexcept { return hosts_.size(); }
  /// Calls `work` once on each worker, soon.
  void call_on_workers(const std::function<void()>& work);
  /// Accepts no more but operators, and refuses requests for a WebSocket with 503; those who are
  /// connected stay.
  void stop_accepting();
  /// Calls `on_done` on a worker when no HTTP request is under way and none is to be expected of
  /// those who have just come; after a second at the latest. Once they are not accepted any more.
  void finish_requests(std::function<void()> on_done);
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
  /// On the control's worker.
  void await_requests(http_slot::clock::time_point limit, std::function<void()> on_done);

  net::options options_;
  scheduler& pool_;
  origin_policies origins_;
  refusal_log refusals_;
  host_shared shared_;
  std::vector<std::unique_ptr<session_host>> hosts_;
  std::shared_ptr<admission_control> control_;
  http_service http_;
  http_service operators_;
  std::size_t turn_ = 0; ///< of the hosts; on the control's worker only
  listeners public_listeners_;
  listeners operator_listeners_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      waiting_; ///< for requests, during a stop; on the control's worker only
};

} // namespace klatch::net
