#include "app/service.hpp"

#include "actors/chat.hpp"
#include "messages/clock.hpp"
#include "messages/supervision_messages.hpp"
#include "net/loop/scheduler.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <utility>

namespace klatch::app {

namespace {

/// Asks the supervisor for a drain, and is gone when that has answered.
void wait_for_drain(caf::event_based_actor* self, const supervisor_actor& supervisor,
                    const drain& asked, const std::function<void(std::size_t)>& on_done) {
  self->request(supervisor, caf::infinite, asked)
      .then(
          [on_done](std::size_t cut_off) { on_done(cut_off); },
          [on_done](const caf::error&) { on_done(0); }); // It is no more, nor is anything to drain.
}

caf::actor_system_config& prepared(caf::actor_system_config& config, std::size_t threads) {
  net::scheduler::configure(config, threads);
  return config;
}

} // namespace

service::service(const service_options& options, storage kept_in, const net::asset_source& assets,
                 std::vector<net::bound_socket> sockets, std::function<void()> on_failure,
                 std::vector<net::bound_socket> for_operators)
    : store_(std::move(kept_in)), system_(prepared(config_, options.threads)),
      readiness_(workers(), counted_of_store_), chat_(start_actors(options)),
      certificates_(options.network.certificates), metrics_(sources_of_metrics(options)),
      server_(system_, options.network, assets, chat_, public_routes(for_operators.empty()),
              operator_routes()) {
  note_settings(options);
  const auto report = [on_failure = std::move(on_failure)](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown)
      on_failure();
  };
  actors::watch_chat(chat_, report);
  server_.accept_on(std::move(sockets));
  for (auto& socket : for_operators)
    server_.accept_operators_on(std::move(socket));
}

service::~service() {
  *hurries_ = true;
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
  chosen.directory.log_addresses = options.network.log_addresses;
  chosen.directory.log = log;
  chosen.may_wait = options.may_wait;
  chosen.archive.retain = options.retain;
  chosen.archive.time = machine_clock();
  chosen.archive.log = log;
  chosen.reader.log = log;
  chosen.seed = std::random_device{}();
  chosen.readers = store_.readers;
  chosen.cluster = store_.cluster;
  std::vector<store::message_store*> lanes;
  for (const auto& each : store_.lanes)
    lanes.push_back(each.get());
  return actors::start_chat(system_, std::move(homes), lanes, counted_of_store_, std::move(chosen));
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
          .state = &readiness_,
          .settings = &settings_,
          .certificates = certificates_.get(),
          .key_set = options.key_set,
          .clustered = store_.cluster.has_value()};
}

service_figures service::figures() {
  std::int64_t connections = 0;
  std::int64_t users = 0;
  for (const auto* each : workers()) {
    for (const auto& dialect : each->counters().connections)
      connections += dialect.value();
    users += each->counters().users.value();
  }
  // Two workers are read one after the other: what has moved in between may be missing in both.
  const auto whole = [](std::int64_t sum) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
  };
  return {.connections = whole(connections),
          .users = whole(users),
          .stored = counted_of_store_.total(&archive_counters::stored),
          .stores = chat_.archive.has_value(),
          .writable = counted_of_store_.writable(),
          .draining = readiness_.draining()};
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

void service::note_settings(const service_options& taken) noexcept {
  settings_.insecure.set(taken.network.access->open() ? 1 : 0);
  settings_.note_success(std::chrono::system_clock::now());
}

void service::use(const service_options& next, std::uint64_t min_free) {
  note_settings(next);
  server_.use(next.network);
  caf::anon_send(chat_.supervisor, use_directory_settings{next.announce, next.max_per_user,
                                                          next.network.log_addresses});
  if (!chat_.archive)
    return;
  // One of them forgets what has expired.
  for (const auto& each : chat_.archive->writers)
    caf::anon_send(each, use_archive_settings{each == chat_.archive->writers.front() ? next.retain
                                                                                     : std::nullopt,
                                              min_free});
}

void service::use_access(access_rules_ptr rules, std::function<void()> on_done) {
  server_.use_access(std::move(rules), std::move(on_done));
}

void service::check_alive(std::function<void()> on_answer) {
  const auto writers = chat_.archive ? chat_.archive->writers : std::vector<archive_actor>{};
  const auto open = std::make_shared<std::atomic<std::size_t>>(server_.workers() + writers.size());
  const auto answer = [open, on_answer = std::move(on_answer)] {
    if (--*open == 0)
      on_answer();
  };
  server_.call_on_workers(answer);
  for (const auto& each : writers)
    caf::anon_send(each, are_you_there{answer});
}

void service::announce_end() {
  readiness_.begin_drain();
  if (store_.cluster)
    store_.cluster->signs->draining = true;
}

void service::begin_drain(std::chrono::milliseconds grace, unsigned reconnect_rate,
                          std::function<void(std::size_t)> on_done) {
  announce_end();
  server_.stop_accepting();
  const auto drained = [this, hurries = hurries_,
                        on_done = std::move(on_done)](std::size_t cut_off) {
    if (*hurries)
      return on_done(cut_off);
    server_.finish_requests([on_done, cut_off] { on_done(cut_off); });
  };
  system_.spawn(wait_for_drain, chat_.supervisor,
                drain{static_cast<std::uint64_t>(grace.count()), reconnect_rate},
                std::function<void(std::size_t)>{drained});
}

void service::end_drain() {
  *hurries_ = true;
  caf::anon_send(chat_.supervisor, drain_over{});
}

} // namespace klatch::app
