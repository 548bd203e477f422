/// People who write to each other over a fleet while something happens to it.
#pragma once

#include "tests/cluster/device.hpp"
#include "tests/cluster/fleet.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace klatch::clustered {

using namespace std::chrono_literals;

/// 20 users with 30 devices at all nodes send 40 messages a second in all, every seventh to one of
/// them; now and then a device is without a network for some seconds. What is done to the fleet
/// between two phases must not wait, or they all wait.
class scenario {
public:
  /// Prints its seed, which is KLATCH_CLUSTER_SEED if that is set.
  explicit scenario(std::string title, const fleet_options& options = {});
  ~scenario();

  fleet& machines() noexcept { return fleet_; }
  traffic& shared() noexcept { return traffic_; }

  /// So long nothing is wrong; deliveries and acknowledgements are counted under this name.
  void calm(std::chrono::milliseconds how_long, const std::string& name = "calm");
  /// So long something is, or heals.
  void fault(const std::string& name, std::chrono::milliseconds how_long);

  /// The same until `done`, and no longer than `longest`.
  void fault_until(const std::string& name, const std::function<bool()>& done,
                   std::chrono::milliseconds longest);

  /// Within 5 s everybody has everything; then whatever was told is there, and nothing else.
  void finish();
  /// Nobody sends anything new; returns once everybody has everything, or fails after `limit`.
  void settle(std::chrono::milliseconds limit = 5s);
  /// Compares what is stored with what was told, and looks for what is wrong with the store alone.
  void check();
  void print();
  /// How many of those that were acknowledged in an epoch, the last or the first, are not in the
  /// database, or not with the numbers that were told.
  std::size_t not_stored(const std::string& epoch);
  /// It has gone as it ought to.
  void pass();

  /// What `klatch check` says; empty: nothing is wrong.
  std::string faults_of_store();

  /// Between 0 and `most`, of the seed.
  std::uint64_t up_to(std::uint64_t most) { return traffic_.up_to(most); }

private:
  void run(std::chrono::milliseconds how_long);
  void run_until(const std::function<bool()>& done, time_point limit);
  void move(std::chrono::milliseconds at_most);
  void act(time_point now);
  void send_something();
  void take_somebody_away(time_point now);

  std::string title_;
  std::uint64_t seed_;
  bool whole_ = false; ///< it has come to its end
  fleet fleet_;
  traffic traffic_;
  std::vector<std::unique_ptr<device>> devices_;
  std::vector<device*> senders_; ///< the first of each user
  bool sending_ = true;
  time_point next_send_;
  time_point next_leave_;
  device* away_ = nullptr;
  time_point away_until_;
  double settled_after_ = 0;
};

} // namespace klatch::clustered
