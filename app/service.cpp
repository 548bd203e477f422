#include "app/service.hpp"

#include "net/scheduler.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <utility>

namespace klatch::app {

namespace {

caf::actor_system_config& prepared(caf::actor_system_config& config, std::size_t threads) {
  net::scheduler::configure(config, threads);
  return config;
}

} // namespace

service::service(const service_options& chosen, const net::asset_source& assets,
                 std::vector<net::bound_socket> sockets, std::function<void()> on_failure)
    : system_(prepared(config_, chosen.threads)), supervisor_(start_supervisor(chosen.announce)),
      server_(system_, chosen.network, assets, supervisor_, directory_) {
  supervisor_->attach_functor([on_failure = std::move(on_failure)](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown)
      on_failure();
  });
  for (auto& socket : sockets)
    server_.accept_on(std::move(socket));
}

service::~service() {
  server_.stop();
  anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  directory_.reset();
  supervisor_ = nullptr;
}

supervisor_actor service::start_supervisor(announce_mode announce) {
  auto& pool = net::scheduler::of(system_);
  std::vector<caf::execution_unit*> homes;
  for (std::size_t index = 0; index < pool.size(); ++index)
    homes.push_back(&pool.at(index));
  auto started = system_.spawn<actors::supervisor>(std::move(homes), announce);
  const auto* actor =
      static_cast<actors::supervisor*>(caf::actor_cast<caf::abstract_actor*>(started));
  directory_ = actor->first_table();
  return started;
}

std::size_t service::drain(std::chrono::milliseconds grace) {
  server_.stop_accepting();
  const caf::scoped_actor self{system_};
  std::size_t left = 0;
  self->request(supervisor_, caf::infinite,
                klatch::drain{static_cast<std::uint64_t>(grace.count())})
      .receive([&](std::size_t cut_off) { left = cut_off; }, [](const caf::error&) {});
  return left;
}

} // namespace klatch::app
