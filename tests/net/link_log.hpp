/// What a link to the bus has told, for the test's own thread.
#pragma once

#include "actors/cluster/bus_link.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klatch::net {

/// Writes down what its link tells, and stops it first of all.
class link_log {
public:
  static constexpr std::chrono::seconds patience{20};

  explicit link_log(std::unique_ptr<actors::bus_link> link) : link_(std::move(link)) {}
  link_log(const link_log&) = delete;
  link_log& operator=(const link_log&) = delete;
  ~link_log() {
    let_go();
    link_->stop();
  }

  actors::bus_link& link() noexcept { return *link_; }

  link_log& start() {
    link_->start({.on_frame = [this](std::string frame) { note_frame(std::move(frame)); },
                  .on_state = [this](bool up) { note([&] { states_.push_back(up); }); },
                  .on_lost = [this] { note([&] { ++losses_; }); }});
    return *this;
  }

  /// Wait for what is not there yet; false if it does not come.
  bool wait_until_up() { return wait_for_state(true); }
  bool wait_until_down() { return wait_for_state(false); }
  bool wait_for_frame(std::string_view frame) {
    return wait([&] { return std::find(frames_.begin(), frames_.end(), frame) != frames_.end(); });
  }
  bool wait_for_frames(std::size_t count) {
    return wait([&] { return frames_.size() >= count; });
  }
  bool wait_for_losses(std::size_t count) {
    return wait([&] { return losses_ >= count; });
  }
  /// A frame holds the link up from now on, until `let_go`.
  void hold() {
    const std::scoped_lock lock{mutex_};
    held_ = true;
  }
  void let_go() {
    note([&] { held_ = false; });
  }

  std::vector<std::string> frames() const {
    const std::scoped_lock lock{mutex_};
    return frames_;
  }
  std::vector<bool> states() const {
    const std::scoped_lock lock{mutex_};
    return states_;
  }
  std::size_t losses() const {
    const std::scoped_lock lock{mutex_};
    return losses_;
  }

private:
  template<class Change>
  void note(Change change) {
    const std::scoped_lock lock{mutex_};
    change();
    changed_.notify_all();
  }

  void note_frame(std::string frame) {
    std::unique_lock lock{mutex_};
    frames_.push_back(std::move(frame));
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
  }

  template<class Condition>
  bool wait(Condition holds) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, holds);
  }

  bool wait_for_state(bool up) {
    return wait([&] { return !states_.empty() && states_.back() == up; });
  }

  std::unique_ptr<actors::bus_link> link_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> frames_;
  std::vector<bool> states_;
  std::size_t losses_ = 0;
  bool held_ = false;
};

/// Starts both. Returns false if one of them does not come up.
inline bool start_both(link_log& one, link_log& other) {
  return one.start().wait_until_up() && other.start().wait_until_up();
}

/// `link` has put `published` frames on the bus, and has heard one of 9 bytes. Nothing went wrong.
inline void expect_counted(const actors::bus_link& link, std::size_t published) {
  const auto figures = link.figures();
  CHECK(figures.published == published);
  CHECK(figures.received == 1);
  CHECK(figures.received_bytes == 9);
  CHECK(figures.dropped + figures.refused + figures.reconnects == 0);
}

/// `to` hears what `from` sends, in that order, and neither hears itself. Both are up.
inline void expect_heard_in_order(link_log& from, link_log& to,
                                  const std::vector<std::string>& sent) {
  for (const auto& each : sent)
    REQUIRE(from.link().publish(each));
  REQUIRE(to.wait_for_frames(sent.size()));
  CHECK(to.frames() == sent);
  REQUIRE(to.link().publish("an answer"));
  REQUIRE(from.wait_for_frame("an answer"));
  CHECK(from.frames().size() == 1);
  expect_counted(from.link(), sent.size());
}

} // namespace klatch::net
