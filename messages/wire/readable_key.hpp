/// The key of a frame that is not JSON.
#pragma once

#include "messages/wire/commands.hpp"

#include <string_view>

namespace klatch {

/// Returns the values of the last members `cid` and `ref` of the outermost object in `text`, which
/// need not be JSON. A value that is no string, cannot be read or has more than `max_key_bytes` is
/// empty. If `text` is JSON, the key is that of `key_of_frame`. Takes any bytes, in time linear in
/// them.
owned_key readable_key(std::string_view text);

} // namespace klatch
