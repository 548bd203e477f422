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
                 std::function<void()> on_failure)
    : store_(std::move(store)), system_(prepared(config_, options.threads)),
      chat_(start_actors(options)), server_(system_, options.network, assets, chat_) {
  const auto report = [on_failure = std::move(on_failure)](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown)
      on_failure();
  };
  actors::watch_chat(chat_, report);
  server_.accept_on(std::move(sockets));
}

service::~service() {
  server_.stop();
  actors::stop_chat(chat_);
  chat_ = {};
}

actors::chat_actors service::start_actors(const service_options& options) {
  auto& pool = net::scheduler::of(system_);
  std::vector<caf::execution_unit*> homes;
  for (std::size_t index = 0; index < pool.size(); ++index)
    homes.push_back(&pool.at(index));
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
  return actors::start_chat(system_, std::move(homes), store_.get(), std::move(chosen));
}

std::size_t service::drain(std::chrono::milliseconds grace) {
  server_.stop_accepting();
  const caf::scoped_actor self{system_};
  std::size_t left = 0;
  self->request(chat_.supervisor, caf::infinite,
                klatch::drain{static_cast<std::uint64_t>(grace.count())})
      .receive([&](std::size_t cut_off) { left = cut_off; }, [](const caf::error&) {});
  return left;
}

} // namespace klatch::app
