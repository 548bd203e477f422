/// Several worlds that share a store, or have none: the nodes of a cluster, in one process and
/// under virtual time.
#pragma once

#include "actors/cluster/bus_link.hpp"
#include "messages/bus/bus_frame.hpp"
#include "store/cluster_times.hpp"
#include "store/membership.hpp"
#include "tests/actors/stored_world.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace klatch::test {

/// A bus between links in one process, which does what a test tells it to.
class model_bus {
public:
  class link;

  std::size_t max_frame = max_bus_frame_bytes;
  /// Whether a frame from one node gets to another; a test may lose it, or keep it for later.
  std::function<bool(std::size_t from, std::size_t to, const std::string& bytes)> delivers;

  std::shared_ptr<link> add();
  link& at(std::size_t index) { return *links_.at(index); }
  void send(std::size_t from, const std::string& bytes);

private:
  std::vector<std::shared_ptr<link>> links_;
};

class model_bus::link final : public actors::bus_link {
public:
  link(model_bus& on, std::size_t index) : bus_(on), index_(index) {}

  void start(events calls) override {
    calls_ = std::move(calls);
    set_up(true);
  }
  bool publish(std::string frame) noexcept override {
    if (!up_ || frame.size() > bus_.max_frame)
      return false;
    ++published;
    bus_.send(index_, frame);
    return true;
  }
  std::size_t max_frame() const noexcept override { return bus_.max_frame; }
  void stop() noexcept override {
    up_ = false;
    calls_ = {};
  }
  actors::link_figures figures() const noexcept override { return {}; }

  void set_up(bool up) {
    up_ = up;
    if (calls_.on_state)
      calls_.on_state(up);
  }
  void hear(const std::string& bytes) {
    if (up_ && calls_.on_frame)
      calls_.on_frame(bytes);
  }
  void lose() {
    if (calls_.on_lost)
      calls_.on_lost();
  }

  std::size_t published = 0;

private:
  model_bus& bus_;
  std::size_t index_;
  bool up_ = false;
  events calls_;
};

inline std::shared_ptr<model_bus::link> model_bus::add() {
  links_.push_back(std::make_shared<link>(*this, links_.size()));
  return links_.back();
}

inline void model_bus::send(std::size_t from, const std::string& bytes) {
  for (std::size_t to = 0; to < links_.size(); ++to)
    if (to != from && (!delivers || delivers(from, to, bytes)))
      links_[to]->hear(bytes);
}

/// The leases of nodes, without a clock: a test ends them.
class model_leases {
public:
  class lease final : public store::membership {
  public:
    lease(model_leases& in, std::string name) : in_(in), name_(std::move(name)) {}

    store::cluster_view renew(const store::node_state& now) override {
      if (in_.unreachable)
        throw store::unavailable{"the test has it so"};
      if (in_.rows_.count(incarnation) == 0)
        incarnation = ++in_.last_;
      in_.rows_[incarnation] = {incarnation, name_, bus_version, now};
      store::cluster_view view{incarnation, in_.control, in_.epoch, {}};
      for (const auto& [number, row] : in_.rows_)
        view.living.push_back(row);
      return view;
    }
    void leave() override { in_.rows_.erase(incarnation); }

    std::uint64_t incarnation = 0;

  private:
    model_leases& in_;
    std::string name_;
  };

  std::shared_ptr<lease> make(std::string name) {
    return std::make_shared<lease>(*this, std::move(name));
  }
  void end(std::uint64_t incarnation) { rows_.erase(incarnation); }

  bool unreachable = false;
  std::string epoch = "e";
  std::uint64_t control = 0;

private:
  std::map<std::uint64_t, store::node_row> rows_;
  std::uint64_t last_ = 0;
};

/// Nodes that run by turns, one message of each at a time, and whose time passes together.
class nodes {
public:
  explicit nodes(std::size_t count,
                 std::shared_ptr<store::message_store> shared = store::make_memory_store("e"))
      : nodes(count, {.store = std::move(shared)}) {}
  /// Each as `common` has it; without a store nothing is stored.
  nodes(std::size_t count, world_options common) : store(common.store), common_(std::move(common)) {
    for (std::size_t index = 0; index < count; ++index)
      add();
    settle();
  }
  ~nodes() {
    while (!worlds_.empty())
      worlds_.pop_back();
  }
  nodes(const nodes&) = delete;
  nodes& operator=(const nodes&) = delete;

  world& operator[](std::size_t index) { return *worlds_.at(index); }

  void add() {
    auto chosen = common_;
    if (store != nullptr)
      leased.push_back(leases.make("node-" + std::to_string(worlds_.size())));
    chosen.cluster =
        actors::cluster_access{.lease = store == nullptr ? nullptr : leased.back(),
                               .link = bus.add(),
                               .signs = std::make_shared<actors::node_signs>(),
                               .on_control =
                                   [this](std::uint64_t number) {
                                     if (on_control)
                                       on_control(number);
                                   },
                               .incarnation = store == nullptr ? 1'000 * (worlds_.size() + 1) : 0};
    worlds_.push_back(std::make_unique<world>(chosen));
  }

  /// Runs until nothing is left to do without time passing.
  void run() {
    bool more = true;
    while (more) {
      more = false;
      for (const auto& each : worlds_)
        more = each->run() > 0 || more;
    }
  }
  void advance(std::chrono::milliseconds time) {
    run();
    constexpr std::chrono::milliseconds step{10};
    for (auto passed = std::chrono::milliseconds{0}; passed < time; passed += step) {
      for (const auto& each : worlds_)
        each->scheduler().advance_time(std::min(step, time - passed));
      run();
    }
  }
  /// Until all have heard of each other, and have looked once.
  void settle() { advance(std::chrono::seconds{3}); }

  std::shared_ptr<store::message_store> store;
  model_bus bus;
  model_leases leases;
  std::vector<std::shared_ptr<model_leases::lease>> leased;
  actors::control_handler on_control; ///< of every node

private:
  world_options common_;
  std::vector<std::unique_ptr<world>> worlds_;
};

} // namespace klatch::test
