/// More sends than may wait for the disk, by script.
#pragma once

#include "tests/faults/extended_client.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace klatch::faults {

/// Sends so many messages and waits until each has been dealt with as far as it can be at once;
/// answers the cids of those that were not taken.
std::vector<std::string> send_many(extended_client& by, unsigned count, const std::string& text);

/// Registering, resuming and reading work. Clara has one message, of Anna.
void expect_others_unhurt(const net::tcp_endpoint& server, const std::string& epoch);

void expect_acks(extended_client& by, std::size_t count, std::uint64_t from_seq);

} // namespace klatch::faults
