/// How long things took, by the phase of a scenario.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

namespace klatch::clustered {

using time_point = std::chrono::steady_clock::time_point;

/// Phases one behind the other: calm ones, those with a fault, and those in which it heals.
class latencies {
public:
  void begin_phase(std::string name, bool calm);

  /// What began then is acknowledged now, or has come now.
  void acknowledged(time_point since);
  void delivered(time_point since);

  /// The longest in a phase with this in its name, in seconds.
  double longest_delivery(const std::string& name) const;

  /// A line a phase.
  void print(std::ostream& to) const;

private:
  struct phase {
    std::string name;
    bool calm;
    time_point begins;
    std::vector<double> acknowledgements; ///< in milliseconds
    std::vector<double> deliveries;
  };

  /// Of all that something has seen the first that was not calm, or else this one.
  phase& phase_of(time_point since);

  std::vector<phase> phases_;
};

} // namespace klatch::clustered
