#include "net/server.hpp"

#include "net/http/operator_routes.hpp"
#include "net/http/site.hpp"
#include "net/stream/text_response.hpp"
#include "net/websocket/handshake.hpp"
#include "net/websocket/ws_session.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace klatch::net {

namespace {

/// Runs `work` on `home` and waits for it.
template<class Work>
void run_on(worker& home, Work work) {
  std::promise<void> done;
  boost::asio::post(home.io(), [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

/// What is sent to a connection of which nothing is read.
std::string turn_away_with(boost::beast::http::status status, std::string_view text) {
  auto answer = text_response(status, text);
  answer.set(boost::beast::http::field::retry_after, "10"); // seconds
  return to_bytes(answer);
}

std::optional<acme_challenges> acme_of(const options& from) {
  if (!from.acme)
    return std::nullopt;
  return acme_challenges{*from.acme};
}

constexpr upgrade_route to_websocket{is_upgrade, refuse_upgrade, refuse_stripped_upgrade,
                                     begin_ws_session};

} // namespace

server::server(caf::actor_system& system, net::options options, const asset_source& assets,
               const actors::chat_actors& chat, std::vector<route> more)
    : options_(std::move(options)), origins_(options_.allow_origins),
      refusals_(options_.times.same_refusal), pool_(scheduler::of(system)), shared_(options_),
      control_(std::make_shared<admission_control>(
          admission_control{address_limit{options_.allowed.per_address},
                            http_slots{options_.allowed.http_per_address}, pool_.at(0)})),
      http_{make_router(assets, std::move(more)), origins_, refusals_, control_,
            acme_of(options_)} {
  for (std::size_t index = 0; index < pool_.size(); ++index)
    hosts_.push_back(std::make_unique<session_host>(pool_.at(index), options_, chat, shared_));
}

server::~server() { stop(); }

router server::make_router(const asset_source& assets, std::vector<route> more) const {
  std::vector<route> rows{health_route(origins_, control_)};
  rows.insert(rows.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
  rows.push_back(site_route(assets)); // Last, since it answers every path.
  return {std::move(rows), to_websocket};
}

void server::accept_on(std::vector<bound_socket> sockets) {
  const auto found = std::find_if(sockets.begin(), sockets.end(),
                                  [](const bound_socket& each) { return each.secure(); });
  if (found != sockets.end())
    http_.https_port = found->endpoint().port();
  for (auto& each : sockets)
    accept_on(std::move(each));
}

void server::accept_on(bound_socket socket) {
  using boost::beast::http::status;
  accept_handler handler{
      [this](descriptor& accepted, const arrival& from) { return begin_session(accepted, from); },
      {},
      {}};
  if (!socket.secure()) { // A handshake is what costs; without one nothing can be said.
    handler.too_many = turn_away_with(
        status::too_many_requests, "This address has all the HTTP connections that it may have.");
    handler.no_descriptor =
        turn_away_with(status::service_unavailable, "No connection more can be taken now.");
  }
  auto accepting =
      std::make_shared<listener>(std::move(socket), std::move(handler), options_.times, control_);
  listeners_.push_back(accepting);
  boost::asio::post(control_->home.io(), [accepting] { accepting->start(); });
}

bool server::begin_session(descriptor& socket, const arrival& from) {
  auto& host = *hosts_[turn_++ % hosts_.size()];
  auto begun = std::make_shared<http_session>(host, http_, std::move(socket), from);
  if (!control_->http.take(from.address, begun)) {
    socket = begun->release();
    return false;
  }
  boost::asio::dispatch(host.home().io(), [begun = std::move(begun), &host] {
    if (!host.closed())
      begun->start();
  });
  return true;
}

void server::stop_accepting() {
  run_on(control_->home, [this] {
    for (const auto& each : listeners_)
      each->stop();
  });
  listeners_.clear();
}

void server::stop() {
  stop_accepting();
  for (const auto& each : hosts_)
    run_on(each->home(), [&] { each->close_all(); });
  // What was queued behind that, such as the handler of a cancelled timer, still refers to the
  // hosts.
  for (const auto& each : hosts_)
    run_on(each->home(), [] {});
}

} // namespace klatch::net
