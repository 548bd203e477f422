#include "actors/runtime/lean_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <exception>
#include <utility>

namespace klatch::actors {

lean_actor::lean_actor(caf::actor_config& cfg, caf::execution_unit& home) : caf::local_actor(cfg) {
  context(&home);
}

void lean_actor::intrusive_ptr_add_ref_impl() { caf::intrusive_ptr_add_ref(ctrl()); }

void lean_actor::intrusive_ptr_release_impl() { caf::intrusive_ptr_release(ctrl()); }

void lean_actor::enqueue(caf::mailbox_element_ptr element, caf::execution_unit* /*from*/) {
  switch (mailbox_.push(element)) {
  case lean_mailbox::pushed::woke:
    schedule();
    break;
  case lean_mailbox::pushed::closed:
    on_late(*element);
    break;
  case lean_mailbox::pushed::queued:
    break;
  }
}

// The worker that runs it holds a reference as long as it is queued.
void lean_actor::schedule() {
  caf::intrusive_ptr_add_ref(ctrl());
  home().exec_later(this);
}

void lean_actor::launch(caf::execution_unit* /*unit*/, bool /*lazy*/, bool hide) {
  if (!hide)
    register_at_system();
  mailbox_.wake();
  schedule();
}

lean_actor::resume_result lean_actor::resume(caf::execution_unit* /*unit*/, std::size_t limit) {
  if (!getf(is_initialized_flag)) {
    setf(is_initialized_flag);
    guarded([this] { on_start(); });
  }
  for (std::size_t handled = 0; handled < limit && !quitting(); ++handled) {
    const auto element = mailbox_.take();
    if (element == nullptr)
      break;
    handle_next(*element);
  }
  if (quitting()) {
    end();
    return done;
  }
  return mailbox_.sleep() ? awaiting_message : resume_later;
}

void lean_actor::handle_next(caf::mailbox_element& element) {
  current_mailbox_element(&element);
  const bool handled = guarded([&] {
    if (!receive(element) && element.content().match_elements<caf::exit_msg>())
      if (auto& reason = element.content().get_mutable_as<caf::exit_msg>(0).reason)
        quit(std::move(reason));
  });
  current_mailbox_element(nullptr);
  if (!handled)
    on_late(element);
}

template<class Work>
bool lean_actor::guarded(Work work) {
  try {
    work();
    return true;
  } catch (const std::exception& error) {
    quit(caf::make_error(caf::sec::runtime_error, error.what()));
  } catch (...) {
    quit(caf::sec::runtime_error);
  }
  return false;
}

void lean_actor::quit(caf::error reason) {
  if (quitting())
    return;
  setf(is_shutting_down_flag);
  fail_state_ = std::move(reason);
}

void lean_actor::end() {
  on_exit();
  cleanup(std::move(fail_state_), &home());
}

bool lean_actor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  mailbox_.close([this](const caf::mailbox_element& left) { on_late(left); });
  // What `local_actor` does but for timeouts, of which this has none: to take none back from the
  // clock would wake the clock's thread.
  unregister_from_system();
  return caf::monitorable_actor::cleanup(std::move(reason), // NOLINT(bugprone-parent-virtual-call)
                                         host);
}

void lean_actor::abandon() {
  quit(caf::exit_reason::user_shutdown);
  end();
}

} // namespace klatch::actors
