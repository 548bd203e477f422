/// A lean actor that writes down what happens to it.
#pragma once

#include "actors/runtime/lean_actor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace klatch::test {

struct numbered {
  int sender;
  int value;
};
struct send_later {
  std::chrono::milliseconds delay;
  int value;
};
struct stop_now {};
struct fail_now {};
struct hold_handle;

using listener_actor =
    caf::typed_actor<caf::reacts_to<numbered>, caf::reacts_to<send_later>, caf::reacts_to<stop_now>,
                     caf::reacts_to<fail_now>, caf::reacts_to<hold_handle>>;

struct hold_handle {
  listener_actor of;
};

/// Of any number of listeners. Outlives them.
class listeners_log {
public:
  struct entry {
    int listener;
    numbered what;
  };

  /// Called with each message that is handled.
  std::function<void()> on_handled = [] {};
  std::function<bool(const caf::execution_unit&)> at_home = [](const auto& /*home*/) {
    return true;
  };

  std::atomic<int> alive{0};
  std::atomic<int> started{0};
  std::atomic<int> exited{0};
  std::atomic<int> late{0}; ///< messages that were not handled
  std::atomic<int> elsewhere{0};

  void add(entry each) {
    const std::lock_guard lock{mutex_};
    entries_.push_back(each);
  }
  std::vector<entry> entries() {
    const std::lock_guard lock{mutex_};
    return entries_;
  }

private:
  std::mutex mutex_;
  std::vector<entry> entries_;
};

class listener final : public actors::lean<listener, listener_actor> {
public:
  listener(caf::actor_config& cfg, caf::execution_unit& home, listeners_log& log, int number = 0)
      : lean(cfg, home), log_(log), number_(number) {
    ++log_.alive;
  }
  ~listener() override { --log_.alive; }

  const char* name() const override { return "listener"; }

protected:
  void on_start() override {
    check_place();
    ++log_.started;
  }
  void on_exit() override {
    check_place();
    ++log_.exited;
    held_ = nullptr;
  }
  void on_late(const caf::mailbox_element& /*element*/) override { ++log_.late; }

private:
  friend class lean<listener, listener_actor>;

  void on_numbered(const numbered& what) {
    check_place();
    log_.add({number_, what});
    log_.on_handled();
  }
  void on_send_later(const send_later& asked) {
    delayed_send(this, asked.delay, numbered{0, asked.value});
  }
  void on_stop_now(const stop_now& /*asked*/) {
    quit();
    quit(caf::exit_reason::kill); // too late to be the reason
  }
  void on_fail_now(const fail_now& /*asked*/) { throw std::runtime_error("it is a test"); }
  void on_hold_handle(hold_handle& asked) { held_ = std::move(asked.of); }

  using handlers = actors::handler_table<&listener::on_numbered, &listener::on_send_later,
                                         &listener::on_stop_now, &listener::on_fail_now,
                                         &listener::on_hold_handle>;

  void check_place() {
    if (!log_.at_home(home()))
      ++log_.elsewhere;
  }

  listeners_log& log_;
  int number_;
  listener_actor held_;
};

} // namespace klatch::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::test::numbered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::test::send_later)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::test::stop_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::test::fail_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(klatch::test::hold_handle)
