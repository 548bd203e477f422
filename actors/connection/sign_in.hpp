/// Who a registration is, by the rules of the service.
#pragma once

#include "actors/connection/identity.hpp"
#include "messages/auth/access_rules.hpp"
#include "messages/auth/token.hpp"
#include "messages/errors.hpp"
#include "messages/wire/commands.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace klatch::actors {

/// Somebody who may come in.
struct admitted {
  person who;
  std::optional<std::int64_t> expires; ///< seconds since 1970 UTC; nothing: no token was asked for
  std::string token = {};              ///< a guest's next one; empty: none
};

/// Somebody who may not.
struct turned_down {
  error_code code = error_code::unauthorized;
  std::string text = {};   ///< for the client; empty: the table's own
  std::string logged = {}; ///< for the operator; empty: it is no attempt to sign in
  bool counts = false;     ///< as a token that nobody has signed, against the client's address
};

/// A visitor without a token who may become a guest: see `make_guest`.
struct guest_wanted {};

using sign_in_result = std::variant<admitted, turned_down, guest_wanted>;

/// A registration, and what is known besides.
struct sign_in_request {
  const registration& asked;
  std::string_view token; ///< of the frame, or else of the upgrade; empty: there is none
  const identity& me;     ///< who the connection is already; nobody: it has not registered
  std::int64_t now;       ///< seconds since 1970 UTC
  bool renews = false;    ///< it is a `refresh`: a guest's token is followed by the next one
};

/// Returns who it is. In open mode that is who the frame says; otherwise who the token says, and
/// what the frame says of it has to be the same. `unavailable`: the token's key is looked for.
sign_in_result sign_in(const sign_in_request& request, const access_rules& rules);

/// Returns who a visitor is from now on, after `guest_wanted`. Throws `std::runtime_error` if the
/// system has no random bytes.
admitted make_guest(const sign_in_request& request, const access_rules& rules);

} // namespace klatch::actors
