/// A store whose commits wait until a test lets them through.
#pragma once

#include "tests/store/forwarding_store.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace klatch::faults {

class commit_hold {
public:
  /// Commits wait from its beginning to its end, or to that of the hold.
  class scope {
  public:
    explicit scope(commit_hold& hold) : hold_(hold) { hold_.begin(); }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() { hold_.end(); }

  private:
    commit_hold& hold_;
  };

  void end() {
    const std::lock_guard guard{mutex_};
    held_ = false;
    changed_.notify_all();
  }
  /// Until a commit waits.
  void wait_for_commit() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return waiting_; });
  }
  /// What a commit does first.
  void pass() {
    std::unique_lock guard{mutex_};
    waiting_ = held_;
    changed_.notify_all();
    changed_.wait(guard, [this] { return !held_; });
    waiting_ = false;
  }

private:
  void begin() {
    const std::lock_guard guard{mutex_};
    held_ = true;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool waiting_ = false;
};

class held_store final : public test::forwarding_store {
public:
  held_store(std::unique_ptr<store::message_store> inner, std::shared_ptr<commit_hold> hold)
      : forwarding_store(std::move(inner)), hold_(std::move(hold)) {}

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    hold_->pass();
    return forwarding_store::append(batch, now);
  }

private:
  std::shared_ptr<commit_hold> hold_;
};

} // namespace klatch::faults
