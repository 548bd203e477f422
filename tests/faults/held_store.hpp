/// A store whose commits wait until a test lets them through.
#pragma once

#include "store/message_store.hpp"

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

class held_store final : public store::message_store {
public:
  held_store(std::unique_ptr<store::message_store> inner, std::shared_ptr<commit_hold> hold)
      : inner_(std::move(inner)), hold_(std::move(hold)) {}

  const std::string& epoch() const noexcept override { return inner_->epoch(); }
  std::vector<store::outcome> append(std::span<const store::draft> batch,
                                     std::int64_t now) override {
    hold_->pass();
    return inner_->append(batch, now);
  }
  std::optional<std::uint64_t> mark_read(const user_key& reader, const user_id& with,
                                         std::uint64_t n) override {
    return inner_->mark_read(reader, with, n);
  }
  store::delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                      std::size_t at_most) override {
    return inner_->mark_delivered(user, seq, at_most);
  }
  void mark_plain(const user_key& user, std::uint64_t seq) override {
    inner_->mark_plain(user, seq);
  }
  void note_profile(const user_key& user, const store::profile& now) override {
    inner_->note_profile(user, now);
  }
  bool tidy() override { return inner_->tidy(); }
  std::uint64_t last_mid() const override { return inner_->last_mid(); }
  bool many_expired(const store::expiry& what, std::uint64_t one_in) override {
    return inner_->many_expired(what, one_in);
  }
  std::size_t trim(const store::expiry& what, std::size_t at_most) override {
    return inner_->trim(what, at_most);
  }
  std::unique_ptr<store::message_reader> make_reader() override { return inner_->make_reader(); }

private:
  std::unique_ptr<store::message_store> inner_;
  std::shared_ptr<commit_hold> hold_;
};

} // namespace klatch::faults
