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
#include <atomic>
#include <chrono>
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

// What a stop leaves to requests: to those under way, and to the first of who has just come.
constexpr std::chrono::seconds longest_request{1};
constexpr std::chrono::milliseconds first_request{250};
constexpr std::chrono::milliseconds request_step{10};
std::optional<acme_challenges> acme_of(const options& from) {
  if (!from.acme)
    return std::nullopt;
  return acme_challenges{*from.acme};
}

constexpr upgrade_route to_websocket{is_upgrade, refuse_upgrade, refuse_stripped_upgrade,
                                     begin_ws_session};

/// Whatever asks for it is answered as any other request.
constexpr upgrade_route no_upgrade{
    [](const http_request& /*request*/) { return false; },
    [](const http_request& /*request*/) { return std::optional<http_response>{}; },
    [](const http_request& /*request*/) { return std::optional<http_response>{}; },
    [](upgraded /*connection*/) {}};

} // namespace

server::server(caf::actor_system& system, net::options options, const asset_source& assets,
               const actors::chat_actors& chat, std::vector<route> more,
               std::vector<route> for_operators)
    : options_(std::move(options)), pool_(scheduler::of(system)),
      origins_(pool_.size(), options_.allow_origins), refusals_(options_.times.same_refusal),
      shared_(options_),
      control_(std::make_shared<admission_control>(options_.allowed.per_address,
                                                   options_.allowed.http_per_address, pool_.at(0))),
      http_{make_router(assets, std::move(more)), origins_, refusals_, control_, acme_of(options_)},
      operators_{make_operators_router(std::move(for_operators)), origins_, refusals_, control_,
                 std::nullopt},
      waiting_(control_->home.io().get_executor()) {
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

router server::make_operators_router(std::vector<route> more) const {
  std::vector<route> rows{health_route(origins_, control_)};
  rows.insert(rows.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
  return {std::move(rows), no_upgrade};
}

void server::accept_on(bound_socket socket) { accept(std::move(socket), http_, public_listeners_); }

void server::accept_operators_on(bound_socket socket) {
  accept(std::move(socket), operators_, operator_listeners_);
}

void server::accept(bound_socket socket, const http_service& service, listeners& kept_in) {
  using boost::beast::http::status;
  accept_handler handler{[this, &service](descriptor& accepted, const arrival& from) {
                           return begin_session(service, accepted, from);
                         },
                         {},
                         {}};
  if (!socket.secure()) { // A handshake is what costs; without one nothing can be said.
    handler.too_many = turn_away_with(
        status::too_many_requests, "This address has all the HTTP connections that it may have.");
    handler.no_descriptor =
        turn_away_with(status::service_unavailable, "No connection more can be taken now.");
  }
  auto accepting = std::make_shared<listener>(std::move(socket), std::move(handler), options_.times,
                                              control_, options_.max_connections);
  kept_in.push_back(accepting);
  boost::asio::post(control_->home.io(), [accepting] { accepting->start(); });
}

bool server::begin_session(const http_service& service, descriptor& socket, const arrival& from) {
  auto& host = *hosts_[turn_++ % hosts_.size()];
  auto begun = std::make_shared<http_session>(host, service, std::move(socket), from);
  if (!control_->http.take(from.address, begun, !options_.proxies.has(from.address))) {
    socket = begun->release();
    return false;
  }
  boost::asio::dispatch(host.home().io(), [begun = std::move(begun), &host] {
    if (!host.closed())
      begun->start();
  });
  return true;
}

void server::use(const options& next) {
  shared_.buffers.set_limit(next.buffer_bytes);
  const auto settings = std::make_shared<const options>(next);
  at_control(control_, [this, settings](admission_control& there) {
    options_.proxies = settings->proxies;
    there.websockets.set_limit(settings->allowed.per_address);
    there.http.set_limit(settings->allowed.http_per_address);
  });
  for (const auto& each : hosts_)
    boost::asio::post(each->home().io(), [this, settings, host = each.get()] {
      origins_.replace_here(settings->allow_origins);
      host->use(*settings);
    });
}

void server::use_access(access_rules_ptr rules, std::function<void()> on_done) {
  for (const auto& each : hosts_)
    boost::asio::post(each->home().io(), [rules, host = each.get()] { host->set_access(rules); });
  const auto open = std::make_shared<std::atomic<std::size_t>>(hosts_.size());
  call_on_workers([open, on_done = std::move(on_done)] {
    if (--*open == 0)
      on_done();
  });
}

void server::call_on_workers(const std::function<void()>& work) {
  for (const auto& each : hosts_)
    boost::asio::post(each->home().io(), work);
}

void server::stop_accepting() {
  shared_.stopping.store(true, std::memory_order_relaxed);
  stop_listeners(public_listeners_);
}

void server::stop_listeners(listeners& all) {
  run_on(control_->home, [this, &all] {
    for (const auto& each : all)
      each->stop();
    waiting_.cancel();
  });
  all.clear();
}

void server::finish_requests(std::function<void()> on_done) {
  at_control(control_, [this, on_done = std::move(on_done)](admission_control&) mutable {
    await_requests(http_slot::clock::now() + longest_request, std::move(on_done));
  });
}

void server::await_requests(http_slot::clock::time_point limit, std::function<void()> on_done) {
  const auto now = http_slot::clock::now();
  if (now >= limit || !control_->http.any_in_use(now - first_request))
    return on_done();
  waiting_.expires_after(request_step);
  waiting_.async_wait([this, limit, on_done = std::move(on_done)](boost::system::error_code error) {
    if (!error)
      await_requests(limit, on_done);
  });
}

void server::stop() {
  stop_accepting();
  stop_listeners(operator_listeners_);
  for (const auto& each : hosts_)
    run_on(each->home(), [&] { each->close_all(); });
  // What was queued behind that, such as the handler of a cancelled timer, still refers to the
  // hosts.
  for (const auto& each : hosts_)
    run_on(each->home(), [] {});
}

} // namespace klatch::net
