/// What the machine allows for connections of one process.
#pragma once

#include <cstddef>

namespace load {

/// Raises the limit of open descriptors until `connections` fit. Throws `failure` if that is not
/// allowed.
void allow_descriptors(std::size_t connections);

/// How many source addresses that many connections to one address and port need, by the range of
/// ephemeral ports.
std::size_t source_addresses_for(std::size_t connections);

} // namespace load
