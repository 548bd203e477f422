#include "actors/cluster/lease_keeper.hpp"

#include "actors/cluster/cluster_seen.hpp"
#include "store/cluster_times.hpp"
#include "store/message_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace klatch::actors {

namespace {

bool has(const std::vector<store::node_row>& rows, std::uint64_t incarnation) {
  return std::any_of(rows.begin(), rows.end(), [incarnation](const store::node_row& each) {
    return each.incarnation == incarnation;
  });
}

} // namespace

lease_keeper::lease_keeper(caf::actor_config& cfg, std::shared_ptr<store::membership> lease,
                           herald_actor herald, lease_keeper_options options)
    : lease_keeper_actor::base(cfg), lease_(std::move(lease)), herald_(std::move(herald)),
      options_(std::move(options)) {}

lease_keeper::behavior_type lease_keeper::make_behavior() {
  send(this, renewal_due{});
  return {[this](const renewal_due&) { renew(); }};
}

void lease_keeper::on_exit() {
  herald_ = nullptr;
  try {
    lease_->leave();
  } catch (const store::unavailable& reason) {
    options_.log->warn("the lease of this node could not be given back and runs out by itself: {}",
                       reason.what());
  }
  lease_.reset();
}

void lease_keeper::renew() {
  delayed_send(this, store::lease_renewal, renewal_due{});
  try {
    auto view = lease_->renew(options_.signs->state());
    if (std::exchange(failing_, false))
      options_.log->info("the lease of this node is renewed again");
    log_changes(view);
    options_.epoch->set(view.epoch);
    last_ = view;
    send(herald_, cluster_seen{std::move(view)});
    pass_control_on(last_.control);
  } catch (const store::unavailable& reason) {
    if (!std::exchange(failing_, true))
      options_.log->error(
          "the lease of this node cannot be renewed: {}; the others take it for dead "
          "once it has run out",
          reason.what());
  }
}

void lease_keeper::pass_control_on(std::uint64_t number) {
  if (!options_.on_control)
    return;
  try {
    options_.on_control(number);
    if (std::exchange(control_failing_, false))
      options_.log->info("what the store says to all nodes is read again");
  } catch (const store::unavailable& reason) {
    if (!std::exchange(control_failing_, true))
      options_.log->error("what the store says to all nodes cannot be read: {}; revocations from "
                          "now on do not count here until it can be",
                          reason.what());
  }
}

void lease_keeper::log_changes(const store::cluster_view& now) {
  if (last_.incarnation != 0 && now.incarnation != last_.incarnation)
    options_.log->warn("the lease of this node had run out: it goes on under a new one");
  for (const auto& each : now.living)
    if (each.incarnation != now.incarnation && !has(last_.living, each.incarnation))
      options_.log->info("node {} is there", each.name);
  for (const auto& each : last_.living)
    if (each.incarnation != last_.incarnation && !has(now.living, each.incarnation))
      options_.log->warn("node {} is gone", each.name);
}

} // namespace klatch::actors
