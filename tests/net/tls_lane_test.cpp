// Whose turn it is to shake hands: few at once, in order, and others' messages in between.
#include "net/tls/tls_lane.hpp"
#include "tests/net/pool.hpp"
#include "tests/net/socket_pair.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace klatch::test {

namespace {

constexpr std::size_t usual_bound = 4096;

/// What has been done in one round of the worker.
struct round_of_lane {
  std::size_t handshakes = 0;
  std::size_t messages = 0;
};

/// One worker with a lane. Everything of it is used on that worker.
class lane_scene final : public net::flushable {
public:
  explicit lane_scene(net::worker& on, std::size_t bound = usual_bound)
      : home(on), lane(on, certificates, bound) {
    home.flush_later(*this);
  }
  ~lane_scene() { home.forget(*this); }

  /// A round is over.
  void flush() override {
    rounds.push_back(current);
    current = {};
    home.flush_later(*this);
  }

  net::worker& home;
  net::tls_certificates certificates{{}};
  net::tls_lane lane;
  std::vector<round_of_lane> rounds;
  round_of_lane current;
  std::vector<std::size_t> order; ///< of those who have shaken hands
};

/// Wants to shake hands once its client has spoken.
class shaking_client final : public net::handshake_turn,
                             public net::pollable,
                             public std::enable_shared_from_this<shaking_client> {
public:
  shaking_client(lane_scene& scene, std::size_t number) : scene_(scene), number_(number) {}

  void start() {
    std::error_code error;
    at_ = scene_.home.sockets().add(ends_.near.get(), shared_from_this(), error);
    REQUIRE_FALSE(error);
    say(ends_.far, "hello");
  }
  void stop() {
    scene_.lane.leave(*this);
    scene_.home.sockets().remove(at_);
  }
  bool refused() const { return refused_; }

private:
  void on_events(std::uint32_t /*events*/) override {
    if (scene_.lane.take_turn(*this)) {
      scene_.order.push_back(number_);
      ++scene_.current.handshakes;
    } else if (!waits()) {
      refused_ = !scene_.lane.await_turn(*this, at_);
    }
  }

  lane_scene& scene_;
  std::size_t number_;
  socket_pair ends_;
  net::poller::slot at_ = 0;
  bool refused_ = false;
};

/// Has something to read in every turn.
class talking_client final : public net::pollable,
                             public std::enable_shared_from_this<talking_client> {
public:
  explicit talking_client(lane_scene& scene) : scene_(scene) {}

  void start() {
    std::error_code error;
    at_ = scene_.home.sockets().add(ends_.near.get(), shared_from_this(), error);
    REQUIRE_FALSE(error);
    say(ends_.far, "x");
  }
  void stop() { scene_.home.sockets().remove(at_); }

private:
  void on_events(std::uint32_t /*events*/) override {
    ++scene_.current.messages;
    scene_.home.repeat(at_);
  }

  lane_scene& scene_;
  socket_pair ends_;
  net::poller::slot at_ = 0;
};

using crowd = std::vector<std::shared_ptr<shaking_client>>;

crowd start_crowd(lane_scene& scene, std::size_t size) {
  crowd result;
  for (std::size_t number = 0; number < size; ++number) {
    result.push_back(std::make_shared<shaking_client>(scene, number));
    result.back()->start();
  }
  return result;
}

} // namespace

TEST_CASE("handshakes take few turns of a round, in order, and messages go between", "[tls_lane]") {
  pool on{1};
  std::unique_ptr<lane_scene> scene;
  std::shared_ptr<talking_client> talker;
  crowd all;
  constexpr std::size_t count = 100;
  on.run_on(0, [&] { // The events of all are there before the worker looks for the first.
    scene = std::make_unique<lane_scene>(on.at(0));
    talker = std::make_shared<talking_client>(*scene);
    talker->start();
    all = start_crowd(*scene, count);
  });
  const auto until = std::chrono::steady_clock::now() + patience;
  while (on.run_on(0, [&] { return scene->order.size() < count; }))
    REQUIRE(std::chrono::steady_clock::now() < until);
  on.run_on(0, [&] {
    for (const auto& each : all)
      each->stop();
    talker->stop();
  });
  std::vector<std::size_t> order;
  std::vector<round_of_lane> rounds;
  on.run_on(0, [&] { // A round may still be counted.
    order = scene->order;
    rounds = scene->rounds;
    scene.reset();
  });
  for (std::size_t at = 0; at < order.size(); ++at) // Those of one round are in any order.
    CHECK(order[at] / net::tls_lane::at_once == at / net::tls_lane::at_once);
  std::size_t most = 0;
  std::size_t without_messages = 0;
  for (const auto& each : rounds) {
    most = std::max(most, each.handshakes);
    without_messages += each.handshakes > 0 && each.messages == 0 ? 1U : 0U;
  }
  CHECK(most == net::tls_lane::at_once);
  CHECK(without_messages <= 1); // The first may come before the talker's.
}

TEST_CASE("only so many handshakes wait, and who leaves makes room", "[tls_lane]") {
  pool on{1};
  std::unique_ptr<lane_scene> scene;
  crowd all;
  constexpr std::size_t bound = 5;
  constexpr auto let_in = net::tls_lane::at_once + bound;
  on.run_on(0, [&] {
    scene = std::make_unique<lane_scene>(on.at(0), bound);
    all = start_crowd(*scene, let_in + 3);
  });
  const auto until = std::chrono::steady_clock::now() + patience;
  while (on.run_on(0, [&] { return scene->order.size() < let_in; }))
    REQUIRE(std::chrono::steady_clock::now() < until);
  CHECK(std::count_if(all.begin(), all.end(), [](const auto& each) { return each->refused(); }) ==
        3);
  on.run_on(0, [&] {
    auto late = start_crowd(*scene, 3);
    for (const auto& each : {all, late})
      for (const auto& one : each)
        one->stop();
    CHECK(scene->lane.waiting() == 0);
    all.clear();
    late.clear();
    scene.reset();
  });
}

} // namespace klatch::test
