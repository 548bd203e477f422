/// Faults that are put in on purpose, to see that they are found. Only a build that
/// tests/simulation/instrument.mjs has prepared has any.
#pragma once

#include <string_view>
#include <vector>

namespace klatch::simulation {

/// Which one is in; 0: none.
inline unsigned chosen_mutation = 0;

inline bool is_mutant(unsigned number) noexcept { return chosen_mutation == number; }

/// In the order of their numbers, from 1 on. `instrument.mjs` writes them.
const std::vector<const char*>& mutation_names();

/// Puts one in. Returns false if there is none of that name.
inline bool choose_mutation(std::string_view name) {
  const auto& all = mutation_names();
  for (unsigned at = 0; at < all.size(); ++at)
    if (all[at] == name) {
      chosen_mutation = at + 1;
      return true;
    }
  return false;
}

} // namespace klatch::simulation
