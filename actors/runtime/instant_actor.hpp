/// The base of actors that stand for somebody else.
#pragma once

#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/type_erased_tuple.hpp>

#include <utility>

namespace klatch::actors {

/// Handles what it is sent at once, on the sender's thread, and maybe several messages at a time.
/// So it has neither a mailbox nor a worker, nobody has to end it, and it lives as long as there
/// are handles to it.
class instant_actor : public caf::monitorable_actor {
public:
  explicit instant_actor(caf::actor_config& cfg) : caf::monitorable_actor(cfg) {}

  using caf::monitorable_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* /*from*/) final {
    if (element != nullptr)
      receive(element->content(), element->sender);
  }

protected:
  /// Thread-safe. `sender` may be null.
  virtual void receive(const caf::type_erased_tuple& content,
                       const caf::strong_actor_ptr& sender) = 0;
};

/// Returns a handle of that type to a new one.
template<class Actor, class Handle, class... Arguments>
Handle make_instant_actor(caf::actor_system& system, Arguments&&... arguments) {
  caf::actor_config config;
  return caf::make_actor<Actor, Handle>(system.next_actor_id(), system.node(), &system, config,
                                        std::forward<Arguments>(arguments)...);
}

} // namespace klatch::actors
