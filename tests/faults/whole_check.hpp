/// All that is stored, read through the protocol and compared with all that was told.
#pragma once

#include "net/accept/socket.hpp"
#include "tests/faults/told_log.hpp"

namespace klatch::faults {

/// Reads each inbox from its beginning and each conversation page by page, while nobody sends.
void check_all_stored(const net::tcp_endpoint& server, told_log& log);

} // namespace klatch::faults
