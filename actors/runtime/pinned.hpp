/// The base of actors that never leave their worker.
#pragma once

#include <caf/execution_unit.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace klatch::actors {

/// An actor with the interface `Handle` that runs only on its home worker. CAF alone would run an
/// idle actor on the worker of the sender that wakes it.
template<class Handle>
class pinned : public Handle::base {
public:
  using super = typename Handle::base;
  using handle = Handle;

  pinned(caf::actor_config& cfg, caf::execution_unit& home) : super(cfg), home_(&home) {
    this->context(home_);
  }

  using super::enqueue;

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override {
    super::enqueue(std::move(element), home_);
  }

  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    super::launch(home_, lazy, hide);
  }

  caf::execution_unit& home() const noexcept { return *home_; }

private:
  caf::execution_unit* home_;
};

} // namespace klatch::actors
