/// The key of a frame that is not JSON.
#pragma once

#include <string>
#include <string_view>

namespace klatch {

/// Returns the value of the last member `cid` of the outermost object in `text`, which need not be
/// JSON, if that value is a string that can be read; else nothing, as also for one of more than
/// `max_cid_bytes`. Where `text` is JSON it is what `interpret` finds. Takes any bytes, in time
/// linear in them.
std::string readable_cid(std::string_view text);

} // namespace klatch
