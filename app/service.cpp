#include "app/service.hpp"

#include "actors/chat.hpp"
#include "messages/clock.hpp"
#include "net/loop/scheduler.hpp"

#include <caf/scoped_actor.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace klatch::app {

namespace {

caf::actor_system_config& prepared(caf::actor_system_config& config, std::size_t threads) {
  net::scheduler::configure(config, threads);
  return config;
}

} // namespace

service::service(const service_options& options, std::unique_ptr<store::message_store> store,
                 const net::asset_source& assets, std::vector<net::bound_socket> sockets,
                 std::function<void()> on_failure, std::vector<net::bound_socket> for_operators)
    : store_(std::move(store)), system_(prepared(config_, options.threads)),
      readiness_(workers(), counted_of_store_.archive), chat_(start_actors(options)),
      metrics_(sources_of_metrics(options)),
      server_(system_, options.network, assets, chat_, public_routes(for_operators.empty()),
              operator_routes()) {
  const auto report = [on_failure = std::move(on_failure)](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown)
      on_failure();
  };
  actors::watch_chat(chat_, report);
  for (auto& socket : sockets)
    server_.accept_on(std::move(socket));
  for (auto& socket : for_operators)
    server_.accept_operators_on(std::move(socket));
}

service::~service() {
  server_.stop();
  actors::stop_chat(chat_);
  chat_ = {};
}

actors::chat_actors service::start_actors(const service_options& options) {
  std::vector<actors::home_worker> homes;
  for (auto* each : workers())
    homes.push_back({each, &each->counters()});
  const auto& log = spdlog::default_logger();
  actors::chat_options chosen;
  chosen.directory.announces = options.announce;
  chosen.directory.max_devices = options.max_per_user;
  chosen.directory.log = log;
  chosen.may_wait = options.may_wait;
  chosen.archive.retain = options.retain;
  chosen.archive.time = machine_clock();
  chosen.archive.log = log;
  chosen.reader.log = log;
  return actors::start_chat(system_, std::move(homes), store_.get(), counted_of_store_,
                            std::move(chosen));
}

std::vector<net::worker*> service::workers() {
  auto& pool = net::scheduler::of(system_);
  std::vector<net::worker*> all;
  for (std::size_t index = 0; index < pool.size(); ++index)
    all.push_back(&pool.at(index));
  return all;
}

metric_sources service::sources_of_metrics(const service_options& options) {
  return {.workers = workers(),
          .stored = &counted_of_store_,
          .waiting = chat_.archive ? chat_.archive->limit.get() : nullptr,
          .store_file = options.store_file,
          .state = &readiness_};
}

std::vector<net::route> service::public_routes(bool for_operators_too) const {
  std::vector<net::route> rows{ready_route(readiness_)};
  if (for_operators_too)
    rows.push_back(metrics_route(metrics_, metric_readers_allowed::this_machine));
  return rows;
}

std::vector<net::route> service::operator_routes() const {
  return {ready_route(readiness_), metrics_route(metrics_, metric_readers_allowed::everybody)};
}

std::size_t service::drain(std::chrono::milliseconds grace) {
  readiness_.begin_drain();
  server_.stop_accepting();
  const caf::scoped_actor self{system_};
  std::size_t left = 0;
  self->request(chat_.supervisor, caf::infinite,
                klatch::drain{static_cast<std::uint64_t>(grace.count())})
      .receive([&](std::size_t cut_off) { left = cut_off; }, [](const caf::error&) {});
  return left;
}

} // namespace klatch::app
