/// What a connection is told about itself and about who leaves, as frames. `ref`: of the frame that
/// is answered; empty: none.
#pragma once

#include "messages/frame.hpp"
#include "messages/limits.hpp"
#include "messages/role.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace klatch {

/// `{"type":"system","message":"Initial message received"}`, to the letter.
const frame& acknowledgement();

/// `{"type":"system","message":"LABEL disconnected","id":…}`: the user `id` has left.
frame encode_departure(std::string_view label, std::string_view id);

/// The answer to a registration.
struct welcome {
  std::string_view id;
  std::string_view epoch = {}; ///< empty: nothing is stored
  std::uint64_t head = 0;
  std::uint64_t floor = 1;
  bool recovered = false;
  std::chrono::seconds ping_every{25};
  std::string_view project = {};
  std::string_view name = {};
  role as = role::user;
  std::optional<std::int64_t> expires = std::nullopt; ///< of the token, seconds since 1970 UTC
  bool insecure = false;                              ///< nobody is asked for a token
  std::string_view token = {};                        ///< a guest's next one; empty: none
};

/// `{"type":"welcome","ref":…,"v":2,…,"limits":{…}}`
frame encode(const welcome& what, const limits& allowed, std::string_view ref = {});

/// `{"type":"refreshed","ref":…,"exp":…,"token":…}`; `expires`: seconds since 1970 UTC; `token`: a
/// guest's next one; empty: none.
frame encode_refreshed(std::int64_t expires, std::string_view ref = {},
                       std::string_view token = {});

/// `{"type":"expiring","in_ms":…}`
frame encode_expiring(std::chrono::milliseconds left);

/// `{"type":"reconnect","after_ms":…}`: the server stops, and the client is to come back then.
frame encode_reconnect(std::uint64_t after_ms);

/// `{"type":"pong","ref":…}`
frame encode_pong(std::string_view ref = {});

} // namespace klatch
