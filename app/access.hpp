/// Who may come in, as the settings have it.
#pragma once

#include "app/config.hpp"
#include "messages/auth/access_rules.hpp"

#include <boost/asio/ip/address.hpp>

namespace klatch::app {

/// Reads the keys. Throws `config_error` for one that is wrong, and where nobody would be asked for
/// a token on an address that others than this machine reach, unless that is what `--insecure`
/// says.
access_rules_ptr read_access(const config& options);

/// Throws `config_error` if others than this machine reach `address`: for open mode.
void check_only_this_machine(const boost::asio::ip::address& address);

} // namespace klatch::app
