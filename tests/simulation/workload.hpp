/// What devices do of their own accord.
#pragma once

#include "tests/simulation/device.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"

namespace klatch::simulation {

/// Has a device do something. What it needs to choose it draws from `with`. One that is not
/// connected comes, whatever it was to do.
void perform(action what, device& by, const neighbourhood& around, random& with);

} // namespace klatch::simulation
