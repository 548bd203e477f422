/// What has to be true of a store before it is used.
#pragma once

#include "store/sqlite/database.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace klatch::store {

/// What a start refuses a store for, a sentence for each, `most` at most: other tables than this
/// program makes, triggers and views, an epoch or a watermark that makes no sense, ids that are
/// none, heads that do not agree with the last entries. `klatch check` reports the same, and goes
/// on to what takes longer to find. Within a transaction.
///
/// Reads each user and each conversation, the last entry of each, and what is in no index yet:
/// about 1 µs for each user or conversation.
std::vector<std::string> find_start_faults(database& source, std::size_t limit);

} // namespace klatch::store
