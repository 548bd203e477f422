/// A number of users who write to each other.
#pragma once

#include "tests/faults/extended_device.hpp"
#include "tests/faults/plain_device.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace klatch::faults {

/// Thirteen devices of twelve users: pairs, a user with two devices, one who writes to nobody but
/// itself, three who write to all, one in the plain dialect; and a user who is never there gets
/// messages too. One thread moves them all.
class crowd {
public:
  explicit crowd(std::uint64_t seed);

  void connect(const net::tcp_endpoint& to);
  /// Lets them send and receive until then.
  void run_until(std::chrono::steady_clock::time_point end);
  /// The same until `done` says so; fails the test where that takes too long.
  void run_until(const std::function<bool()>& done);
  /// The same until `so_many` more messages are acknowledged.
  void run_for(std::uint64_t so_many);
  /// The server is gone, or going: takes what it has sent up to its end.
  void read_to_end();
  /// Nobody sends any new message; waits until everything is answered and received.
  void settle();
  /// Goes on after that.
  void set_sending(bool on);

  told_log& log() noexcept { return log_; }
  random_source& random() noexcept { return random_; }
  plain_device& plain() noexcept { return *plain_; }
  std::uint64_t were_there() const;
  std::uint64_t were_not_there() const;

private:
  void add(const std::string& user, const std::string& device, std::vector<std::string> peers);
  bool all_settled() const;
  /// Waits for one of them to have something to do, and has it done; false where all have ended.
  bool move(std::chrono::milliseconds at_most);

  random_source random_;
  told_log log_;
  std::vector<std::unique_ptr<extended_device>> devices_;
  std::unique_ptr<plain_device> plain_;
  std::vector<load_client*> clients_; ///< all of them
};

} // namespace klatch::faults
