/// What has to be true of a store's tables.
#pragma once

#include "store/sqlite/database.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace klatch::store {

/// What is not as it has to be, a sentence for each, `most` at most. Reads one state of the file.
std::vector<std::string> find_inconsistencies(database& source, std::size_t limit);

} // namespace klatch::store
