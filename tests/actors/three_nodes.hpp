/// Three nodes as plain values: what hears, what feeds and what holds is the product's; who asks
/// whom and when is a random schedule. Thousands of them take seconds.
#pragma once

#include "actors/cluster/hearing.hpp"
#include "actors/connection/inbox.hpp"
#include "store/cluster_times.hpp"
#include "tests/actors/fake_core.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace klatch::test {

inline constexpr std::size_t node_count = 3;
inline constexpr std::size_t user_count = 3;

/// What a schedule has in it, and what is switched off to see that it would be noticed.
struct schedule_options {
  unsigned loses = 0;   ///< frames of the bus, in a hundred
  unsigned repeats = 0; ///< likewise
  unsigned overtakes = 0;
  bool nodes_fail = false; ///< they stand still, lose their leases, die and come back
  bool links_fail = false;
  bool detects = true; ///< whoever misses something looks for it
};

/// One run of three nodes, from a seed. Time is virtual, in ms.
class three_nodes {
public:
  ~three_nodes();
  three_nodes(const three_nodes&) = delete;
  three_nodes& operator=(const three_nodes&) = delete;

  using time_point = actors::hearing::time_point;
  using ms = std::chrono::milliseconds;

  three_nodes(std::uint64_t seed, const schedule_options& chosen);

  /// Everybody writes for a while and what is drawn goes wrong; then it is quiet for as long as
  /// anything lost may take to be found. Returns what is wrong then, in a sentence; empty: nothing.
  std::string run();

private:
  struct device;
  struct node;
  using users = std::vector<std::size_t>;

  // Time.
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  bool chance(unsigned in_a_hundred) { return draw(100) < in_a_hundred; }
  void after(std::uint64_t wait, std::function<void()> what);
  /// On that node: not if its process is another one by then, and later while it stands still.
  void on(std::size_t where, std::uint64_t wait, std::function<void()> what);
  void pass(std::uint64_t time);

  // The store.
  void store(std::size_t where);
  void tell(std::size_t where, const users& whose, const std::vector<std::uint64_t>& seqs);
  void renew(std::size_t where);
  void take_lease(std::size_t where);

  // The bus, as a herald uses it.
  void publish(std::size_t from, const std::function<void(node&)>& on_arrival);
  void beat(std::size_t where);
  void hear(std::size_t where, const users& whose, const std::vector<std::uint64_t>& seqs);
  void consider(std::size_t where);
  void look(std::size_t where);

  // Devices.
  void connect(std::size_t which);
  void obey(std::size_t which);
  void arrive(std::size_t where, std::size_t user, std::uint64_t seq);
  void grow(std::size_t where, std::size_t user, std::uint64_t head);

  void go_wrong();
  void kill(std::size_t where);

  std::mt19937_64 random_;
  schedule_options chosen_;
  bool quiet_ = false;
  time_point now_{};
  std::uint64_t order_ = 0;
  std::map<std::pair<time_point, std::uint64_t>, std::function<void()>> later_;
  std::array<std::uint64_t, user_count> heads_{}; ///< the store: an entry is its number
  std::map<std::uint64_t, std::pair<store::node_row, time_point>> leases_;
  std::uint64_t last_lease_ = 0;
  std::vector<std::unique_ptr<node>> nodes_;
  std::vector<std::unique_ptr<device>> devices_;
  std::string broken_;
};

} // namespace klatch::test
