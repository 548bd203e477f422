/// The base of actors of which there are many.
#pragma once

#include "actors/runtime/lean_mailbox.hpp"

#include <caf/execution_unit.hpp>
#include <caf/local_actor.hpp>
#include <caf/mixin/sender.hpp>
#include <caf/resumable.hpp>
#include <caf/type_nr.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <type_traits>
#include <typeinfo>

namespace klatch::actors {

/// An actor that never leaves its home worker, as `pinned` ones do, in a fifth of their memory: no
/// behaviors, no requests, no streams, no handlers for others' ends. Code on the home worker may
/// call into it between two messages.
///
/// It ends after the message in which it quits, with an error if a handler throws, or when it is
/// told to exit. Then `on_exit` runs, and those who monitor it learn the reason.
class lean_actor : public caf::local_actor, public caf::resumable {
public:
  /// `home` outlives it.
  lean_actor(caf::actor_config& cfg, caf::execution_unit& home);

  using caf::local_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* from) final;

  void launch(caf::execution_unit* unit, bool lazy, bool hide) final;
  /// Handles at most `limit` messages, so that others of this worker have their turn.
  resume_result resume(caf::execution_unit* unit, std::size_t limit) final;
  bool cleanup(caf::error&& reason, caf::execution_unit* host) final;

  /// Ends it where it stands. Only when its worker has stopped.
  void abandon();

  void intrusive_ptr_add_ref_impl() final;
  void intrusive_ptr_release_impl() final;

protected:
  caf::execution_unit& home() const noexcept { return *context(); }

  /// Ends the actor after the message that is being handled. The first reason counts.
  void quit(caf::error reason = {});

  /// Runs first, at home.
  virtual void on_start() {}
  /// Handles a message. Returns false if there is no handler for it.
  virtual bool receive(caf::mailbox_element& element) = 0;
  /// Called for a message that was not (fully) handled: its handler threw, it was still queued when
  /// the actor ended, or it arrived afterwards. In the last case it runs on the sender's thread,
  /// concurrently with other such calls.
  virtual void on_late(const caf::mailbox_element& element) = 0;

private:
  void schedule();
  void handle_next(caf::mailbox_element& element);
  bool quitting() const { return getf(is_shutting_down_flag); }
  void end();

  /// Runs `work`. If it throws, the actor ends with that error, and this returns false.
  template<class Work>
  bool guarded(Work work);

  lean_mailbox mailbox_;
};

/// What handles the messages of an interface, in its order: member functions of the actor, each of
/// one message.
template<auto... Handlers>
struct handler_table {};

template<class Function>
struct handled_by;
template<class Self, class Message>
struct handled_by<void (Self::*)(Message)> {
  using message = std::remove_cvref_t<Message>;
};

/// A lean actor with the interface `Handle`. `Self::handlers` is its `handler_table`, in which a
/// message's handler is looked for from the front: what comes most often stands first. The table
/// and the handlers may be accessible to this base only.
template<class Self, class Handle>
class lean : public caf::mixin::sender<lean_actor, lean<Self, Handle>>,
             public caf::statically_typed_actor_base,
             public caf::non_blocking_actor_base {
public:
  using super = caf::mixin::sender<lean_actor, lean<Self, Handle>>;
  using signatures = typename Handle::signatures;
  using behavior_type = typename Handle::behavior_type;

  lean(caf::actor_config& cfg, caf::execution_unit& home) : super(cfg, home) {}

private:
  template<class Message>
  using one_way =
      caf::typed_mpi<caf::detail::type_list<Message>, caf::output_tuple<void>>; // reacts_to

  bool receive(caf::mailbox_element& element) final {
    return dispatch(element.content(), signatures{}, typename Self::handlers{});
  }

  template<class... Messages, auto... Handlers>
  bool dispatch(caf::type_erased_tuple& content,
                caf::detail::type_list<one_way<Messages>...> /*interface*/,
                handler_table<Handlers...> /*handlers*/) {
    static_assert(
        std::is_same_v<caf::detail::type_list<Messages...>,
                       caf::detail::type_list<typename handled_by<decltype(Handlers)>::message...>>,
        "the handlers are not those of the interface, in its order");
    if (content.size() != 1)
      return false;
    // Null for CAF's own types; each of ours has one type_info in the program.
    const auto* type = content.type(0).second;
    return ((type == &typeid(Messages) && (call<Messages, Handlers>(content), true)) || ...);
  }

  template<class Message, auto Handler>
  void call(caf::type_erased_tuple& content) {
    static_assert(caf::type_nr<Message>::value == 0,
                  "a type of CAF's is not told by its type_info");
    (static_cast<Self&>(*this).*Handler)(content.get_mutable_as<Message>(0));
  }
};

} // namespace klatch::actors
