/// Who a request comes from, where proxies stand between.
#pragma once

#include "net/trusted_proxies.hpp"

#include <boost/asio/ip/address.hpp>

#include <string_view>

namespace klatch::net {

/// Returns the client's address. `chain`: the list of addresses that proxies have written, as
/// `X-Forwarded-For` has it, each proxy behind those before it. It is walked from the right as long
/// as who has written an entry is trusted: the first address that is not is the client. What is no
/// address ends the walk. So a client that writes entries of its own only adds what is not read.
boost::asio::ip::address client_address(const boost::asio::ip::address& peer,
                                        std::string_view chain, const trusted_proxies& trusted);

} // namespace klatch::net
