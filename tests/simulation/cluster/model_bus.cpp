#include "tests/simulation/cluster/model_bus.hpp"

#include "messages/bus/bus_frame.hpp"
#include "tests/simulation/coverage.hpp"

#include <algorithm>
#include <utility>

namespace klatch::simulation {

namespace {

constexpr us connecting_takes = 5 * ms;
constexpr us noticing_takes = 500 * ms;
constexpr us overtaking_takes = 100 * ms;

} // namespace

class model_bus::link final : public actors::bus_link {
public:
  link(model_bus& on, std::size_t node) : bus_(on), node_(node) {}

  void start(events calls) override {
    calls_ = std::move(calls);
    bus_.machine_.after(connecting_takes,
                        bus_.turn(node_, [this, self = shared()] { try_once(); }));
  }
  bool publish(std::string frame) noexcept override {
    if (!up_ || frame.size() > max_frame())
      return false;
    bus_.send(node_, frame);
    return true;
  }
  std::size_t max_frame() const noexcept override { return bus_.chosen_.bus_frame; }
  void stop() noexcept override {
    calls_ = {};
    up_ = false;
  }
  actors::link_figures figures() const noexcept override { return {}; }

  void hear(std::string frame) const {
    if (up_ && calls_.on_frame)
      calls_.on_frame(std::move(frame));
  }
  void lose() const {
    if (up_ && calls_.on_lost)
      calls_.on_lost();
  }
  /// It is cut off, or is not any more, and notices.
  void look() {
    if (up_ == bus_.is_cut(node_))
      become(!up_);
  }

private:
  std::shared_ptr<link> shared() const { return bus_.links_.at(node_); }

  void try_once() {
    if (up_)
      return;
    if (bus_.is_cut(node_) && calls_.on_state)
      calls_.on_state(false);
    else
      become(true);
  }
  void become(bool up) {
    if (!calls_.on_state)
      return;
    up_ = up;
    bus_.machine_.tell("node " + std::to_string(node_), {},
                       up ? "the bus is up" : "the bus is down");
    calls_.on_state(up);
  }

  model_bus& bus_;
  std::size_t node_;
  bool up_ = false;
  events calls_;
};

model_bus::model_bus(machine& on, const options& chosen, std::uint64_t seed)
    : machine_(on), chosen_(chosen), luck_(seed, purpose::bus), links_(chosen.nodes),
      cut_until_(chosen.nodes), last_(chosen.nodes * chosen.nodes) {}
model_bus::~model_bus() = default;

task model_bus::turn(std::size_t node, std::function<void()> run) const {
  constexpr std::uint64_t bus_from = 1ULL << 47U;
  return {task::kind::wire, bus_from + node, std::move(run), static_cast<unsigned>(node + 1)};
}

std::shared_ptr<actors::bus_link> model_bus::connect(std::size_t node) {
  sever(node);
  return links_.at(node) = std::make_shared<link>(*this, node);
}

void model_bus::sever(std::size_t node) {
  if (const auto before = std::exchange(links_.at(node), nullptr))
    before->stop();
}

// -- frames ---------------------------------------------------------------------------------------

void model_bus::send(std::size_t from, const std::string& frame) {
  for (std::size_t to = 0; to < links_.size(); ++to)
    if (to != from)
      send_to(from, to, frame);
}

void model_bus::send_to(std::size_t from, std::size_t to, const std::string& frame) {
  if (is_cut(from) || is_cut(to) || links_[to] == nullptr)
    return;
  auto wait = 1 + static_cast<us>(luck_.around(static_cast<std::uint64_t>(chosen_.bus_latency)));
  if (machine_.is_fair()) {
    deliver(from, to, frame, wait);
    return;
  }
  if (luck_.chance(chosen_.bus_loses)) {
    reached(frame.size() > bus_header_bytes ? "a frame of the bus is lost" : "a heartbeat is lost");
    constexpr double is_noticed = 0.1;
    if (luck_.chance(is_noticed))
      machine_.after(wait, turn(to, [lost = links_[to]] { lost->lose(); }));
    return;
  }
  if (luck_.chance(chosen_.bus_repeats))
    deliver(from, to, frame, wait + static_cast<us>(luck_.below(overtaking_takes)));
  if (luck_.chance(chosen_.bus_reorders)) {
    reached("a frame of the bus is overtaken");
    wait += static_cast<us>(luck_.below(overtaking_takes));
    machine_.after(wait, turn(to, [hears = links_[to], frame] { hears->hear(frame); }));
    return;
  }
  deliver(from, to, frame, wait);
}

/// In the order in which they were published.
void model_bus::deliver(std::size_t from, std::size_t to, std::string frame, us wait) {
  auto& last = last_.at(from * links_.size() + to);
  last = std::max(last, machine_.now() + wait);
  machine_.note(to, frame);
  machine_.at(last, turn(to, [hears = links_[to], text = std::move(frame)] { hears->hear(text); }));
}

// -- faults ---------------------------------------------------------------------------------------

void model_bus::cut(std::size_t node, us lasts) {
  auto& until = cut_until_.at(node);
  until = std::max(until, machine_.now() + lasts);
  const auto look = [this, node] {
    if (links_[node] != nullptr)
      links_[node]->look();
  };
  if (luck_.below(2) == 0) {
    reached("a node notices that its bus is cut");
    machine_.after(static_cast<us>(luck_.below(noticing_takes)), turn(node, look));
  }
  machine_.at(until + 1 + static_cast<us>(luck_.below(noticing_takes)), turn(node, look));
}

void model_bus::mend() {
  std::fill(cut_until_.begin(), cut_until_.end(), 0);
  for (std::size_t node = 0; node < links_.size(); ++node)
    machine_.after(1, turn(node, [this, node] {
                     if (links_[node] != nullptr)
                       links_[node]->look();
                   }));
}

} // namespace klatch::simulation
