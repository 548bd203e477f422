/// What is to happen in a run, drawn before it begins.
#pragma once

#include "tests/simulation/options.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace klatch::simulation {

/// Something that happens at its time, whatever else does. It draws what it has to choose from
/// random numbers of its own: so an event that is left out changes no other.
struct event {
  us at;
  std::size_t number; ///< among all of the run
  std::variant<action, fault> what;
  std::size_t device = 0; ///< of an action
};

struct planned_device {
  std::size_t user;
  bool plain;
};

struct plan {
  std::vector<planned_device> devices;
  std::vector<event> events; ///< by their times
  us span = 0;
};

plan make_plan(std::uint64_t seed, const options& chosen);

/// "3-17,20": numbers of events. Throws `std::invalid_argument`.
std::set<std::size_t> parse_numbers(std::string_view text);
std::string format_numbers(const std::set<std::size_t>& numbers);

} // namespace klatch::simulation
