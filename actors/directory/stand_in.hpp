/// Stands for the devices that a user has at other nodes.
#pragma once

#include "actors/runtime/byte_room.hpp"
#include "actors/runtime/instant_actor.hpp"
#include "messages/cluster_messages.hpp"
#include "messages/ids.hpp"
#include "messages/interfaces.hpp"
#include "messages/routing_messages.hpp"

#include <caf/send.hpp>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Who tells the other nodes.
struct node_link {
  herald_actor herald;             ///< null: there are none
  std::shared_ptr<byte_room> room; ///< for texts on their way to it; null where it is
};

/// Takes the place of a device: what it is sent, the nodes that have the user's devices pass on to
/// each of these. It takes deliveries and introductions, and nothing else.
class stand_in final : public instant_actor {
public:
  stand_in(caf::actor_config& cfg, user_key user, node_link others)
      : instant_actor(cfg), user_(std::move(user)), others_(std::move(others)) {}

  const char* name() const override { return "stand_in"; }

  /// The user has left the other nodes: what comes from now on goes back to its sender.
  void close() noexcept { open_.store(false, std::memory_order_relaxed); }

private:
  void receive(const caf::type_erased_tuple& content,
               const caf::strong_actor_ptr& sender) override {
    if (content.match_elements<delivery>()) {
      const auto& text = content.get_as<delivery>(0).text;
      if (open_.load(std::memory_order_relaxed) && others_.room->enter(text.text().size()))
        tell(bus_delivery{user_, text});
      else if (sender != nullptr)
        caf::anon_send(caf::actor_cast<connection_actor>(sender),
                       undelivered{user_.user, caf::actor_cast<connection_actor>(this)});
    } else if (content.match_elements<introduction>()) {
      tell(bus_introduction{user_, content.get_as<introduction>(0).from});
    }
  }

  void tell(node_record what) const {
    told all;
    all.records.push_back(std::move(what));
    caf::anon_send(others_.herald, std::move(all));
  }

  const user_key user_;
  const node_link others_;
  std::atomic<bool> open_{true};
};

} // namespace klatch::actors
