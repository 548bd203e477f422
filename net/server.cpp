#include "net/server.hpp"

#include <boost/asio/post.hpp>

#include <future>
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

} // namespace

server::server(caf::actor_system& system, options chosen, const asset_source& assets,
               const chat_actors& chat)
    : chosen_(std::move(chosen)), origins_(chosen_.allow_origins),
      refusals_(chosen_.times.same_refusal), pool_(scheduler::of(system)), shared_(chosen_),
      control_(std::make_shared<admission_control>(
          admission_control{address_limit{chosen_.allowed.per_address},
                            http_slots{chosen_.allowed.http_per_address}, pool_.at(0)})) {
  for (std::size_t index = 0; index < pool_.size(); ++index)
    hosts_.push_back(std::make_unique<session_host>(pool_.at(index), chosen_, origins_, refusals_,
                                                    assets, chat, shared_));
}

server::~server() { stop(); }

void server::accept_on(bound_socket socket) {
  std::vector<session_host*> hosts;
  for (const auto& each : hosts_)
    hosts.push_back(each.get());
  auto accepting = std::make_shared<listener>(std::move(socket), std::move(hosts), control_);
  listeners_.push_back(accepting);
  boost::asio::post(control_->home.io(), [accepting] { accepting->start(); });
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
