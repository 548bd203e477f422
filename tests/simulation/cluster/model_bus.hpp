/// What stands for NATS, or for NOTIFY: the bus that joins the nodes of a run.
#pragma once

#include "actors/cluster/bus_link.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace klatch::simulation {

/// Loses frames, repeats them and lets them overtake each other, as the options say: more than a
/// bus promises not to do. What is published while a node is cut off is lost; some links notice
/// that they are, and some do not.
class model_bus {
public:
  model_bus(machine& on, const options& chosen, std::uint64_t seed);
  ~model_bus();
  model_bus(model_bus&&) = delete;
  model_bus& operator=(model_bus&&) = delete;

  /// The link of a node's next start; the one of its start before is cut for good.
  std::shared_ptr<actors::bus_link> connect(std::size_t node);
  /// Its process is no more.
  void sever(std::size_t node);
  void cut(std::size_t node, us lasts);
  void mend();

private:
  class link;

  void send(std::size_t from, const std::string& frame);
  void send_to(std::size_t from, std::size_t to, const std::string& frame);
  void deliver(std::size_t from, std::size_t to, std::string frame, us wait);
  bool is_cut(std::size_t node) const { return cut_until_.at(node) > machine_.now(); }
  task turn(std::size_t node, std::function<void()> run) const;

  machine& machine_;
  const options& chosen_;
  random luck_;
  std::vector<std::shared_ptr<link>> links_; ///< by node; null: it has none
  std::vector<us> cut_until_;
  std::vector<us> last_; ///< by who publishes and who hears: when what was published last arrives
};

} // namespace klatch::simulation
